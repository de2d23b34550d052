// Random damage: never a crash, never two answers, never an offset outside.
#include <random>

#include <gtest/gtest.h>

#include "tests/formats/tfrecord/shard_reading.h"

namespace datavet::test {
namespace {

Blob mutate(Blob blob, std::mt19937 &random) {
  for (unsigned changes = 1 + random() % 4; changes > 0 && !blob.empty(); --changes) {
    const std::size_t at = random() % blob.size();
    switch (random() % 6) {
    case 0: blob = flip_bit(std::move(blob), at, random() % 8); break;
    case 1: blob = set_byte(std::move(blob), at, static_cast<std::uint8_t>(random())); break;
    case 2: blob = truncate(std::move(blob), at); break;
    case 3: blob = erase(std::move(blob), at, std::min<std::size_t>(random() % 20, blob.size() - at)); break;
    case 4:
      blob = insert(std::move(blob), at, Blob(random() % 20, static_cast<std::uint8_t>(random())));
      break;
    case 5: blob = zero(std::move(blob), at, std::min<std::size_t>(random() % 40, blob.size() - at)); break;
    }
  }
  return blob;
}

TEST(TfrecordMutation, OfAShardIsTotalAndGivesTheSameAnswerTwice) {
  std::mt19937 random(2024);
  const Blob good = small_shard().shard();
  CheckOptions options;
  for (int round = 0; round < 30'000; ++round) {
    const Blob blob = mutate(good, random);
    options.limits.sample_bytes = random() % 2 == 0 ? 50 : std::uint64_t{1} << 30;
    GuardedBytes guarded{Bytes(blob)};
    const Reading once = read_shard(guarded.bytes(), 1 + random() % 200, options);
    ASSERT_EQ(read_shard(guarded.bytes(), 1 + random() % 200, options, PassOver::reads), once);
    for (const SeenFinding &finding : once.findings) ASSERT_LE(finding.offset, blob.size());
    std::uint64_t end = 0; // samples follow each other without a gap
    for (const SeenSample &sample : once.samples) {
      if (!sample.broken) {
        ASSERT_EQ(sample.offset, end);
      }
      end = sample.offset + sample.size;
    }
  }
}

TEST(TfrecordMutation, OfACheckedSampleIsTotalAndGivesTheSameAnswerTwice) {
  std::mt19937 random(2025);
  const Blob good = small_shard().shard();
  for (int round = 0; round < 30'000; ++round) {
    const Blob blob = mutate(good, random);
    Limits limits;
    if (round % 2 == 0) limits.sample_bytes = 50;
    const Evidence once = check(tfrecord_format, blob, Depth::content, limits);
    const Evidence again = check(tfrecord_format, blob, Depth::content, limits);
    ASSERT_EQ(describe(once), describe(again));
    for (const Finding &finding : once.findings.list()) {
      ASSERT_LE(finding.offset, blob.size());
      ASSERT_LE(finding.length, blob.size() - finding.offset);
    }
  }
}

} // namespace
} // namespace datavet::test
