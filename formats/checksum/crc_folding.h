/// A CRC by carry-less multiplication (Gopal and others, "Fast CRC Computation for Generic Polynomials Using
/// PCLMULQDQ Instruction", Intel 2009).
///
/// The CRC is a remainder modulo P, so bytes may be replaced by others of the same remainder. Sixteen bytes
/// (L, H) that stand D bits before sixteen others can be added to those, once multiplied by x^D:
///
///     (L x^64 + H) x^D  =  L x^(D+64)  +  H x^D         (mod P)
///
/// which is two products of 64 bits by 32, as the powers of x are reduced modulo P beforehand. So the message
/// is folded into a few vectors, those into one; and what is left of the message is that vector and a
/// tail shorter than a vector: short enough for any other way.
///
/// Written once for vectors of any width: the tests run wide ones, with the instructions done in
/// software, on processors that have none of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "formats/bytes/bytes.h"
#include "formats/checksum/crc_polynomial.h"

namespace datavet {

/// What moves sixteen bytes over a distance: for the half that comes first in memory, and for the other.
struct FoldFactors {
  std::uint64_t low, high;
};

/// The product of two reflected numbers carries one x more than the numbers say: hence the -1. A power of x
/// fills 32 bits of a reflected 64-bit number, the upper ones.
template <class Polynomial> constexpr FoldFactors fold_factors(std::size_t bytes) {
  const unsigned bits = static_cast<unsigned>(8 * bytes);
  return {std::uint64_t{Polynomial::times_x_to(Polynomial::one, bits + 64 - 1)} << 32,
          std::uint64_t{Polynomial::times_x_to(Polynomial::one, bits - 1)} << 32};
}

/// `Unit` has a type Vector of one or more lanes of 16 bytes; `abreast`, how many sums it takes to hide how
/// long a product takes; and static functions load(from), store(vector, into), spread(factors) to every
/// lane, and fold(sum, factors, next), for each lane: low half times factor low + high half times factor
/// high + next. `short_crc` computes the same CRC, of what is too short to fold.
template <class Polynomial, class Unit, std::uint32_t (*short_crc)(Bytes, std::uint32_t)> class CrcByFolding {
public:
  static std::uint32_t compute(Bytes bytes, std::uint32_t crc) {
    if (bytes.size() < shortest) return short_crc(bytes, crc);
    return fold(bytes.data(), bytes.size(), crc, std::make_index_sequence<Unit::abreast>{});
  }

private:
  using Vector = typename Unit::Vector;
  static constexpr std::size_t width = sizeof(Vector), stride = Unit::abreast * width;
  /// Below, folding costs more than it gains.
  static constexpr std::size_t shortest = stride < 512 ? 512 : stride;
  /// How far ahead memory is asked for: a page. The processor's own guesses stop at the end of one.
  static constexpr std::size_t ahead = 4096;

  template <std::size_t... i>
  static std::uint32_t fold(const std::uint8_t *at, std::size_t left, std::uint32_t crc,
                            std::index_sequence<i...>) {
    Vector sums[] = {Unit::load(at + i * width)...};
    sums[0] = begun_with(crc, at);
    at += stride;
    left -= stride;

    const Vector over_stride = Unit::spread(fold_factors<Polynomial>(stride));
    for (; left >= stride; at += stride, left -= stride) {
      if (left >= stride + ahead)
        for (std::size_t line = 0; line < stride; line += 64) __builtin_prefetch(at + ahead + line);
      ((sums[i] = Unit::fold(sums[i], over_stride, Unit::load(at + i * width))), ...);
    }

    const Vector over_one = Unit::spread(fold_factors<Polynomial>(width));
    Vector sum = sums[0];
    ((sum = i == 0 ? sum : Unit::fold(sum, over_one, sums[i])), ...);
    for (; left >= width; at += width, left -= width) sum = Unit::fold(sum, over_one, Unit::load(at));

    std::uint8_t folded[width];
    Unit::store(sum, folded);
    constexpr std::uint32_t nothing_before = ~0u; // the CRC is kept complemented: this is a remainder of 0
    return short_crc({at, left}, short_crc({folded, width}, nothing_before));
  }

  /// The first vector, with the remainder of what came before the message added to its first four bytes.
  static Vector begun_with(std::uint32_t crc, const std::uint8_t *at) {
    std::uint8_t first[width];
    std::memcpy(first, at, width);
    for (unsigned byte = 0; byte < 4; ++byte)
      first[byte] = static_cast<std::uint8_t>(first[byte] ^ (~crc >> (8 * byte)));
    return Unit::load(first);
  }
};

} // namespace datavet
