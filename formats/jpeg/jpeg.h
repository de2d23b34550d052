/// JPEG: ITU-T T.81 with JFIF, Exif, ICC, XMP, MPF and Adobe APP14. See README.md.
#pragma once

#include "formats/format.h"

namespace datavet {

/// Judges one JPEG in memory; T.81's entropy coding itself is left to the decoder.
extern const Format jpeg_format;

} // namespace datavet
