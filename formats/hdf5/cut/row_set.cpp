#include "formats/hdf5/cut/row_set.h"

#include <algorithm>

namespace datavet::hdf5 {

RowSet::RowSet(std::vector<RowRange> any, std::uint64_t extent) {
  std::ranges::sort(any, {}, &RowRange::first);
  for (RowRange range : any) {
    if (range.first >= extent || range.count == 0) continue;
    range.count = std::min(range.count, extent - range.first);
    if (!ranges_.empty()) {
      RowRange &last = ranges_.back();
      const std::uint64_t end = last.first + last.count;
      if (range.first <= end) {
        last.count = std::max(end, range.first + range.count) - last.first;
        continue;
      }
    }
    ranges_.push_back(range);
  }
}

std::uint64_t RowSet::count() const {
  std::uint64_t rows = 0;
  for (const RowRange &range : ranges_) rows += range.count;
  return rows;
}

bool RowSet::contains(std::uint64_t row) const {
  const auto after = std::ranges::upper_bound(ranges_, row, {}, &RowRange::first);
  return after != ranges_.begin() && row - std::prev(after)->first < std::prev(after)->count;
}

std::uint64_t RowSet::count_before(std::uint64_t row) const {
  std::uint64_t rows = 0;
  for (const RowRange &range : ranges_) {
    if (range.first >= row) break;
    rows += std::min(range.count, row - range.first);
  }
  return rows;
}

RowSet RowSet::others(std::uint64_t extent) const {
  RowSet others;
  std::uint64_t next = 0;
  for (const RowRange &range : ranges_) {
    if (range.first >= extent) break;
    if (range.first > next) others.ranges_.push_back({next, range.first - next});
    next = range.first + range.count;
  }
  if (next < extent) others.ranges_.push_back({next, extent - next});
  return others;
}

bool RowSet::operator==(const RowSet &other) const {
  return std::ranges::equal(ranges_, other.ranges_, [](const RowRange &a, const RowRange &b) {
    return a.first == b.first && a.count == b.count;
  });
}

RowRange OriginalRows::from(std::uint64_t number) {
  if (number < before_) range_ = before_ = 0;
  const std::span<const RowRange> ranges = kept_->ranges();
  while (range_ < ranges.size() && number - before_ >= ranges[range_].count) before_ += ranges[range_++].count;
  if (range_ == ranges.size()) return {};
  const std::uint64_t into = number - before_;
  return {ranges[range_].first + into, ranges[range_].count - into};
}

} // namespace datavet::hdf5
