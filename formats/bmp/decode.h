/// BMP by OpenCV.
#pragma once

#include "formats/decoder.h"
#include "formats/opencv_decode.h"

namespace datavet {

void bmp_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence);
void bmp_warm_up();

inline constexpr Decoder bmp_decoder{"bmp", "opencv", bmp_decode, bmp_warm_up, opencv_version};

} // namespace datavet
