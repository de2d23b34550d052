/// T.81 F.2.2.1.
#pragma once

#include <cstdint>

namespace datavet::jpeg {

/// EXTEND: the value that `size` bits at the head of `bits` stand for: themselves when the first is a one,
/// else the negative of what their complements stand for. At most 16; none stand for zero.
inline std::int32_t extend(std::uint64_t bits, unsigned size) {
  // Without a jump: nobody can predict the sign of noise.
  const std::uint64_t negative = ~static_cast<std::uint64_t>(static_cast<std::int64_t>(bits) >> 63);
  const std::uint64_t magnitude = (bits ^ negative) >> 1 >> (63 - size);
  return static_cast<std::int32_t>((magnitude ^ negative) - negative);
}

} // namespace datavet::jpeg
