/// JPEG: ITU-T T.81 with JFIF, Exif, ICC, XMP, MPF and Adobe APP14. See README.md.
#pragma once

#include "formats/format.h"

namespace datavet {

/// Judges JPEGs in memory, to the last bit of their scans. Two side by side are faster than one after the other.
extern const Format jpeg_format;

} // namespace datavet
