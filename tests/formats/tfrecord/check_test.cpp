// check(): framed records in memory.
#include <random>

#include <gtest/gtest.h>

#include "formats/tfrecord/frame.h"
#include "tests/formats/tfrecord/shard_reading.h"

namespace datavet::test {
namespace {

Blob one_record(std::string_view data) {
  TfrecordWriter writer;
  writer.add(data);
  return writer.shard();
}

TEST(TfrecordFrame, IsWhatTensorFlowWrites) {
  // The file that tf.io.TFRecordWriter makes of b"12345".
  const Blob by_tensorflow = {0x05, 0,   0,   0,   0,   0,   0,    0,    0xea, 0xb2, 0x04,
                              0x3e, '1', '2', '3', '4', '5', 0x7a, 0x1c, 0xed, 0xe8};
  expect_clean(tfrecord_format, by_tensorflow);
  EXPECT_EQ(one_record("12345"), by_tensorflow) << "the writer of these tests";
  EXPECT_EQ(tfrecord::masked_crc32c(Bytes(by_tensorflow).subspan(12, 5)), 0xe8ed1c7au);
}

TEST(TfrecordFrame, TheCrcOfALengthIsThatOfItsBytes) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 10'000; ++round) {
    const std::uint64_t length = random() >> (round % 64);
    std::uint8_t bytes[8];
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(length >> (8 * i));
    ASSERT_EQ(tfrecord::masked(tfrecord::crc32c_of_length(length)), TfrecordWriter::masked_crc(bytes, 8)) << length;
  }
}

TEST(TfrecordCheck, AGoodRecordHasNoFinding) {
  for (std::string_view data : {"", "x", "hello", "a record of some length, to reach the word-wise code"})
    for (Depth depth : {Depth::header, Depth::structure, Depth::checksum, Depth::content, Depth::decode})
      expect_clean(tfrecord_format, one_record(data), depth);
}

TEST(TfrecordCheck, AnyDataAreLegal) {
  TfrecordWriter writer;
  writer.add(Blob(100'000, 0));
  writer.add(Blob(100'000, 0xff));
  expect_clean(tfrecord_format, writer.shard());
}

TEST(TfrecordCheck, WrongDataAreFoundFromDepthChecksumOn) {
  const Blob damaged = flip_bit(one_record("hello"), 14);
  for (Depth depth : {Depth::header, Depth::structure}) expect_clean(tfrecord_format, damaged, depth);
  for (Depth depth : {Depth::checksum, Depth::content, Depth::decode})
    expect_finding(tfrecord_format, damaged, tfrecord::data_crc, 0, depth);
}

TEST(TfrecordCheck, TheFindingCoversTheRecordAndNamesBothSums) {
  const Blob good = one_record("hello");
  const Evidence evidence = check(tfrecord_format, set_byte(good, 12, 'j'));
  ASSERT_EQ(evidence.findings.list().size(), 1u);
  const Finding &finding = evidence.findings.list()[0];
  EXPECT_EQ(finding.length, good.size());
  const std::string jello = "jello";
  EXPECT_EQ(finding.detail,
            fmt::format("stored {:08x}, computed {:08x}", TfrecordWriter::masked_crc(good.data() + 12, 5),
                        TfrecordWriter::masked_crc(reinterpret_cast<const std::uint8_t *>(jello.data()), 5)));
}

TEST(TfrecordCheck, AWrongLengthIsFoundAtEveryDepth) {
  for (Depth depth : {Depth::header, Depth::structure, Depth::checksum, Depth::content, Depth::decode})
    expect_finding(tfrecord_format, flip_bit(one_record("hello"), 0), tfrecord::length_crc, 0, depth);
}

TEST(TfrecordCheck, NoProperPrefixOfARecordIsHealthy) {
  const Blob good = one_record("hello");
  for (std::size_t size = 1; size < good.size(); ++size)
    expect_finding(tfrecord_format, truncate(good, size), tfrecord::tail_torn, 0);
}

TEST(TfrecordCheck, JudgesSeveralRecordsEachAtItsPlace) {
  const TfrecordWriter writer = small_shard();
  expect_clean(tfrecord_format, writer.shard());
  for (const TfrecordWriter::Place &place : writer.places())
    expect_finding(tfrecord_format, flip_bit(writer.shard(), place.data_crc_offset()), tfrecord::data_crc,
                   place.offset);
}

TEST(TfrecordCheck, NoBytesAreAShardWithoutRecords) {
  const Evidence evidence = check(tfrecord_format, {});
  ASSERT_EQ(evidence.findings.list().size(), 1u);
  EXPECT_EQ(evidence.findings.list()[0].rule->id, tfrecord::shard_empty.id);
  EXPECT_EQ(evidence.findings.verdict(), Verdict::healthy);
}

TEST(TfrecordCheck, ARecordOverTheLimitIsNotExamined) {
  TfrecordWriter writer;
  writer.add(Blob(200, 1));
  writer.add("small");
  Limits limits;
  limits.sample_bytes = 215;
  Evidence evidence = check(tfrecord_format, flip_bit(writer.shard(), 50), Depth::content, limits);
  ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].rule->id, tfrecord::record_limit.id);
  EXPECT_EQ(evidence.findings.verdict(), Verdict::unchecked);
  limits.sample_bytes = 216;
  evidence = check(tfrecord_format, flip_bit(writer.shard(), 50), Depth::content, limits);
  ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].rule->id, tfrecord::data_crc.id);
}

TEST(TfrecordCheck, OutlinesEachRecord) {
  const TfrecordWriter writer = small_shard();
  Outline outline;
  Evidence evidence;
  evidence.outline = &outline;
  tfrecord_format.check(writer.shard(), {}, evidence);
  ASSERT_EQ(outline.segments().size(), 5 * writer.places().size());
  for (std::size_t record = 0; record < writer.places().size(); ++record) {
    const Segment *segment = &outline.segments()[5 * record];
    EXPECT_EQ(segment->offset, writer.places()[record].offset);
    EXPECT_EQ(segment->length, writer.places()[record].size());
    std::uint64_t at = segment->offset; // the parts cover the whole
    for (int part = 1; part < 5; ++part) {
      EXPECT_EQ(segment[part].level, 1u);
      EXPECT_EQ(segment[part].offset, at);
      at += segment[part].length;
    }
    EXPECT_EQ(at, segment->offset + segment->length);
  }
}

TEST(TfrecordSniff, KnowsALengthThatItsCrcConfirms) {
  EXPECT_TRUE(tfrecord_format.sniff(one_record("hello")));
  EXPECT_TRUE(tfrecord_format.sniff(one_record("")));
  EXPECT_TRUE(tfrecord_format.sniff(truncate(one_record("hello"), 12)));
  EXPECT_FALSE(tfrecord_format.sniff(truncate(one_record("hello"), 11)));
  EXPECT_FALSE(tfrecord_format.sniff({}));
  for (std::size_t at = 0; at < 12; ++at)
    EXPECT_FALSE(tfrecord_format.sniff(flip_bit(one_record("hello"), at)));
  EXPECT_FALSE(tfrecord_format.sniff(Blob(4096, 0)));
  TfrecordWriter huge;
  huge.add_header(~std::uint64_t{0});
  EXPECT_TRUE(tfrecord_format.sniff(huge.shard()));
}

} // namespace
} // namespace datavet::test
