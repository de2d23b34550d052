// Random damage: never a crash, never two answers, never an offset outside.
#include <cstdlib>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/formats/tfrecord/example/message_writer.h"

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

/// 30,000, or as many as the soak asks for.
int rounds() {
  const char *asked = std::getenv("DATAVET_MUTANTS");
  return asked == nullptr ? 30'000 : std::atoi(asked);
}

TEST(TfrecordMutation, OfAShardIsTotalAndGivesTheSameAnswerTwice) {
  std::mt19937 random(2024);
  const Blob good = small_shard().shard();
  CheckOptions options;
  for (int round = 0; round < rounds(); ++round) {
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

TfrecordWriter shard_of_examples() {
  TfrecordWriter writer;
  const Blob picture = {0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
  for (std::int64_t i = 0; i < 6; ++i)
    writer.add(example(entry("image/encoded", bytes_feature({picture})) + entry("image/format", bytes_feature("jpeg")) +
                       entry("image/height", integers_feature({48})) + entry("image/object/bbox/xmin", floats_feature({0.1f, 0.5f})) +
                       entry("label", integers_feature({i}))));
  return writer;
}

TfrecordWriter shard_of_events() {
  TfrecordWriter writer;
  writer.add(double_field(1, 1.7e9) + field(3, "brain.Event:2"));
  for (std::uint64_t i = 1; i < 6; ++i)
    writer.add(double_field(1, 1.7e9 + static_cast<double>(i)) + number_field(2, i) + field(5, field(1, field(1, "loss") + float_field(2, 0.5f))));
  return writer;
}

/// Mends the CRCs of one record, so that what is inside it is read.
Blob with_crcs_of(Blob shard, const TfrecordWriter::Place &place) {
  if (shard.size() < place.end()) return shard;
  const std::uint32_t crc = TfrecordWriter::masked_crc(shard.data() + place.data_offset(), place.data_size);
  for (unsigned byte = 0; byte < 4; ++byte) shard[place.data_crc_offset() + byte] = static_cast<std::uint8_t>(crc >> (8 * byte));
  return shard;
}

TEST(TfrecordMutation, OfWhatRecordsHoldIsTotalAndGivesTheSameAnswerInAnyWindow) {
  std::mt19937 random(2026);
  const TfrecordWriter shards[] = {shard_of_examples(), shard_of_events()};
  for (int round = 0; round < rounds(); ++round) {
    const TfrecordWriter &good = shards[round % 2];
    Blob blob = mutate(good.shard(), random);
    for (const TfrecordWriter::Place &place : good.places())
      if (random() % 2 == 0) blob = with_crcs_of(std::move(blob), place);
    GuardedBytes guarded{Bytes(blob)};
    const Reading whole = read_whole(blob);
    // Windows show at least what tells the kind of the records: fill() never shows less.
    ASSERT_EQ(read_shard(guarded.bytes(), 1 + random() % 300), whole) << "round " << round;
    for (const SeenFinding &finding : whole.findings) ASSERT_LE(finding.offset, blob.size()) << "round " << round;
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
