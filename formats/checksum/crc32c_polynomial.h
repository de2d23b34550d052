/// Arithmetic modulo the Castagnoli polynomial, at compile time: what the variants' tables are made of.
#pragma once

#include <cstdint>

namespace datavet::castagnoli {

/// RFC 3720 12.1: 0x11EDC6F41. Here and below the bits are reflected, as the CRC reads them: the
/// coefficient of x^0 is bit 31, and the leading x^32 is understood.
inline constexpr std::uint32_t polynomial = 0x82f63b78;

constexpr std::uint32_t times_x(std::uint32_t factor) {
  return (factor >> 1) ^ ((factor & 1) != 0 ? polynomial : 0);
}

/// factor * x^power. A CRC times x^(8n) is what it becomes when n zero bytes follow.
constexpr std::uint32_t times_x_to(std::uint32_t factor, unsigned power) {
  for (; power > 0; --power) factor = times_x(factor);
  return factor;
}

inline constexpr std::uint32_t one = 0x80000000; ///< x^0

} // namespace datavet::castagnoli
