/// libjpeg-turbo as the real decoder of JPEG.
#pragma once

#include <string>

#include "formats/decoder.h"

namespace datavet {

/// Decodes every row, in small steps of input: in larger ones libjpeg-turbo takes a path that is silent on
/// invalid Huffman codes.
void jpeg_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence);
void jpeg_warm_up();
std::string jpeg_version();

inline constexpr Decoder jpeg_decoder{"jpeg", "libjpeg-turbo", jpeg_decode, jpeg_warm_up, jpeg_version};

} // namespace datavet
