#include <gtest/gtest.h>
#include <zlib.h>

#include "formats/checksum/fletcher32.h"
#include "formats/hdf5/chunk_filters.h"
#include "formats/hdf5/rules.h"
#include "tests/formats/hdf5/hdf5_maker.h"

using namespace datavet;
using namespace datavet::hdf5;
using namespace datavet::test;

namespace {

Blob text(std::string_view words) { return {words.begin(), words.end()}; }

Blob deflated(const Blob &bytes) {
  uLongf length = compressBound(bytes.size());
  Blob out(length);
  compress2(out.data(), &length, bytes.data(), bytes.size(), 6);
  out.resize(length);
  return out;
}

Blob with_sum(Blob bytes) {
  const std::uint32_t sum = fletcher32(bytes);
  for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(sum >> shift));
  return bytes;
}

Blob shuffled(const Blob &bytes, std::size_t element) {
  Blob out;
  for (std::size_t byte = 0; byte < element; ++byte)
    for (std::size_t at = byte; at < bytes.size() / element * element; at += element)
      out.push_back(bytes[at]);
  for (std::size_t at = out.size(); at < bytes.size(); ++at) out.push_back(bytes[at]);
  return out;
}

std::string verdict(const std::vector<Filter> &filters, const Blob &stored, std::uint64_t size,
                    std::uint32_t mask = 0) {
  EXPECT_TRUE(can_undo(filters));
  std::optional<ChunkTrouble> trouble = ChunkVerifier(filters, size).verify(stored, mask);
  return trouble ? std::string(trouble->rule->id) : "good";
}

const Filter deflate{deflate_filter, {6}}, shuffle{shuffle_filter, {4}}, fletcher{fletcher32_filter, {}},
    lzf{lzf_filter, {}};
const Blob chunk = counting<std::uint8_t>(1003);

TEST(ChunkVerifier, AcceptsEachFilterAndTheirChains) {
  EXPECT_EQ(verdict({}, chunk, chunk.size()), "good");
  EXPECT_EQ(verdict({deflate}, deflated(chunk), chunk.size()), "good");
  EXPECT_EQ(verdict({fletcher}, with_sum(chunk), chunk.size()), "good");
  EXPECT_EQ(verdict({shuffle, deflate, fletcher}, with_sum(deflated(shuffled(chunk, 4))), chunk.size()),
            "good");
  EXPECT_EQ(verdict({fletcher, shuffle, deflate}, deflated(shuffled(with_sum(chunk), 4)), chunk.size()),
            "good");
}

TEST(ChunkVerifier, PassesOverFiltersThatTheMaskLeavesOut) {
  EXPECT_EQ(verdict({shuffle, deflate}, chunk, chunk.size(), 0b10), "good");
  EXPECT_EQ(verdict({deflate, fletcher}, with_sum(chunk), chunk.size(), 0b01), "good");
  EXPECT_EQ(verdict({deflate}, truncate(chunk, 1000), chunk.size(), 1), "hdf5.chunk.size");
}

TEST(ChunkVerifier, FindsEveryChangedByteUnderAChecksum) {
  const Blob summed = with_sum(chunk), early = deflated(shuffled(with_sum(chunk), 4));
  for (std::size_t at = 0; at < summed.size(); ++at)
    EXPECT_EQ(verdict({fletcher}, flip_bit(summed, at, at % 8), chunk.size()), "hdf5.dataset.checksum") << at;
  // Adler-32 stands behind the deflate stream; only unused bits of its header and last block may change.
  unsigned unseen = 0;
  for (std::size_t at = 0; at < early.size(); ++at)
    unseen += verdict({fletcher, shuffle, deflate}, flip_bit(early, at, at % 8), chunk.size()) == "good";
  EXPECT_LE(unseen, 1u);
}

TEST(ChunkVerifier, AcceptsTheSwappedChecksumOfOldLibraries) {
  Blob old = with_sum(chunk);
  std::swap(old[chunk.size()], old[chunk.size() + 1]);
  std::swap(old[chunk.size() + 2], old[chunk.size() + 3]);
  EXPECT_EQ(verdict({fletcher}, old, chunk.size()), "good");
}

TEST(ChunkVerifier, BoundsWhatAStreamMayBecome) {
  EXPECT_EQ(verdict({deflate}, deflated(Blob(64 << 20)), 1024), "hdf5.chunk.size");
  EXPECT_EQ(verdict({deflate}, deflated(chunk), chunk.size() + 1), "hdf5.chunk.size");
  EXPECT_EQ(verdict({deflate}, truncate(deflated(chunk), 100), chunk.size()), "hdf5.chunk.stream");
  EXPECT_EQ(verdict({fletcher}, {1, 2}, chunk.size()), "hdf5.dataset.checksum");
}

TEST(ChunkVerifier, ReadsLzf) {
  // Two literals, then eight bytes copied from a distance of 2, in the short and in the long form.
  const Blob abab = text("ababababab");
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 6 << 5, 1}, abab.size()), "good");
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 7 << 5, 1, 1}, 12), "good");
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 6 << 5, 2}, abab.size()), "hdf5.chunk.stream")
      << "distance before the start";
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 6 << 5}, abab.size()), "hdf5.chunk.stream") << "no distance";
  EXPECT_EQ(verdict({lzf}, {3, 'a', 'b'}, abab.size()), "hdf5.chunk.stream") << "too few literals";
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 6 << 5, 1}, 9), "hdf5.chunk.size");
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 6 << 5, 1}, 11), "hdf5.chunk.size");
}

TEST(ChunkVerifier, LeavesOtherPipelinesToLibhdf5) {
  EXPECT_FALSE(can_undo(std::vector{deflate, deflate}));
  EXPECT_FALSE(can_undo(std::vector{Filter{4, {}}}));
}

} // namespace
