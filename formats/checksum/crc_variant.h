/// The ways to compute a CRC, and which of them this process uses.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "formats/bytes/bytes.h"

namespace datavet {

/// One way to compute a CRC: the tests run every one that this processor has, and hold them equal.
struct CrcVariant {
  std::string_view name; ///< "vpclmul", "pclmul", "armv8", "portable": README.md says what they need
  bool (*available)();   ///< whether this processor has the instructions
  std::uint32_t (*compute)(Bytes bytes, std::uint32_t crc);
};

/// The variant named by `wish` when this processor has it, else the first that it has. `variants` are best
/// first, and the last is always available.
const CrcVariant &choose_variant(std::span<const CrcVariant> variants, std::string_view wish);

/// What the environment variable DATAVET_CPU asks for; read once, at the first checksum. Empty = the best.
std::string_view wished_variant();

} // namespace datavet
