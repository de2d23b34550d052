// split(): the records of a shard, from windows of any size.
#include <gtest/gtest.h>

#include "tests/formats/tfrecord/shard_reading.h"

namespace datavet::test {
namespace {

constexpr std::uint64_t largest = ~std::uint64_t{0};

/// The key property: what is found does not depend on where the windows end.
void expect_same_for_any_window(const Blob &shard, const CheckOptions &options = {}) {
  const Reading whole = read_whole(shard, options);
  for (std::size_t window = 1; window <= shard.size() + 1; ++window)
    for (PassOver passing : {PassOver::seeks, PassOver::reads}) {
      const Reading in_windows = read_shard(shard, window, options, passing);
      ASSERT_EQ(in_windows, whole) << "windows of " << window << "\n"
                                   << describe(in_windows) << "not\n"
                                   << describe(whole);
    }
}

CheckOptions with_limit(std::uint64_t sample_bytes) {
  CheckOptions options;
  options.limits.sample_bytes = sample_bytes;
  options.depth = Depth::checksum; // below, the first records are not looked into
  return options;
}

TEST(TfrecordSplit, FramesEveryRecord) {
  const TfrecordWriter writer = small_shard();
  const Reading reading = read_whole(writer.shard());
  ASSERT_EQ(reading.samples.size(), writer.places().size());
  for (std::size_t record = 0; record < writer.places().size(); ++record)
    EXPECT_EQ(reading.samples[record],
              (SeenSample{record, writer.places()[record].offset, writer.places()[record].size(), false}));
  EXPECT_TRUE(reading.findings.empty()) << describe(reading);
  EXPECT_EQ(reading.end, writer.shard().size());
}

TEST(TfrecordSplit, AGoodShardReadsTheSameInAnyWindow) { expect_same_for_any_window(small_shard().shard()); }

TEST(TfrecordSplit, AShardCutAnywhereReadsTheSameInAnyWindow) {
  const Blob shard = small_shard().shard();
  for (std::size_t size = 0; size < shard.size(); ++size) expect_same_for_any_window(truncate(shard, size));
}

TEST(TfrecordSplit, AShardDamagedAnywhereReadsTheSameInAnyWindow) {
  const Blob shard = small_shard().shard();
  for (std::size_t at = 0; at < shard.size(); ++at) expect_same_for_any_window(flip_bit(shard, at, 3));
}

TEST(TfrecordSplit, AnEmptyShardHasNoSampleAndNoFinding) {
  const Reading reading = read_shard({}, 1);
  EXPECT_TRUE(reading.samples.empty());
  EXPECT_TRUE(reading.findings.empty());
}

TEST(TfrecordSplit, AsksForTheWindowThatWouldFrameTheNextRecord) {
  TfrecordWriter writer;
  writer.add("one");
  writer.add(Blob(1000, 7));
  const Blob &shard = writer.shard();
  Reading reading;
  const CheckOptions frames_only{.depth = Depth::checksum, .limits = {}};
  Reader reader(reading, frames_only);
  SplitState state;

  Bytes window = Bytes(shard).first(19 + 5); // the second header is cut
  reader.window(window, 0);
  SplitStep step = tfrecord_format.split(window, false, frames_only, state, reader);
  EXPECT_EQ(step.consumed, 19u);
  EXPECT_EQ(step.needed, 12u);

  window = Bytes(shard).subspan(19, 12); // no byte of its data
  reader.window(window, 19);
  step = tfrecord_format.split(window, false, frames_only, state, reader);
  EXPECT_EQ(step.consumed, 0u);
  EXPECT_EQ(step.needed, 1016u);

  window = Bytes(shard).subspan(19, 1016);
  reader.window(window, 19);
  step = tfrecord_format.split(window, false, frames_only, state, reader);
  EXPECT_EQ(step.consumed, 1016u);
  EXPECT_EQ(step.needed, 0u);
  EXPECT_EQ(reading.good_samples(), 2u);
  EXPECT_FALSE(state.ended) << "nobody said that the stream ends here";

  step = tfrecord_format.split({}, true, frames_only, state, reader);
  EXPECT_TRUE(state.ended);
  EXPECT_TRUE(reading.findings.empty());
}

TEST(TfrecordSplit, NothingIsFramedAfterTheEnd) {
  const Blob shard = small_shard().shard();
  Reading reading;
  Reader reader(reading, {});
  SplitState state;
  state.ended = true;
  tfrecord_format.split(shard, true, {}, state, reader);
  EXPECT_TRUE(reading.samples.empty());
}

TEST(TfrecordSplit, ALengthIsNotBelievedBeforeItsCrcIs) {
  Blob shard = small_shard().shard();
  const std::size_t before = shard.size();
  const Blob lie = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3, 4, 5, 6, 7, 8};
  expect_only(read_whole(append(shard, lie)), tfrecord::length_crc, before);
  const Reading small_windows = read_shard(append(shard, lie), 1, {.depth = Depth::checksum, .limits = {}});
  EXPECT_LT(small_windows.bytes_shown, 3000u) << "asked for a window as long as the lie";
}

TEST(TfrecordSplit, ARecordOverTheLimitIsPassedOver) {
  TfrecordWriter writer;
  writer.add("before");
  writer.add(Blob(500, 9));
  writer.add("after");
  const CheckOptions options = with_limit(100);
  const Reading reading = read_whole(writer.shard(), options);
  expect_only(reading, tfrecord::record_limit, writer.places()[1].offset);
  EXPECT_EQ(reading.findings[0].length, 516u);
  EXPECT_EQ(reading.samples.size(), 3u);
  EXPECT_EQ(reading.good_samples(), 2u);
  EXPECT_EQ(reading.samples[2], (SeenSample{2, writer.places()[2].offset, writer.places()[2].size(), false}));
  expect_same_for_any_window(writer.shard(), options);
}

TEST(TfrecordSplit, TheLimitIsOfTheFramedRecord) {
  TfrecordWriter writer;
  writer.add(Blob(100, 9));
  EXPECT_TRUE(read_whole(writer.shard(), with_limit(116)).findings.empty());
  expect_only(read_whole(writer.shard(), with_limit(115)), tfrecord::record_limit, 0);
}

TEST(TfrecordSplit, NeverAsksForMoreThanTheLimit) {
  TfrecordWriter writer;
  writer.add(Blob(100, 9));
  const Reading reading = read_shard(writer.shard(), 12, with_limit(115), PassOver::seeks);
  EXPECT_EQ(reading.bytes_shown, 12u) << "the rest was passed over unread, and the stream ended";
}

TEST(TfrecordSplit, ACutRecordOverTheLimitIsBoth) {
  TfrecordWriter writer;
  writer.add("before");
  writer.add(Blob(500, 9));
  const std::size_t offset = writer.places()[1].offset;
  for (std::size_t size = offset + 12; size < writer.shard().size(); size += 61) {
    const Blob shard = truncate(writer.shard(), size);
    const Reading reading = read_whole(shard, with_limit(100));
    ASSERT_EQ(reading.findings.size(), 2u) << describe(reading);
    EXPECT_EQ(reading.findings[0].rule, tfrecord::record_limit.id);
    EXPECT_EQ(reading.findings[0].offset, offset);
    EXPECT_EQ(reading.findings[1].rule, tfrecord::tail_torn.id);
    EXPECT_EQ(reading.findings[1].offset, size);
    EXPECT_EQ(reading.findings[1].detail,
              fmt::format("the record over the limit goes on for {} bytes behind the end",
                          writer.shard().size() - size));
    expect_same_for_any_window(shard, with_limit(100));
  }
}

TEST(TfrecordSplit, LengthsNearTheTopOf64BitsDoNotOverflow) {
  for (std::uint64_t length :
       {largest, largest - 1, largest - 15, largest - 16, largest - 17, largest / 2 + 1, largest / 2}) {
    TfrecordWriter writer;
    writer.add("before");
    const std::size_t offset = writer.shard().size();
    writer.add_header(length);
    for (const CheckOptions &options : {CheckOptions{}, with_limit(largest)}) {
      const Reading reading = read_whole(append(writer.shard(), Blob(20, 1)), options);
      ASSERT_FALSE(reading.findings.empty());
      EXPECT_EQ(reading.findings[0].offset, offset);
      EXPECT_EQ(reading.findings.back().rule, tfrecord::tail_torn.id) << describe(reading);
      EXPECT_EQ(reading.good_samples(), 1u);
    }
    expect_same_for_any_window(append(writer.shard(), Blob(20, 1)));
  }
}

TEST(TfrecordSplit, ThousandsOfEmptyRecordsAreLegal) {
  TfrecordWriter writer;
  for (int record = 0; record < 5000; ++record) writer.add("");
  const Reading reading = read_shard(writer.shard(), 1000);
  EXPECT_EQ(reading.good_samples(), 5000u);
  EXPECT_TRUE(reading.findings.empty());
}

} // namespace
} // namespace datavet::test
