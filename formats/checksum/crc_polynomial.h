/// Arithmetic modulo the polynomial of a CRC, at compile time: every table and factor is computed, none is
/// copied from elsewhere.
#pragma once

#include <cstdint>

namespace datavet {

/// Polynomials are reflected, as the CRC reads bits: the coefficient of x^0 is bit 31. In the modulus the
/// leading x^32 is understood.
template <std::uint32_t modulus> struct CrcPolynomial {
  static constexpr std::uint32_t one = 0x80000000; ///< x^0

  static constexpr std::uint32_t times_x(std::uint32_t factor) {
    return (factor >> 1) ^ ((factor & 1) != 0 ? modulus : 0);
  }

  /// factor * x^power. A CRC times x^(8n) is what it becomes when n zero bytes follow.
  static constexpr std::uint32_t times_x_to(std::uint32_t factor, unsigned power) {
    for (; power > 0; --power) factor = times_x(factor);
    return factor;
  }
};

/// RFC 3720 12.1: 0x11EDC6F41.
using Castagnoli = CrcPolynomial<0x82f63b78>;
/// ISO 3309, PNG 3rd ed. annex D: x^32 + x^26 + x^23 + x^22 + x^16 + x^12 + x^11 + x^10 + x^8 + x^7 + x^5 +
/// x^4 + x^2 + x + 1.
using Iso3309 = CrcPolynomial<0xedb88320>;

} // namespace datavet
