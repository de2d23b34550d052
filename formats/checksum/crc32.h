/// CRC-32 (ISO 3309, PNG 3rd ed. annex D): the checksum of PNG chunks and of gzip.
#pragma once

#include <cstdint>
#include <span>

#include "formats/bytes/bytes.h"
#include "formats/checksum/adler32.h" // the other checksum of deflate streams
#include "formats/checksum/crc_variant.h"

namespace datavet {

/// CRC-32 of `bytes`, continuing `crc` (the value returned for the bytes before them).
/// crc32 of "123456789" is 0xcbf43926. Uses the best variant that this processor has.
std::uint32_t crc32(Bytes bytes, std::uint32_t crc = 0);

/// Best first; the last is always available.
std::span<const CrcVariant> crc32_variants();
/// The one that crc32() uses.
const CrcVariant &crc32_in_use();

} // namespace datavet
