/// libtiff's answer: every strip and tile of every page, as stored.
#pragma once

#include "formats/decoder.h"

namespace datavet {

void tiff_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence);
void tiff_warm_up();
std::string tiff_version();

inline constexpr Decoder tiff_decoder{"tiff", "libtiff", tiff_decode, tiff_warm_up, tiff_version};

} // namespace datavet
