/// WebP: the RIFF container, its chunks and the headers of its VP8 and VP8L streams.
/// Pixels are judged by libwebp (decode.h), which the pipeline asks from Depth::content on.
#pragma once

#include "formats/format.h"

namespace datavet {

extern const Format webp_format;

} // namespace datavet
