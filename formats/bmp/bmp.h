/// Windows and OS/2 bitmaps (BMP), and bare DIBs without a file header.
/// Our own check judges every byte, so OpenCV is asked at depth decode only.
#pragma once

#include "formats/format.h"

namespace datavet {

extern const Format bmp_format;

} // namespace datavet
