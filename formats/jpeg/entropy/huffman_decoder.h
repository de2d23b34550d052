/// One Huffman table, ready to decode one symbol at a time.
#pragma once

#include <array>
#include <cstdint>

#include "formats/jpeg/structure.h"

namespace datavet::jpeg {

class HuffmanDecoder {
public:
  struct Code {
    std::uint8_t length = 0; ///< bits, 1-16; 0 = no code of the table
    std::uint8_t symbol = 0;
  };

  /// `table` must be a prefix code without the all-ones word, as Tables::use_huffman() demands.
  void build(const HuffmanTable &table);

  /// The code at the head of `bits`, whose first bit is the topmost. 16 bits must be known.
  Code find(std::uint64_t bits) const {
    const Code code = short_codes_[bits >> (64 - short_bits)];
    return code.length != 0 ? code : find_long(bits);
  }

private:
  static constexpr unsigned short_bits = 9;
  Code find_long(std::uint64_t bits) const;

  std::array<Code, 1u << short_bits> short_codes_{};
  /// T.81 annex C: codes of one length are consecutive, and follow those that are shorter. Written to the
  /// left of 16 bits, the codes of at most i bits are those below ends_[i].
  std::array<std::uint32_t, 17> ends_{};
  std::array<std::int32_t, 17>
      first_value_{}; ///< of the codes of i bits: index of code 0's value, were it one
  std::array<std::uint8_t, 256> values_{};
};

} // namespace datavet::jpeg
