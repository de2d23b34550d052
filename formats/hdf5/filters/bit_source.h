/// Bits as nbit and scale-offset pack them: the highest bit of each byte first, without gaps.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet::hdf5 {

class BitSource {
public:
  explicit BitSource(Bytes bytes) : bytes_(bytes) {}

  /// The next `count` bits (0..64) as a number. Behind the end all bits are 0: who takes them knows how many
  /// there are.
  std::uint64_t take(unsigned count) {
    constexpr unsigned at_once = 56; // 64 less the bits of a first byte that were taken before
    if (count <= at_once) return take_few(count);
    const std::uint64_t high = take_few(count - 32);
    return high << 32 | take_few(32);
  }

private:
  std::uint64_t take_few(unsigned count) {
    if (count == 0) return 0;
    const std::uint64_t first = position_ / 8;
    std::uint64_t window = 0;
    for (unsigned i = 0; i < 8; ++i)
      window = window << 8 | (first + i < bytes_.size() ? bytes_[first + i] : 0u);
    const unsigned used = static_cast<unsigned>(position_ % 8);
    position_ += count;
    return window << used >> (64 - count);
  }

  Bytes bytes_;
  std::uint64_t position_ = 0; ///< in bits
};

} // namespace datavet::hdf5
