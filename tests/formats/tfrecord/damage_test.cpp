// One damage, one finding: the right rule at the right record.
#include <gtest/gtest.h>

#include "tests/formats/tfrecord/shard_reading.h"

namespace datavet::test {
namespace {

struct Field {
  const char *name;
  std::size_t (*offset)(const TfrecordWriter::Place &);
  const Rule *rule;
  bool ends_the_shard;
};
const Field fields[] = {
    {"length", [](const TfrecordWriter::Place &place) { return place.offset; }, &tfrecord::length_crc, true},
    {"length_crc", [](const TfrecordWriter::Place &place) { return place.length_crc_offset(); },
     &tfrecord::length_crc, true},
    {"data", [](const TfrecordWriter::Place &place) { return place.data_offset(); }, &tfrecord::data_crc,
     false},
    {"data_crc", [](const TfrecordWriter::Place &place) { return place.data_crc_offset(); },
     &tfrecord::data_crc, false},
};

class TfrecordDamage : public testing::TestWithParam<std::tuple<std::size_t, Field>> {};

TEST_P(TfrecordDamage, IsFoundOnceAtItsRecord) {
  const auto &[record, field] = GetParam();
  const TfrecordWriter writer = small_shard();
  const TfrecordWriter::Place place = writer.places()[record];
  const Reading reading = read_whole(flip_bit(writer.shard(), field.offset(place), 5));
  expect_only(reading, *field.rule, place.offset);
  const std::size_t expected = field.ends_the_shard ? record + 1 : writer.places().size();
  EXPECT_EQ(reading.samples.size(), expected) << describe(reading);
  EXPECT_EQ(reading.samples[record].broken, field.ends_the_shard);
}

INSTANTIATE_TEST_SUITE_P(FirstMiddleLast, TfrecordDamage,
                         testing::Combine(testing::Values(0u, 2u, 4u), testing::ValuesIn(fields)),
                         [](const auto &tested) {
                           return fmt::format("record_{}_{}", std::get<0>(tested.param),
                                              std::get<1>(tested.param).name);
                         });

TEST(TfrecordDamage, EveryChangedByteIsFoundOnceAtItsRecord) {
  const TfrecordWriter writer = small_shard();
  for (const TfrecordWriter::Place &place : writer.places())
    for (std::size_t at = place.offset; at < place.end(); ++at)
      for (unsigned change = 1; change < 256; ++change) {
        const std::uint8_t value = static_cast<std::uint8_t>(writer.shard()[at] ^ change);
        const Reading reading = read_whole(set_byte(writer.shard(), at, value));
        expect_only(reading, at < place.data_offset() ? tfrecord::length_crc : tfrecord::data_crc,
                    place.offset);
        ASSERT_FALSE(testing::Test::HasFailure()) << "byte " << at << " ^ " << change;
      }
}

TEST(TfrecordDamage, EveryCutIsFoundAtTheRecordItTears) {
  const TfrecordWriter writer = small_shard();
  for (std::size_t record = 0; record < writer.places().size(); ++record) {
    const TfrecordWriter::Place &place = writer.places()[record];
    const Reading between = read_whole(truncate(writer.shard(), place.offset));
    EXPECT_TRUE(between.findings.empty()) << "a cut between records cannot be seen";
    EXPECT_EQ(between.good_samples(), record);
    for (std::size_t size = place.offset + 1; size < place.end(); ++size) {
      const Reading reading = read_whole(truncate(writer.shard(), size));
      expect_only(reading, tfrecord::tail_torn, place.offset);
      EXPECT_EQ(reading.findings[0].length, size - place.offset);
      EXPECT_EQ(reading.good_samples(), record);
    }
  }
}

TEST(TfrecordDamage, ATornTailSaysWhatItNeedsAndHas) {
  const TfrecordWriter writer = small_shard();
  const std::size_t last = writer.places().back().offset;
  EXPECT_EQ(read_whole(truncate(writer.shard(), last + 15)).findings[0].detail,
            "the record needs 24 bytes, 15 are left");
  EXPECT_EQ(read_whole(truncate(writer.shard(), last + 5)).findings[0].detail,
            "a record's header needs 12 bytes, 5 are left");
}

TEST(TfrecordDamage, AWrongLengthNamesBothSumsAndTheRestOfTheShard) {
  const TfrecordWriter writer = small_shard();
  const std::size_t offset = writer.places()[2].offset;
  const Blob shard = set_byte(writer.shard(), offset + 1, 1);
  SplitState state;
  struct Sink final : SampleSink {
    void sample(const FramedSample &) override {}
    void broken(const FramedSample &, const Finding &finding) override { findings.push_back(finding); }
    std::vector<Finding> findings;
  } sink;
  tfrecord_format.split(shard, true, {}, state, sink);
  ASSERT_EQ(sink.findings.size(), 1u);
  EXPECT_EQ(sink.findings[0].offset, offset);
  EXPECT_EQ(sink.findings[0].offset + sink.findings[0].length, shard.size());
  EXPECT_TRUE(state.ended);
  EXPECT_EQ(sink.findings[0].detail,
            fmt::format("stored {:08x}, computed {:08x}: the length {} is not to be believed, and what "
                        "follows cannot be framed",
                        TfrecordWriter::masked_crc(writer.shard().data() + offset, 8),
                        TfrecordWriter::masked_crc(shard.data() + offset, 8), 51 + 256));
}

TEST(TfrecordDamage, ATailOfZerosIsTold) {
  const Blob good = small_shard().shard();
  for (std::size_t zeros : {12u, 100u, 4095u, 4096u, 4097u, 100'000u}) {
    const Reading reading = read_whole(append(good, Blob(zeros, 0)));
    expect_only(reading, tfrecord::length_crc, good.size());
    EXPECT_NE(reading.findings[0].detail.find("are all zero"), std::string::npos) << describe(reading);
    EXPECT_EQ(reading.findings[0].detail.find("at least") != std::string::npos, zeros >= 4096);
    EXPECT_EQ(read_shard(append(good, Blob(zeros, 0)), 64), reading);
  }
  const Reading few = read_whole(append(good, Blob(11, 0)));
  expect_only(few, tfrecord::tail_torn, good.size());
  EXPECT_EQ(few.findings[0].detail, "a record's header needs 12 bytes, 11 are left, all of them zero");
  const Reading not_zero = read_whole(append(append(good, Blob(12, 0)), {1}));
  EXPECT_EQ(not_zero.findings[0].detail.find("are all zero"), std::string::npos) << describe(not_zero);
}

TEST(TfrecordDamage, ALostOrRepeatedPieceIsFound) {
  const TfrecordWriter writer = small_shard();
  const TfrecordWriter::Place &third = writer.places()[2];
  for (std::size_t length : {1u, 7u, 20u}) {
    const Reading lost = read_whole(erase(writer.shard(), third.data_offset() + 3, length));
    EXPECT_FALSE(lost.findings.empty());
    EXPECT_EQ(lost.findings[0].offset, third.offset);
    const Reading inserted = read_whole(insert(writer.shard(), third.data_offset() + 3, Blob(length, 'z')));
    EXPECT_FALSE(inserted.findings.empty());
    EXPECT_EQ(inserted.findings[0].offset, third.offset);
  }
}

TEST(TfrecordDamage, SeveralDamagedRecordsAreEachFound) {
  const TfrecordWriter writer = small_shard();
  const Blob shard =
      flip_bit(flip_bit(writer.shard(), writer.places()[0].data_offset()), writer.places()[3].data_offset());
  const Reading reading = read_whole(shard);
  ASSERT_EQ(reading.findings.size(), 2u) << describe(reading);
  EXPECT_EQ(reading.findings[0].offset, writer.places()[0].offset);
  EXPECT_EQ(reading.findings[1].offset, writer.places()[3].offset);
}

} // namespace
} // namespace datavet::test
