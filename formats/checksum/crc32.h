/// CRC-32 (ISO 3309, PNG annex D) and Adler-32 (RFC 1950), by libdeflate.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet {

std::uint32_t crc32(Bytes bytes, std::uint32_t crc = 0);
/// `adler` starts at 1.
std::uint32_t adler32(Bytes bytes, std::uint32_t adler = 1);

} // namespace datavet
