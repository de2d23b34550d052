/// JPEG 2000 by OpenCV (OpenJPEG).
#pragma once

#include "formats/decoder.h"
#include "formats/opencv_decode.h"

namespace datavet {

void jpeg2000_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence);
void jpeg2000_warm_up();

inline constexpr Decoder jpeg2000_decoder{"jpeg2000", "opencv", jpeg2000_decode, jpeg2000_warm_up,
                                          opencv_version};

} // namespace datavet
