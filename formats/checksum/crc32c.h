/// CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of TFRecord.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "formats/bytes/bytes.h"

namespace datavet {

/// CRC-32C of `bytes`, continuing `crc` (the value returned for the bytes before them).
/// crc32c of "123456789" is 0xe3069283. Uses the best variant that this processor has.
std::uint32_t crc32c(Bytes bytes, std::uint32_t crc = 0);

/// One way to compute it: the tests run every one that this processor has, and hold them equal.
struct Crc32cVariant {
  std::string_view name; ///< "sse4.2+pclmul", "portable"
  bool (*available)();
  std::uint32_t (*compute)(Bytes bytes, std::uint32_t crc);
};

/// Best first; the last is always available.
std::span<const Crc32cVariant> crc32c_variants();
/// The one that crc32c() uses.
const Crc32cVariant &crc32c_in_use();

} // namespace datavet
