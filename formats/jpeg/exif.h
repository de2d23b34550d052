/// Exif in APP1 (CIPA DC-008): a TIFF file without strips.
#pragma once

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"

namespace datavet::jpeg {

/// `tiff`: what follows "Exif\0\0"; `offset`: where that lies in the sample. Fills facts.orientation.
/// Adds at most one finding of each rule: metadata is no picture.
void read_exif(Bytes tiff, std::uint64_t offset, Evidence &evidence);

} // namespace datavet::jpeg
