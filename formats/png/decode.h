/// libpng, as a worker process asks it.
#pragma once

#include <string>

#include "formats/decoder.h"

namespace datavet {

/// Reads every row and every chunk as OpenCV, torchvision and TensorFlow would, and keeps no pixel.
void png_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence);
std::string png_library_version();

inline constexpr Decoder png_decoder{"png", "libpng", png_decode, nullptr, png_library_version};

} // namespace datavet
