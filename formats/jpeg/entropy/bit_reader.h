/// The bits of one entropy-coded segment, in order. Exact about its end.
#pragma once

#include <cstdint>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/jpeg/entropy/load_be64.h"

namespace datavet::jpeg {

/// The data of a segment without the stuffed zeros, and some zeros behind them.
class SegmentData {
public:
  /// `segment`: as entropy_segment_at() gives it. The memory is kept for the next one.
  void assign(Bytes segment);

  const std::uint8_t *begin() const { return bytes_.data(); }
  std::uint64_t bits() const { return size_ * 8; }

  /// Gives back what a very large segment has taken.
  void forget_large();

  /// Bytes behind the data that a BitReader may look at.
  static constexpr std::size_t slack = 16;

private:
  std::vector<std::uint8_t> bytes_;
  std::size_t size_ = 0;
};

class BitReader {
public:
  /// `data` must live as long as the reader.
  explicit BitReader(const SegmentData &data) : begin_(data.begin()), total_(data.bits()) {}

  /// The next 32 bits, or more, the first of them topmost; after the end zeros. Not to be asked after
  /// ran_out().
  std::uint64_t bits() {
    if (known_ < 32) {
      word_ = load_be64(begin_ + used_ / 8) << (used_ % 8);
      known_ = 57;
    }
    return word_;
  }
  void skip(std::uint64_t count) {
    used_ += count;
    word_ <<= count % 64; // more than is known: bits() reads anew
    known_ -= static_cast<std::int64_t>(count);
  }

  /// True when bits were skipped that the segment does not have.
  bool ran_out() const { return used_ > total_; }
  /// Bits skipped so far.
  std::uint64_t used() const { return used_; }
  /// Bits still to come.
  std::uint64_t left() const { return total_ - used_; }

private:
  const std::uint8_t *begin_;
  std::uint64_t total_;
  std::uint64_t used_ = 0;
  std::uint64_t word_ = 0; ///< the next bits
  std::int64_t known_ = 0; ///< how many of them are right; below zero: none
};

/// Offset in `segment` of the byte that holds data bit number `bit`; its size when there is no such bit.
std::uint64_t offset_of_bit(Bytes segment, std::uint64_t bit);

} // namespace datavet::jpeg
