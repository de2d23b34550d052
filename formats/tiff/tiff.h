/// TIFF 6.0 and BigTIFF: header, directories, tags, strips and tiles.
/// Pixels are judged by libtiff (decode.h), which the pipeline asks from Depth::content on.
#pragma once

#include "formats/format.h"

namespace datavet {

extern const Format tiff_format;

} // namespace datavet
