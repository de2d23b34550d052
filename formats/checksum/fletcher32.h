/// Fletcher-32 as HDF5 computes it: big-endian words of 16 bits; an odd last byte is the high half of one.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet {

/// fletcher32 of the bytes 1, 2, 3 is 0x05040402.
std::uint32_t fletcher32(Bytes bytes);

} // namespace datavet
