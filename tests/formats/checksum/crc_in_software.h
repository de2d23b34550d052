/// What crc_chains.h and crc_folding.h ask of a processor, done in software: so their algorithms are tested
/// whole, for any width and on any processor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "formats/checksum/crc_chains.h"
#include "formats/checksum/crc_folding.h"
#include "formats/checksum/crc_kernels.h"

namespace datavet::test {

/// The definition: one bit after the other. `modulus` is reflected.
inline std::uint32_t next_bitwise(std::uint32_t modulus, std::uint32_t state, std::uint8_t byte) {
  state ^= byte;
  for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? modulus : 0u);
  return state;
}

template <std::uint32_t modulus> struct SoftwareInstructions {
  using Polynomial = CrcPolynomial<modulus>;
  using Register = std::uint32_t;
  template <class Word> static Register take_in(Register crc, Word word) {
    for (std::size_t i = 0; i < sizeof word; ++i)
      crc = next_bitwise(modulus, crc, static_cast<std::uint8_t>(word >> (8 * i)));
    return crc;
  }
  static std::uint64_t product(Register a, std::uint32_t b) {
    std::uint64_t sum = 0;
    for (unsigned bit = 0; bit < 32; ++bit)
      if ((b >> bit & 1) != 0) sum ^= std::uint64_t{a} << bit;
    return sum;
  }
};

/// A vector of `lanes` times 16 bytes, and PCLMULQDQ (VPCLMULQDQ, when there is more than one lane).
template <std::size_t lanes, std::size_t sums> struct SoftwareVectorUnit {
  struct Lane {
    std::uint64_t low, high;
  };
  using Vector = std::array<Lane, lanes>;
  static constexpr std::size_t abreast = sums;

  static Vector load(const std::uint8_t *from) {
    Vector vector;
    std::memcpy(vector.data(), from, sizeof vector);
    return vector;
  }
  static void store(const Vector &vector, std::uint8_t *into) {
    std::memcpy(into, vector.data(), sizeof vector);
  }
  static Vector spread(FoldFactors factors) {
    Vector vector;
    vector.fill({factors.low, factors.high});
    return vector;
  }
  static Vector fold(const Vector &sum, const Vector &factors, const Vector &next) {
    Vector folded;
    for (std::size_t i = 0; i < lanes; ++i) {
      const Lane low = product(sum[i].low, factors[i].low), high = product(sum[i].high, factors[i].high);
      folded[i] = {low.low ^ high.low ^ next[i].low, low.high ^ high.high ^ next[i].high};
    }
    return folded;
  }

private:
  static Lane product(std::uint64_t a, std::uint64_t b) {
    Lane lane = {0, 0};
    for (unsigned bit = 0; bit < 64; ++bit) {
      if ((b >> bit & 1) == 0) continue;
      lane.low ^= a << bit;
      if (bit > 0) lane.high ^= a >> (64 - bit);
    }
    return lane;
  }
};

template <class Instructions> std::uint32_t by_software_chains(Bytes bytes, std::uint32_t crc) {
  return CrcByChains<Instructions>::compute(bytes.data(), bytes.size(), crc);
}

template <class Polynomial, std::uint32_t (*short_crc)(Bytes, std::uint32_t), std::size_t lanes,
          std::size_t sums>
std::uint32_t by_software_folding(Bytes bytes, std::uint32_t crc) {
  return CrcByFolding<Polynomial, SoftwareVectorUnit<lanes, sums>, short_crc>::compute(bytes, crc);
}

} // namespace datavet::test
