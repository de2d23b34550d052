// Shards written with TensorFlow's options GZIP and ZLIB.
#include <gtest/gtest.h>

#include "tests/formats/tfrecord/compressed_shard.h"
#include "tests/formats/tfrecord/deflate_writer.h"

namespace datavet::test {
namespace {

class CompressedShard : public testing::TestWithParam<Wrapping> {
protected:
  const Blob plain_ = small_shard().shard();
  const Blob packed_ = wrap(plain_, GetParam());
};
INSTANTIATE_TEST_SUITE_P(Wrappings, CompressedShard, testing::Values(Wrapping::gzip, Wrapping::zlib),
                         [](const auto &tested) { return std::string(name_of(tested.param)); });

TEST_P(CompressedShard, IsRecognised) {
  EXPECT_FALSE(tfrecord_format.sniff(packed_));
  EXPECT_EQ(wrapping_of(packed_), GetParam());
  EXPECT_TRUE(tfrecord_format.sniff(first_plain_bytes(packed_, GetParam(), 4096)));
  EXPECT_TRUE(tfrecord_format.sniff(first_plain_bytes(packed_, GetParam(), 12)));
}

TEST_P(CompressedShard, ReadsAsThePlainOne) {
  EXPECT_EQ(read_compressed(packed_, GetParam()), read_whole(plain_));
}

TEST_P(CompressedShard, EveryCutIsOneFinding) {
  for (std::size_t size = 0; size < packed_.size(); ++size) {
    const Reading reading = read_compressed(truncate(packed_, size), GetParam());
    ASSERT_EQ(reading.findings.size(), 1u) << size << "\n" << describe(reading);
    ASSERT_EQ(reading.findings[0].rule, tfrecord::stream_truncated.id);
    ASSERT_LE(reading.findings[0].offset, plain_.size());
  }
}

TEST_P(CompressedShard, NoChangedByteLosesOrChangesARecordUnseen) {
  const Reading good = read_compressed(packed_, GetParam());
  for (std::size_t at = 0; at < packed_.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      const Reading reading = read_compressed(flip_bit(packed_, at, bit), GetParam());
      if (reading.findings.empty())
        ASSERT_EQ(reading, good) << "bit " << bit << " of byte " << at;
      else
        ASSERT_GE(reading.findings.back().rule, "tfrecord.stream") << describe(reading);
    }
}

TEST_P(CompressedShard, BytesBehindTheStreamAreFoundAndEveryRecordIsRead) {
  const Reading reading = read_compressed(append(packed_, Blob(100, 0)), GetParam());
  expect_only(reading, GetParam() == Wrapping::gzip ? tfrecord::stream_trailing : tfrecord::stream_trailing_ignored, plain_.size());
  EXPECT_EQ(reading.good_samples(), small_shard().places().size());
}

TEST_P(CompressedShard, DamageThatWasThereBeforeCompressionIsARecords) {
  const TfrecordWriter writer = small_shard();
  const Blob damaged = flip_bit(plain_, writer.places()[2].data_offset());
  expect_only(read_compressed(wrap(damaged, GetParam()), GetParam()), tfrecord::data_crc,
              writer.places()[2].offset);
}

TEST_P(CompressedShard, APlainShardMayBeginLikeACompressedOne) {
  // 376 = 0x0178, 35,615 + 8 * 65,536 = 0x088b1f: hence formats are asked before wrapping_of().
  for (std::size_t size : {376u, 0x088b1fu}) {
    TfrecordWriter writer;
    writer.add(Blob(size, 1));
    EXPECT_NE(wrapping_of(writer.shard()), Wrapping::none);
    EXPECT_TRUE(tfrecord_format.sniff(Bytes(writer.shard()).first(100)));
  }
}

TEST(GzipShard, MayHaveSeveralMembers) {
  const TfrecordWriter writer = small_shard();
  const std::size_t middle = writer.places()[2].data_offset() + 5; // in the midst of a record
  const Blob &plain = writer.shard();
  const Blob packed = append(gzip(truncate(plain, middle)), gzip(erase(plain, 0, middle)));
  EXPECT_EQ(read_compressed(packed, Wrapping::gzip), read_whole(plain));
}

} // namespace
} // namespace datavet::test
