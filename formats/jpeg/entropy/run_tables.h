/// Tables that give several symbols of a sequential scan at one look-up. They only tell how far the symbols
/// reach: how many bits they take and how many coefficients they cover. That is all that a check needs.
#pragma once

#include <array>
#include <cstdint>

#include "formats/jpeg/structure.h"

namespace datavet::jpeg {

/// What a look-up gives: all the symbols that end in the window together.
/// Bits 0-5: their length, extra bits included, at most `most_bits`. Bits 6-15: coefficients they cover;
/// more than 512 with an end of block; 900 for `undecided`, which stands for no symbol at all.
using Run = std::uint16_t;

namespace run {
inline constexpr unsigned window_bits =
    11;                                   ///< a larger table leaves the first-level cache: slower (measured)
inline constexpr unsigned most_bits = 18; ///< three look-ups take 54 bits: one refill of 56 serves them
inline constexpr Run end_of_block = 513 << 6;
inline constexpr Run undecided = 900 << 6;
} // namespace run

using RunTable = std::array<Run, 1u << run::window_bits>;

struct RunTables {
  alignas(64) RunTable start; ///< at a block's start: a DC symbol, and the AC symbols after it
  alignas(64) RunTable more;  ///< inside a block: AC symbols

  /// Symbols that no picture of 8 bits can need are left undecided: DC categories above 11, AC sizes above
  /// `most_ac_bits`, and zero-sized AC symbols other than EOB and ZRL.
  void build(const HuffmanTable &dc, const HuffmanTable &ac, unsigned most_ac_bits);
};

/// T.81 F.1.2.1.1: DC differences of 8-bit samples have at most 11 bits.
inline constexpr unsigned most_dc_bits = 11;

/// T.81 F.1.2.2.1: what an AC symbol of a sequential scan may be.
constexpr bool ac_symbol_is_legal(unsigned symbol, unsigned most_ac_bits) {
  const unsigned bits = symbol & 15;
  return bits == 0 ? symbol == 0x00 || symbol == 0xF0 : bits <= most_ac_bits;
}

} // namespace datavet::jpeg
