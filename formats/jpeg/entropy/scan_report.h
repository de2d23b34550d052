/// What the check of scan data found, as findings.
#pragma once

#include <string>

#include "formats/evidence.h"
#include "formats/jpeg/entropy/scan_data.h"

namespace datavet::jpeg {

/// Adds at most one finding for what spoils the picture, and one for each kind of left-over bits.
void report(const Picture &picture, Evidence &evidence);

/// "from MCU 812 of 2961 on, row 208 of 375: 72.6 % lost": `lost` MCUs of a scan (an index), the first is
/// `mcu`.
std::string describe_loss(const Structure &structure, std::size_t scan, std::uint64_t mcu,
                          std::uint64_t lost);

} // namespace datavet::jpeg
