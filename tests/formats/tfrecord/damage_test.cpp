// One damage, one finding: the right rule at the right record.
#include <gtest/gtest.h>

#include "tests/formats/tfrecord/shard_reading.h"

namespace datavet::test {
namespace {

struct Field {
  const char *name;
  std::size_t (*offset)(const TfrecordWriter::Place &);
  const Rule *rule;
};
const Field fields[] = {
    {"length", [](const TfrecordWriter::Place &place) { return place.offset; }, &tfrecord::length_crc},
    {"length_crc", [](const TfrecordWriter::Place &place) { return place.length_crc_offset(); }, &tfrecord::length_crc},
    {"data", [](const TfrecordWriter::Place &place) { return place.data_offset(); }, &tfrecord::data_crc},
    {"data_crc", [](const TfrecordWriter::Place &place) { return place.data_crc_offset(); }, &tfrecord::data_crc},
};

class TfrecordDamage : public testing::TestWithParam<std::tuple<std::size_t, Field>> {};

TEST_P(TfrecordDamage, IsFoundOnceAtItsRecordAndAllOthersAreRead) {
  const auto &[record, field] = GetParam();
  const TfrecordWriter writer = small_shard();
  const TfrecordWriter::Place place = writer.places()[record];
  const Reading reading = read_whole(flip_bit(writer.shard(), field.offset(place), 5));
  expect_only(reading, *field.rule, place.offset);
  EXPECT_EQ(reading.findings[0].length, place.size());
  ASSERT_EQ(reading.samples.size(), writer.places().size()) << describe(reading);
  for (std::size_t i = 0; i < writer.places().size(); ++i) {
    const bool broken = i == record && field.rule == &tfrecord::length_crc;
    EXPECT_EQ(reading.samples[i], (SeenSample{i, writer.places()[i].offset, writer.places()[i].size(), broken}));
  }
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

TEST(TfrecordDamage, AWrongLengthNamesBothSumsAndWhatIsLost) {
  const TfrecordWriter writer = small_shard();
  const std::size_t offset = writer.places()[2].offset;
  const Blob shard = set_byte(writer.shard(), offset + 1, 1);
  const Reading reading = read_whole(shard);
  expect_only(reading, tfrecord::length_crc, offset);
  EXPECT_EQ(reading.findings[0].detail,
            fmt::format("stored {:08x}, computed {:08x}: the length {} is not to be believed; the next intact record "
                        "begins 67 bytes on; one record is lost, and its data of 51 bytes are whole",
                        TfrecordWriter::masked_crc(writer.shard().data() + offset, 8),
                        TfrecordWriter::masked_crc(shard.data() + offset, 8), 51 + 256));
}

TEST(TfrecordDamage, SaysHowManyRecordsAreLostWhereThatCanBeTold) {
  const TfrecordWriter writer = small_shard();
  const TfrecordWriter::Place &third = writer.places()[2];
  const auto detail = [](const Blob &shard) {
    const Reading reading = read_whole(shard);
    return reading.findings.empty() ? std::string() : reading.findings[0].detail;
  };
  const Blob wrong_crc = flip_bit(writer.shard(), third.length_crc_offset());
  EXPECT_NE(detail(flip_bit(wrong_crc, third.data_offset())).find("on; one record is lost"), std::string::npos);
  EXPECT_EQ(detail(flip_bit(wrong_crc, third.data_offset())).find("whole"), std::string::npos);
  const Blob wrong_length = flip_bit(writer.shard(), third.offset);
  EXPECT_NE(detail(flip_bit(wrong_length, third.data_offset())).find("cannot be told"), std::string::npos);
  EXPECT_NE(detail(flip_bit(wrong_crc, writer.places()[3].offset)).find("cannot be told"), std::string::npos);
  const std::size_t last = writer.places()[4].offset;
  EXPECT_NE(detail(flip_bit(writer.shard(), last)).find("no intact record follows in the 24 bytes to the end; one record is lost, and"),
            std::string::npos);
}

TEST(TfrecordDamage, ATailOfZerosIsTold) {
  const Blob good = small_shard().shard();
  for (std::size_t zeros : {12u, 100u, 4095u, 4096u, 4097u, 100'000u}) {
    const Reading reading = read_whole(append(good, Blob(zeros, 0)));
    expect_only(reading, tfrecord::length_crc, good.size());
    EXPECT_NE(reading.findings[0].detail.find(fmt::format("all {} bytes to the end are zero", zeros)), std::string::npos)
        << describe(reading);
    EXPECT_EQ(read_shard(append(good, Blob(zeros, 0)), 64), reading);
  }
  const Reading few = read_whole(append(good, Blob(11, 0)));
  expect_only(few, tfrecord::tail_torn, good.size());
  EXPECT_EQ(few.findings[0].detail, "a record's header needs 12 bytes, 11 are left, all of them zero");
  const Reading not_zero = read_whole(append(append(good, Blob(12, 0)), {1}));
  EXPECT_EQ(not_zero.findings[0].detail.find("are zero,"), std::string::npos) << describe(not_zero);
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
