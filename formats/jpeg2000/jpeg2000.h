/// JPEG 2000: JP2 and JPX files, and bare codestreams. Our check covers the structure to the last
/// tile-part; whether the code-blocks decode is asked of OpenCV (OpenJPEG) from depth content on.
#pragma once

#include "formats/format.h"

namespace datavet {

extern const Format jpeg2000_format;

} // namespace datavet
