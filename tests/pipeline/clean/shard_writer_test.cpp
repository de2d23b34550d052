#include "pipeline/clean/shard_writer.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "formats/checksum/crc32c.h"
#include "formats/tfrecord/framing.h"
#include "pipeline/io/unique_fd.h"
#include "tests/pipeline/clean/shards.h"

namespace datavet::test {
namespace {

Blob noise(std::size_t size) {
  Blob bytes(size);
  std::uint32_t state = 7;
  for (std::uint8_t &byte : bytes)
    byte = static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
  return bytes;
}

class Writer : public Dataset, public ::testing::WithParamInterface<Wrapping> {
protected:
  UniqueFd create() const {
    return UniqueFd(::open((base() + "/out").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  }
};

TEST_P(Writer, WritesWhatItWasGivenInPiecesOfAnySize) {
  const Blob all = noise(1'500'000); // does not deflate: the block fills at every place
  for (std::size_t piece : {std::size_t{1009}, std::size_t{262'144}, std::size_t{262'145}, all.size()}) {
    const UniqueFd file = create();
    ShardWriter writer(file.get(), GetParam());
    for (std::size_t at = 0; at < all.size(); at += piece)
      ASSERT_EQ(writer.write(Bytes(all).subspan(at, std::min(piece, all.size() - at))), 0);
    ASSERT_EQ(writer.finish(), 0);
    const std::string stored = read_file(base() + "/out");
    EXPECT_EQ(unwrapped(blob_of(stored), GetParam()), all);
    EXPECT_EQ(writer.plain(), (Content{all.size(), hash_of(text_of(all))}));
    EXPECT_EQ(writer.stored(), (Content{stored.size(), hash_of(stored)}));
  }
}

TEST_P(Writer, NothingIsAWholeStreamToo) {
  const UniqueFd file = create();
  ShardWriter writer(file.get(), GetParam());
  ASSERT_EQ(writer.write({}), 0);
  ASSERT_EQ(writer.finish(), 0);
  EXPECT_EQ(unwrapped(blob_of(read_file(base() + "/out")), GetParam()), Blob{});
}

TEST_P(Writer, AWriteThatFailsIsTold) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ShardWriter writer(full.get(), GetParam());
  const int early = writer.write(noise(600'000));
  EXPECT_EQ(early, ENOSPC);
  ShardWriter late(full.get(), GetParam());
  EXPECT_EQ(late.write(noise(10)), 0) << "held back";
  EXPECT_EQ(late.finish(), ENOSPC);
}

INSTANTIATE_TEST_SUITE_P(All, Writer, ::testing::Values(Wrapping::none, Wrapping::gzip, Wrapping::zlib),
                         [](const auto &wrapping) { return std::string(name_of(wrapping.param)); });

TEST(Framing, IsThatOfAnIndependentWriter) {
  for (std::size_t size : {0u, 1u, 255u, 70'000u}) {
    const Blob data = noise(size);
    TfrecordWriter writer;
    writer.add(data);
    const auto header = tfrecord::header_for(size);
    Blob framed(header.begin(), header.end());
    framed = append(framed, data);
    std::uint32_t crc = crc32c(Bytes(data).first(size / 3));
    crc = crc32c(Bytes(data).subspan(size / 3), crc);
    const auto footer = tfrecord::footer_for(crc);
    framed.insert(framed.end(), footer.begin(), footer.end());
    EXPECT_EQ(framed, writer.shard());
  }
}

} // namespace
} // namespace datavet::test
