/// Rows of a dataset, as ranges: which ones go, and where the others come to lie.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <datavet/finding.h>

namespace datavet::hdf5 {

/// Ranges in order that neither overlap nor touch. 16 bytes a range.
class RowSet {
public:
  RowSet() = default;
  /// Any ranges in any order; what lies at or beyond `extent` is left out.
  RowSet(std::vector<RowRange> any, std::uint64_t extent);

  std::span<const RowRange> ranges() const { return ranges_; }
  bool empty() const { return ranges_.empty(); }
  /// Rows in all.
  std::uint64_t count() const;
  bool contains(std::uint64_t row) const;
  /// Rows of the set before `row`.
  std::uint64_t count_before(std::uint64_t row) const;
  /// The rows below `extent` that are not in the set.
  RowSet others(std::uint64_t extent) const;

  bool operator==(const RowSet &other) const;

private:
  std::vector<RowRange> ranges_;
};

/// Goes from the rows of a copy to those of its original, upwards or back to the first one. `kept` outlives it.
class OriginalRows {
public:
  explicit OriginalRows(const RowSet &kept) : kept_(&kept) {}

  /// The original's rows from the one that becomes row `number` on, as far as they lie together. Count 0: there is no
  /// such row.
  RowRange from(std::uint64_t number);

private:
  const RowSet *kept_;
  std::size_t range_ = 0;
  std::uint64_t before_ = 0; ///< rows of the copy before that range
};

} // namespace datavet::hdf5
