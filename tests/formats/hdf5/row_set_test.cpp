// Rows as ranges: held against a set of numbers.
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "formats/hdf5/cut/row_set.h"

namespace datavet::hdf5 {
namespace {

constexpr std::uint64_t huge = ~std::uint64_t{0};

TEST(RowSet, RangesInAnyOrderBecomeFewAndSorted) {
  const RowSet set({{20, 5}, {0, 3}, {3, 2}, {21, 2}, {24, 4}, {7, 0}}, 27);
  ASSERT_EQ(set.ranges().size(), 2u);
  EXPECT_EQ(set.ranges()[0].first, 0u);
  EXPECT_EQ(set.ranges()[0].count, 5u);
  EXPECT_EQ(set.ranges()[1].first, 20u);
  EXPECT_EQ(set.ranges()[1].count, 7u); // cut by the extent
  EXPECT_EQ(set.count(), 12u);
}

TEST(RowSet, LargeNumbersDoNotOverflow) {
  const RowSet set({{huge - 2, huge}, {5, huge}}, huge);
  ASSERT_EQ(set.ranges().size(), 1u);
  EXPECT_EQ(set.count(), huge - 5);
  EXPECT_TRUE(RowSet({{huge, 1}}, huge).empty());
  EXPECT_EQ(set.others(huge).count(), 5u);
}

TEST(RowSet, AgreesWithASetOfNumbers) {
  std::mt19937 random(7);
  for (unsigned round = 0; round < 2000; ++round) {
    const std::uint64_t extent = random() % 60;
    std::vector<RowRange> ranges(random() % 6);
    std::set<std::uint64_t> numbers;
    for (RowRange &range : ranges) {
      range = {random() % 70, random() % 15};
      for (std::uint64_t i = 0; i < range.count; ++i)
        if (range.first + i < extent) numbers.insert(range.first + i);
    }
    const RowSet set(ranges, extent), others = set.others(extent);
    ASSERT_EQ(set.count(), numbers.size());
    ASSERT_EQ(others.count(), extent - numbers.size());
    ASSERT_EQ(others.others(extent), set);
    OriginalRows rows(others);
    std::uint64_t kept = 0;
    for (std::uint64_t row = 0; row < extent; ++row) {
      ASSERT_EQ(set.contains(row), numbers.contains(row));
      ASSERT_EQ(set.count_before(row), static_cast<std::uint64_t>(std::distance(numbers.begin(), numbers.lower_bound(row))));
      if (numbers.contains(row)) continue;
      const RowRange from = rows.from(kept++);
      ASSERT_EQ(from.first, row);
      ASSERT_GT(from.count, 0u);
      for (std::uint64_t i = 0; i < from.count; ++i) ASSERT_FALSE(set.contains(row + i));
      ASSERT_TRUE(row + from.count == extent || set.contains(row + from.count));
    }
    ASSERT_EQ(rows.from(kept).count, 0u);
    if (kept > 0) { // back to the first one
      ASSERT_EQ(rows.from(0).first, others.ranges()[0].first);
    }
  }
}

} // namespace
} // namespace datavet::hdf5
