/// A table that gives several AC symbols of a first progressive scan at one look-up, and which coefficients
/// they set.
#pragma once

#include <array>
#include <cstdint>

#include "formats/jpeg/structure.h"

namespace datavet::jpeg {

/// All the symbols that end in the window together.
struct BandRun {
  std::uint32_t non_zero = 0; ///< bit i: the i-th coefficient from here gets a value
  std::uint8_t bits = 0;      ///< their length, extra bits included; 0 = no symbol is decided by the window
  std::uint8_t covered = 0;   ///< coefficients, at most 32
  std::uint8_t ends = 0;      ///< 1: the last symbol is EOB0
};

class BandTable {
public:
  static constexpr unsigned window_bits = 10;

  /// Left undecided: EOBn of more than one block, and sizes above `most_ac_bits`.
  void build(const HuffmanTable &ac, unsigned most_ac_bits);
  /// What the head of `bits` holds; 31 bits must be known.
  const BandRun &find(std::uint64_t bits) const { return windows_[size + (bits >> (64 - window_bits))]; }

private:
  static constexpr std::size_t size = std::size_t{1} << window_bits;
  static constexpr unsigned most_bits = 31;
  void write_symbol(unsigned window, unsigned code, unsigned length, const BandRun &symbol);

  /// Tables for windows of 0 to window_bits bits: that of n bits starts at 1 << n.
  std::array<BandRun, 2 * size> windows_;
};

} // namespace datavet::jpeg
