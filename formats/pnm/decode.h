/// PNM and PAM by OpenCV.
#pragma once

#include "formats/decoder.h"
#include "formats/opencv_decode.h"

namespace datavet {

void pnm_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence);
void pnm_warm_up();

inline constexpr Decoder pnm_decoder{"pnm", "opencv", pnm_decode, pnm_warm_up, opencv_version};

} // namespace datavet
