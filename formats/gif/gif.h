/// CompuServe's Graphics Interchange Format, GIF87a and GIF89a, still or animated.
/// Our own check follows every LZW code, so no decoder is asked.
#pragma once

#include "formats/format.h"

namespace datavet {

extern const Format gif_format;

} // namespace datavet
