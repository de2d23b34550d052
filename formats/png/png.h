/// PNG (third edition, W3C 2025) and APNG.
/// check() alone judges every byte up to Depth::content; libpng is asked at Depth::decode only.
#pragma once

#include "formats/format.h"

namespace datavet {

extern const Format png_format;

} // namespace datavet
