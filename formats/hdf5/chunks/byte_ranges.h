/// Finds bytes that belong to two ranges, in bounded memory.
#pragma once

#include <cstdint>
#include <vector>

namespace datavet::hdf5 {

struct ByteRange {
  std::uint64_t at = 0, size = 0;
};

class ByteRanges {
public:
  /// Ranges kept; neighbours that are added one after the other are one range. 64 MiB.
  static constexpr std::size_t most = 4 << 20;

  /// at + size does not overflow.
  void add(std::uint64_t at, std::uint64_t size) {
    if (!ranges_.empty() && ranges_.back().at + ranges_.back().size == at) {
      ranges_.back().size += size;
      return;
    }
    if (size == 0) return;
    if (ranges_.size() == most) {
      complete_ = false;
      return;
    }
    sorted_ = sorted_ && (ranges_.empty() || ranges_.back().at <= at);
    ranges_.push_back({at, size});
  }

  /// Up to `wanted` overlaps, lowest first. Sorts the ranges: for the end.
  std::vector<ByteRange> overlaps(std::size_t wanted);
  /// False when there were too many ranges to keep: then overlaps() misses some.
  bool complete() const { return complete_; }

private:
  std::vector<ByteRange> ranges_;
  bool sorted_ = true, complete_ = true;
};

} // namespace datavet::hdf5
