/// CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of TFRecord.
#pragma once

#include <cstdint>
#include <span>

#include "formats/bytes/bytes.h"
#include "formats/checksum/crc_variant.h"

namespace datavet {

/// CRC-32C of `bytes`, continuing `crc` (the value returned for the bytes before them).
/// crc32c of "123456789" is 0xe3069283. Uses the best variant that this processor has.
std::uint32_t crc32c(Bytes bytes, std::uint32_t crc = 0);

/// Best first; the last is always available.
std::span<const CrcVariant> crc32c_variants();
/// The one that crc32c() uses.
const CrcVariant &crc32c_in_use();

} // namespace datavet
