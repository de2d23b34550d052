// What is damaged costs what is damaged: every intact record of a shard is read, and none is invented.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "formats/tfrecord/find_header.h"
#include "tests/formats/tfrecord/shard_reading.h"

namespace datavet::test {
namespace {

/// Records of 40 to 1,040 random bytes.
TfrecordWriter shard_of(std::size_t records, unsigned seed) {
  std::mt19937 random(seed);
  TfrecordWriter writer;
  for (std::size_t i = 0; i < records; ++i) {
    Blob data(40 + random() % 1000);
    std::ranges::generate(data, [&] { return static_cast<std::uint8_t>(random()); });
    writer.add(data);
  }
  return writer;
}

/// The same in any windows: the large ones by far, and odd small ones.
Reading read_in_windows(const Blob &shard) {
  const Reading whole = read_whole(shard);
  for (std::size_t window : {13u, 64u, 1000u, 4096u}) EXPECT_EQ(read_shard(shard, window), whole) << "windows of " << window;
  return whole;
}

bool read_intact(const Reading &reading, std::uint64_t offset, std::uint64_t size) {
  const bool framed = std::ranges::any_of(reading.samples, [&](const SeenSample &sample) {
    return !sample.broken && sample.offset == offset && sample.size == size;
  });
  return framed && std::ranges::none_of(reading.findings, [&](const SeenFinding &finding) {
           return finding.offset == offset && finding.length == size;
         });
}

/// All records of `writer` outside [begin, end) are read at their place plus `shift`, and each finding touches what
/// was damaged.
void expect_all_but(const Reading &reading, const TfrecordWriter &writer, std::size_t begin, std::size_t end,
                    std::ptrdiff_t shift = 0) {
  std::size_t intact = 0;
  for (const TfrecordWriter::Place &place : writer.places()) {
    const bool before = place.end() <= begin, after = place.offset >= end;
    if (!before && !after) continue;
    const std::uint64_t offset = after ? place.offset + static_cast<std::size_t>(shift) : place.offset;
    EXPECT_TRUE(read_intact(reading, offset, place.size())) << "record at " << place.offset << "\n" << describe(reading);
    ++intact;
  }
  EXPECT_LE(reading.good_samples(), intact + 1); // a record whose data only are wrong is framed
  EXPECT_FALSE(reading.findings.empty());
}

enum class Overwrite { zeros, ones, noise, other_shard };

class TfrecordSalvage : public testing::TestWithParam<Overwrite> {};

TEST_P(TfrecordSalvage, APageOverwrittenAnywhereCostsOnlyTheRecordsItTouches) {
  const TfrecordWriter writer = shard_of(40, 1);
  const Blob other = shard_of(40, 2).shard();
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    const std::size_t size = std::min<std::size_t>(1 + random() % 4096, writer.shard().size() / 2);
    const std::size_t begin = random() % (writer.shard().size() - size);
    Blob shard = writer.shard();
    for (std::size_t i = begin; i < begin + size; ++i)
      switch (GetParam()) {
      case Overwrite::zeros: shard[i] = 0; break;
      case Overwrite::ones: shard[i] = 0xff; break;
      case Overwrite::noise: shard[i] = static_cast<std::uint8_t>(random()); break;
      case Overwrite::other_shard: shard[i] = other[i]; break;
      }
    const Reading reading = read_in_windows(shard);
    for (const TfrecordWriter::Place &place : writer.places())
      if (place.end() <= begin || place.offset >= begin + size) {
        EXPECT_TRUE(read_intact(reading, place.offset, place.size())) << describe(reading);
      }
    ASSERT_FALSE(HasFailure()) << "round " << round << ", " << size << " bytes at " << begin;
  }
}

INSTANTIATE_TEST_SUITE_P(With, TfrecordSalvage,
                         testing::Values(Overwrite::zeros, Overwrite::ones, Overwrite::noise, Overwrite::other_shard));

TEST(TfrecordSalvage, AShardCutInTheFrontIsReadFromItsFirstIntactRecord) {
  const TfrecordWriter writer = shard_of(10, 4);
  for (std::size_t cut : {1u, 7u, 11u, 12u, 13u, 100u, 1500u, 3000u}) {
    const Blob shard(writer.shard().begin() + static_cast<std::ptrdiff_t>(cut), writer.shard().end());
    const Reading reading = read_in_windows(shard);
    expect_all_but(reading, writer, 0, cut, -static_cast<std::ptrdiff_t>(cut));
    expect_only(reading, tfrecord::length_crc, 0);
  }
}

TEST(TfrecordSalvage, BytesLostOrAddedInsideCostTheRecordsTheyTouch) {
  const TfrecordWriter writer = shard_of(12, 5);
  std::mt19937 random(6);
  for (int round = 0; round < 200; ++round) {
    const std::size_t size = 1 + random() % (round % 2 == 0 ? 3 : 2000);
    const std::size_t begin = random() % (writer.shard().size() - size);
    const auto bytes = static_cast<std::ptrdiff_t>(size);
    expect_all_but(read_in_windows(erase(writer.shard(), begin, size)), writer, begin, begin + size, -bytes);
    const bool between = std::ranges::any_of(writer.places(), [&](const auto &place) { return place.offset == begin; });
    if (!between) expect_all_but(read_in_windows(insert(writer.shard(), begin, Blob(size, 'z'))), writer, begin, begin + 1, bytes);
    ASSERT_FALSE(testing::Test::HasFailure()) << "round " << round << ": " << size << " bytes at " << begin;
  }
}

TEST(TfrecordSalvage, WhatStandsBetweenTwoRecordsIsAHoleOfItsOwn) {
  const TfrecordWriter writer = shard_of(5, 7);
  for (std::size_t size : {1u, 11u, 12u, 13u, 500u, 5000u}) {
    const std::size_t at = writer.places()[2].offset;
    const Reading reading = read_in_windows(insert(writer.shard(), at, Blob(size, 0)));
    expect_only(reading, tfrecord::length_crc, at);
    EXPECT_EQ(reading.findings[0].length, size);
    EXPECT_EQ(reading.good_samples(), 5u);
  }
}

TEST(TfrecordSalvage, ARecordThatLostBytesDoesNotSwallowTheNext) {
  const TfrecordWriter writer = shard_of(6, 8);
  const TfrecordWriter::Place &third = writer.places()[2];
  const Reading reading = read_in_windows(erase(writer.shard(), third.data_offset() + 5, 20));
  expect_only(reading, tfrecord::record_short, third.offset);
  EXPECT_EQ(reading.findings[0].length, third.size() - 20);
  EXPECT_EQ(reading.good_samples(), 5u);
}

TEST(TfrecordSalvage, TheLastRecordButOneMayClaimMoreThanTheShardHas) {
  TfrecordWriter writer;
  writer.add("before");
  const std::size_t begin = writer.shard().size();
  writer.add_header(100'000);
  writer.add("first behind");
  writer.add("second behind");
  const Reading reading = read_in_windows(writer.shard());
  expect_only(reading, tfrecord::record_short, begin);
  EXPECT_EQ(reading.findings[0].length, 12u);
  EXPECT_EQ(reading.findings[0].detail, "the record needs 100016 bytes, an intact one begins 12 bytes on");
  EXPECT_EQ(reading.good_samples(), 3u);
}

TEST(TfrecordSalvage, TwoShardsOneBehindTheOtherAreTwoShards) {
  const TfrecordWriter one = shard_of(3, 9), two = shard_of(3, 10);
  EXPECT_TRUE(read_in_windows(append(one.shard(), two.shard())).findings.empty());
  const Blob spliced = append(truncate(one.shard(), one.places()[1].data_offset() + 9), two.shard());
  const Reading reading = read_in_windows(spliced);
  expect_only(reading, tfrecord::record_short, one.places()[1].offset);
  EXPECT_EQ(reading.good_samples(), 4u);
}

TEST(TfrecordSalvage, ADuplicatedBlockGivesItsIntactRecordsTwice) {
  const TfrecordWriter writer = shard_of(8, 11);
  const std::size_t begin = writer.places()[2].offset + 5, end = writer.places()[5].offset + 9;
  const Blob block(writer.shard().begin() + static_cast<std::ptrdiff_t>(begin), writer.shard().begin() + static_cast<std::ptrdiff_t>(end));
  const Reading reading = read_in_windows(insert(writer.shard(), end, block));
  expect_only(reading, tfrecord::length_crc, writer.places()[5].offset); // its first nine bytes stand twice too
  EXPECT_EQ(reading.good_samples(), 8u + 2) << "two stand twice\n" << describe(reading);
}

TEST(TfrecordSalvage, ARecordWhoseDataAreWrongIsNeverAccepted) {
  const TfrecordWriter writer = shard_of(6, 12);
  // The search passes a header that is right, of a record that is not.
  Blob shard = flip_bit(writer.shard(), writer.places()[1].offset);
  shard = flip_bit(shard, writer.places()[2].data_crc_offset());
  const Reading reading = read_in_windows(shard);
  expect_only(reading, tfrecord::length_crc, writer.places()[1].offset);
  EXPECT_EQ(reading.findings[0].length, writer.places()[1].size() + writer.places()[2].size());
  EXPECT_EQ(reading.good_samples(), 4u);
}

TEST(TfrecordSalvage, AShardInsideADamagedRecordIsNotTakenForRecords) {
  TfrecordWriter writer;
  writer.add("before");
  writer.add(shard_of(3, 13).shard());
  writer.add("after");
  const Reading reading = read_in_windows(flip_bit(writer.shard(), writer.places()[1].data_crc_offset()));
  expect_only(reading, tfrecord::data_crc, writer.places()[1].offset);
  EXPECT_EQ(reading.samples.size(), 3u);
}

TEST(TfrecordSalvage, AMillionPlacesThatLookLikeRecordsAreNotAllExamined) {
  // Each header claims all that follows: to refute them all would take 6 TB of CRC.
  TfrecordWriter headers;
  constexpr std::uint64_t count = 100'000;
  for (std::uint64_t i = 0; i < count; ++i) headers.add_header((count - i) * 12 - 12);
  CheckOptions options;
  options.limits.sample_bytes = 2 << 20;
  TfrecordWriter intact;
  intact.add("the only record");
  const Blob shard = append(append(Blob(12, 1), headers.shard()), intact.shard());
  const Reading reading = read_shard(shard, 1 << 20, options);
  ASSERT_FALSE(reading.findings.empty());
  EXPECT_NE(reading.findings[0].detail.find("were too many to be verified"), std::string::npos) << describe(reading);
}

/// By the definition, one place after the other.
std::size_t find_slowly(Bytes bytes, std::uint64_t most) {
  for (std::size_t at = 0; at + 12 <= bytes.size(); ++at) {
    std::uint64_t length = 0;
    std::uint32_t crc = 0;
    std::memcpy(&length, bytes.data() + at, 8);
    std::memcpy(&crc, bytes.data() + at + 8, 4);
    if (length <= most && crc == TfrecordWriter::masked_crc(bytes.data() + at, 8)) return at;
  }
  return bytes.size();
}

TEST(TfrecordFindHeader, FindsTheFirstAtEveryPlaceAndAlignment) {
  std::mt19937 random(14);
  TfrecordWriter header;
  header.add_header(0x01020304);
  for (const std::uint64_t most : {std::uint64_t{1} << 30, std::uint64_t{1} << 40})
    for (std::size_t size = 0; size < 300; ++size)
      for (int fill = 0; fill < 3; ++fill) {
        Blob bytes(size);
        // Noise, zeros, and a mixture in which many places pass the first look.
        std::ranges::generate(bytes, [&] { return fill == 0 || (fill == 2 && random() % 4 == 0) ? static_cast<std::uint8_t>(random()) : std::uint8_t{0}; });
        EXPECT_EQ(tfrecord::find_header(bytes, most), find_slowly(bytes, most));
        if (size < 12) continue;
        std::ranges::copy(header.shard(), bytes.begin() + static_cast<std::ptrdiff_t>(random() % (size - 11)));
        ASSERT_EQ(tfrecord::find_header(bytes, most), find_slowly(bytes, most)) << size;
      }
}

TEST(TfrecordFindHeader, TakesNoLengthOverTheLimit) {
  TfrecordWriter header;
  header.add_header(1000);
  const Blob bytes = append(append(Blob(200, 7), header.shard()), Blob(200, 7));
  EXPECT_EQ(tfrecord::find_header(bytes, 1000), 200u);
  EXPECT_EQ(tfrecord::find_header(bytes, 999), bytes.size());
}

TEST(TfrecordFindHeader, FindsARecordOfNothingAmongZeros) {
  TfrecordWriter empty;
  empty.add("");
  for (std::size_t before : {0u, 1u, 63u, 64u, 65u, 127u, 500u, 1000u}) {
    const Blob bytes = append(append(Blob(before, 0), empty.shard()), Blob(400, 0));
    EXPECT_EQ(tfrecord::find_header(bytes, 1 << 20), before);
  }
}

} // namespace
} // namespace datavet::test
