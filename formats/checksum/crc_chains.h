/// A CRC by the processor's own CRC instruction, in three chains at once.
///
/// The instruction takes in 8 bytes and answers after 3 cycles, but a new one can start each cycle: one
/// chain leaves two thirds of the unit idle. So a block is cut in three parts of equal length, their
/// CRCs are computed side by side, and two carry-less products put them together:
///
///     crc(A B C) = crc(A) x^(|B|+|C|)  +  crc(B) x^|C|  +  crc(C)        (lengths in bits, mod P)
///
/// Written once for x86 and ARM: the tests on either hold the algorithm of both.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "formats/checksum/crc_polynomial.h"

namespace datavet {

/// The factors for chains of n words of 8 bytes. The CRC instruction multiplies its operand by x^32,
/// and the product of two reflected numbers carries one x more: hence 33 less than the length in bits.
struct ChainFactors {
  std::uint32_t over_one; ///< x^(64n - 33): moves a CRC over one chain
  std::uint32_t over_two; ///< x^(128n - 33): over two
};

/// More words spread the cost of joining (15 cycles) over a longer block: 256 leave 2 %. The table for
/// them is 2 KiB, which does not push the data out of the first-level cache.
inline constexpr std::size_t most_words = 256;
/// Below, joining costs more than one chain loses.
inline constexpr std::size_t fewest_words = 4;

template <class Polynomial> constexpr std::array<ChainFactors, most_words + 1> make_chain_factors() {
  std::array<ChainFactors, most_words + 1> factors{}; // [0] is never used
  std::uint32_t over_one = Polynomial::times_x_to(Polynomial::one, 64 - 33);
  std::uint32_t over_two = Polynomial::times_x_to(Polynomial::one, 128 - 33);
  for (std::size_t words = 1; words <= most_words; ++words) {
    factors[words] = {over_one, over_two};
    over_one = Polynomial::times_x_to(over_one, 64);
    over_two = Polynomial::times_x_to(over_two, 128);
  }
  return factors;
}

/// `Instructions` has the Polynomial, and a type Register, an unsigned as wide as the CRC instruction's own
/// register: with a narrower one the compiler clears the upper half after each instruction, which takes a
/// third of the speed. Further static functions take_in(crc, bytes), for 8, 4 and 1 bytes given as an
/// unsigned of that size, and product(a, b), the carry-less product of two numbers below 2^32.
template <class Instructions> class CrcByChains {
public:
  static std::uint32_t compute(const std::uint8_t *at, std::size_t left, std::uint32_t start) {
    Register crc = ~start;
    while (left >= 3 * 8 * fewest_words) {
      const std::size_t words = std::min(left / (3 * 8), most_words), block = 3 * 8 * words;
      crc = join(crc, at, words, left >= 2 * block ? block : 0);
      at += block;
      left -= block;
    }
    for (; left >= 8; at += 8, left -= 8) crc = Instructions::take_in(crc, load<std::uint64_t>(at));
    if (left >= 4) {
      crc = Instructions::take_in(crc, load<std::uint32_t>(at));
      at += 4;
      left -= 4;
    }
    for (; left > 0; ++at, --left) crc = Instructions::take_in(crc, *at);
    return ~static_cast<std::uint32_t>(crc);
  }

private:
  using Register = typename Instructions::Register;
  static constexpr auto factors = make_chain_factors<typename Instructions::Polynomial>();

  template <class Word> static Word load(const std::uint8_t *from) {
    Word word; // the processors with these instructions that we build for are little-endian
    std::memcpy(&word, from, sizeof word);
    return word;
  }

  /// Continues `crc` over three chains of `words`. The block `ahead` is asked for meanwhile: the processor
  /// does not see by itself that the three streams jump, and memory would be read at half its speed.
  static Register join(Register crc, const std::uint8_t *at, std::size_t words, std::size_t ahead) {
    const std::uint8_t *a = at, *b = a + 8 * words, *c = b + 8 * words;
    Register crc_a = crc, crc_b = 0, crc_c = 0;
    const auto take_in_next = [&] {
      crc_a = Instructions::take_in(crc_a, load<std::uint64_t>(a));
      crc_b = Instructions::take_in(crc_b, load<std::uint64_t>(b));
      a += 8, b += 8, c += 8;
    };
    std::size_t left = words - 1;
    for (constexpr std::size_t line = 8; left >= line; left -= line) { // a cache line of each
      for (const std::uint8_t *chain : {a, b, c}) __builtin_prefetch(chain + ahead);
      for (std::size_t word = 0; word < line; ++word) {
        crc_c = Instructions::take_in(crc_c, load<std::uint64_t>(c));
        take_in_next();
      }
    }
    for (; left > 0; --left) {
      crc_c = Instructions::take_in(crc_c, load<std::uint64_t>(c));
      take_in_next();
    }
    const std::uint64_t last = load<std::uint64_t>(c);
    take_in_next();
    // The products go in with the last word of C: the instruction that reduces it reduces them too.
    const std::uint64_t moved_a = Instructions::product(crc_a, factors[words].over_two);
    const std::uint64_t moved_b = Instructions::product(crc_b, factors[words].over_one);
    return Instructions::take_in(crc_c, last ^ moved_a ^ moved_b);
  }
};

} // namespace datavet
