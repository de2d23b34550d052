/// Adler-32 (RFC 1950 8.2): the checksum at the end of a zlib stream.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet {

/// By libdeflate, which chooses among the processor's instructions itself. `adler` starts at 1.
std::uint32_t adler32(Bytes bytes, std::uint32_t adler = 1);

} // namespace datavet
