/// libwebp's answer: the demuxer as Pillow uses it, then every frame.
#pragma once

#include "formats/decoder.h"

namespace datavet {

void webp_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence);
void webp_warm_up();
std::string webp_version();

inline constexpr Decoder webp_decoder{"webp", "libwebp", webp_decode, webp_warm_up, webp_version};

} // namespace datavet
