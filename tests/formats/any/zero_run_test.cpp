#include <random>

#include <gtest/gtest.h>

#include "formats/any/any.h"
#include "formats/any/rules.h"
#include "formats/any/zero_run.h"
#include "tests/support/check.h"

namespace datavet {
namespace {

using test::Blob;

/// Bytes without a zero.
Blob noise(std::size_t size) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> byte(1, 255);
  Blob blob(size);
  for (std::uint8_t &one : blob) one = static_cast<std::uint8_t>(byte(random));
  return blob;
}

Evidence search(const Blob &blob, std::uint64_t offset = 0) {
  test::GuardedBytes guarded{Bytes(blob)};
  Evidence evidence;
  find_zero_run(guarded.bytes(), offset, evidence);
  return evidence;
}

void expect_run(const Blob &blob, std::uint64_t at, std::uint64_t length, std::uint64_t offset = 0) {
  const Evidence evidence = search(blob, offset);
  ASSERT_EQ(evidence.findings.list().size(), 1u);
  EXPECT_EQ(evidence.findings.list()[0].rule, &any::zero_run);
  EXPECT_EQ(evidence.findings.list()[0].offset, offset + at);
  EXPECT_EQ(evidence.findings.list()[0].length, length);
}

TEST(FindZeroRun, FindsEveryRunThatBeginsAtABlock) {
  const Blob blob = noise(40'000);
  for (std::size_t at = 0; at + 4096 <= blob.size(); at += 512)
    expect_run(test::zero(blob, at, 4096), at, 4096);
}

TEST(FindZeroRun, FindsARunThatEndsAtABlock) {
  expect_run(test::zero(noise(40'000), 5000, 5240), 5000, 5240);
}

TEST(FindZeroRun, FindsARunUpToTheEnd) {
  const Blob blob = noise(40'001);
  expect_run(test::zero(blob, 33'333, blob.size() - 33'333), 33'333, blob.size() - 33'333);
}

TEST(FindZeroRun, CountsBlocksFromTheStartOfTheFile) {
  const Blob blob = test::zero(noise(40'000), 1000, 4500);
  EXPECT_TRUE(search(blob).findings.empty());
  expect_run(blob, 1000, 4500, 24);
}

TEST(FindZeroRun, IgnoresShorterAndUnalignedRuns) {
  EXPECT_TRUE(search({}).findings.empty());
  EXPECT_TRUE(search(noise(100'000)).findings.empty());
  EXPECT_TRUE(search(test::zero(noise(40'000), 4096, 4095)).findings.empty());
  EXPECT_TRUE(search(test::zero(noise(40'000), 4099, 4200)).findings.empty());
}

TEST(FindZeroRun, SaysHowManyThereAre) {
  const Evidence evidence = search(test::zero(test::zero(noise(60'000), 4096, 4096), 20'480, 8192));
  ASSERT_EQ(evidence.findings.list().size(), 1u);
  EXPECT_EQ(evidence.findings.list()[0].offset, 4096u);
  EXPECT_EQ(evidence.findings.list()[0].detail,
            "4096 zero bytes, and 1 more such runs: 12288 zero bytes in all");
}

/// Ends at every place of a cache line, and wherever the page begins.
TEST(ZeroRuns, EachOneFromItsFirstByteToItsLast) {
  const Blob blob = noise(30'000);
  for (std::size_t size = 4096; size < 4096 + 140; ++size)
    for (std::size_t at : {0u, 1u, 63u, 4095u, 4096u, 12'345u}) {
      test::GuardedBytes guarded{Bytes(test::zero(test::zero(blob, at, size), blob.size() - size, size))};
      ZeroRuns runs(guarded.bytes());
      for (const std::uint64_t begin : {at, blob.size() - size}) {
        const std::optional<ZeroRun> run = runs.next();
        ASSERT_TRUE(run) << size << " at " << at;
        ASSERT_EQ(run->begin, begin);
        ASSERT_EQ(run->end, begin + size);
      }
      ASSERT_FALSE(runs.next());
    }
}

TEST(FindZeroRun, AgreesWithThePlainSearch) {
  std::mt19937 random(11);
  auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  for (int round = 0; round < 300; ++round) {
    Blob blob = noise(20'000 + below(2000));
    for (int hole = 0; hole < 3; ++hole) {
      const std::size_t at = below(2) == 0 ? below(blob.size()) : below(blob.size()) / 512 * 512;
      blob = test::zero(blob, at, std::min(blob.size() - at, below(9000)));
    }
    std::uint64_t first = blob.size();
    for (std::size_t begin = 0; begin < blob.size() && first == blob.size();) {
      std::size_t end = begin;
      while (end < blob.size() && blob[end] == 0) ++end;
      if (end - begin >= 4096 && (begin % 512 == 0 || end % 512 == 0 || end == blob.size())) first = begin;
      begin = end + 1;
    }
    const Evidence evidence = search(blob);
    ASSERT_EQ(evidence.findings.empty(), first == blob.size());
    if (first == blob.size()) continue;
    ASSERT_EQ(evidence.findings.list()[0].offset, first);
  }
}

} // namespace
} // namespace datavet
