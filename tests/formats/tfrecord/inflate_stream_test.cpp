#include "formats/deflate/inflate_stream.h"

#include <random>

#include <gtest/gtest.h>

#include "formats/checksum/crc32.h"
#include "tests/formats/tfrecord/deflate_writer.h"
#include "tests/formats/tfrecord/inflating.h"

namespace datavet::test {
namespace {

using Outcome = InflateStream::Outcome;

Blob sample_text(std::size_t size = 400) {
  std::mt19937 random(7);
  Blob text(size);
  for (std::uint8_t &byte : text) byte = static_cast<std::uint8_t>("acegikm\n"[random() % 8]);
  return text;
}

Blob both(const Blob &first, const Blob &second) { return append(first, second); }

class InflateStreamOf : public testing::TestWithParam<Wrapping> {};
INSTANTIATE_TEST_SUITE_P(Wrappings, InflateStreamOf, testing::Values(Wrapping::gzip, Wrapping::zlib),
                         [](const auto &tested) { return std::string(name_of(tested.param)); });

TEST_P(InflateStreamOf, GivesBackWhatWasDeflated) {
  for (std::size_t size : {0u, 1u, 400u, 100'000u}) {
    const Blob plain = sample_text(size), packed = wrap(plain, GetParam());
    const Inflated inflated = inflate_all(packed, GetParam());
    EXPECT_EQ(inflated.outcome, Outcome::ended);
    EXPECT_EQ(inflated.plain, plain);
    EXPECT_EQ(inflated.compressed_offset, packed.size());
    EXPECT_EQ(inflated.message, "");
  }
}

TEST_P(InflateStreamOf, TheSizeOfThePiecesDoesNotMatter) {
  const Blob packed = wrap(sample_text(), GetParam());
  const Inflated whole = inflate_all(packed, GetParam());
  for (std::size_t piece = 1; piece <= packed.size(); ++piece)
    for (std::size_t room : {1u, 2u, 3u, 64u, 399u, 400u, 401u})
      ASSERT_EQ(inflate_all(packed, GetParam(), piece, room), whole) << piece << " in, " << room << " out";
}

TEST_P(InflateStreamOf, EveryProperPrefixIsTruncated) {
  const Blob plain = sample_text(), packed = wrap(plain, GetParam());
  for (std::size_t size = 0; size < packed.size(); ++size)
    for (std::size_t piece : {std::size_t{1}, packed.size()}) {
      const Inflated inflated = inflate_all(truncate(packed, size), GetParam(), piece);
      ASSERT_EQ(inflated.outcome, Outcome::truncated) << size;
      ASSERT_EQ(inflated.compressed_offset, size);
      ASSERT_TRUE(std::equal(inflated.plain.begin(), inflated.plain.end(), plain.begin()));
    }
}

TEST_P(InflateStreamOf, TruncationIsToldOnlyWhenThereIsRoomForMore) {
  const Blob packed = truncate(wrap(sample_text(), GetParam()), 60);
  InflateStream stream(GetParam());
  EXPECT_EQ(stream.feed(packed, More::nothing_follows, {}).outcome, Outcome::running);
  Blob room(1000);
  EXPECT_EQ(
      stream.feed(Bytes(packed).subspan(stream.compressed_offset()), More::nothing_follows, room).outcome,
      Outcome::truncated);
}

TEST_P(InflateStreamOf, NoChangedBitGetsPastTheChecksum) {
  // Time, system and level in a gzip header and the bits that fill the last byte of deflate data have no
  // checksum and no effect: what ends well has then given the same bytes. Adler-32 is weak, though: one
  // bit of this very zlib stream turns "ege" into "gcg", which has the same sums.
  const Blob plain = sample_text(), packed = wrap(plain, GetParam());
  std::size_t found = 0;
  for (std::size_t at = 0; at < packed.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      const Inflated inflated = inflate_all(flip_bit(packed, at, bit), GetParam());
      if (inflated.outcome != Outcome::ended)
        ++found;
      else if (GetParam() == Wrapping::gzip)
        ASSERT_EQ(inflated.plain, plain) << "bit " << bit << " of byte " << at;
      else
        ASSERT_EQ(adler32(inflated.plain), adler32(plain)) << "bit " << bit << " of byte " << at;
    }
  EXPECT_GT(found, 8 * (packed.size() - 10));
}

TEST_P(InflateStreamOf, BytesBehindTheEndAreTrailing) {
  const Blob plain = sample_text(), packed = wrap(plain, GetParam());
  for (const Blob &rest : {Blob{0}, Blob(512, 0), Blob{'x', 'y', 'z'}})
    for (std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
      const Inflated inflated = inflate_all(append(packed, rest), GetParam(), piece);
      EXPECT_EQ(inflated.outcome, Outcome::trailing);
      EXPECT_EQ(inflated.plain, plain);
      EXPECT_EQ(inflated.compressed_offset, packed.size()) << "where the stream ends";
    }
}

TEST_P(InflateStreamOf, IsDoneOnceItIsOver) {
  const Blob packed = wrap(sample_text(), GetParam());
  InflateStream stream(GetParam());
  Blob room(1000);
  ASSERT_EQ(stream.feed(packed, More::nothing_follows, room).outcome, Outcome::ended);
  const InflateStream::Step step = stream.feed(packed, More::nothing_follows, room);
  EXPECT_EQ(step.consumed, 0u);
  EXPECT_EQ(step.produced, 0u);
  EXPECT_EQ(step.outcome, Outcome::ended);
}

TEST_P(InflateStreamOf, IsNotOverWhileMoreMayFollow) {
  const Blob packed = wrap(sample_text(), GetParam());
  InflateStream stream(GetParam());
  Blob room(1000);
  EXPECT_EQ(stream.feed(packed, More::may_follow, room).outcome, Outcome::running);
  EXPECT_EQ(stream.compressed_offset(), packed.size());
  EXPECT_EQ(stream.feed({}, More::nothing_follows, room).outcome, Outcome::ended);
}

TEST_P(InflateStreamOf, GoesOnAfterAMove) {
  const Blob plain = sample_text(), packed = wrap(plain, GetParam());
  InflateStream stream(GetParam());
  Blob room(1000);
  const InflateStream::Step first = stream.feed(Bytes(packed).first(50), More::may_follow, room);
  InflateStream moved = std::move(stream);
  const std::span<std::uint8_t> rest = std::span(room).subspan(first.produced);
  EXPECT_EQ(moved.feed(Bytes(packed).subspan(first.consumed), More::nothing_follows, rest).outcome,
            Outcome::ended);
  room.resize(moved.plain_offset());
  EXPECT_EQ(room, plain);
}

TEST_P(InflateStreamOf, RandomBytesNeverMakeItFail) {
  std::mt19937 random(11);
  const Blob packed = wrap(sample_text(), GetParam());
  for (int round = 0; round < 5'000; ++round) {
    Blob blob = packed;
    for (unsigned changes = 1 + random() % 8; changes > 0; --changes)
      blob[random() % blob.size()] = static_cast<std::uint8_t>(random());
    const Inflated once = inflate_all(blob, GetParam(), 1 + random() % 100, 1 + random() % 500);
    ASSERT_NE(once.outcome, Outcome::running);
    ASSERT_LE(once.compressed_offset, blob.size());
    ASSERT_EQ(inflate_all(blob, GetParam()).plain, once.plain) << "depends on the pieces";
  }
}

TEST(InflateStream, SaysWithZlibsWordsWhatIsWrong) {
  const Blob plain = sample_text(), packed = gzip(plain), zlib_packed = zlib(plain);
  struct Case {
    Blob blob;
    Wrapping wrapping;
    const char *message;
    std::uint64_t offset;
  };
  const Case cases[] = {
      {set_byte(packed, 0, 0), Wrapping::gzip, "incorrect header check", 2},
      {set_byte(packed, 2, 9), Wrapping::gzip, "unknown compression method", 4},
      {set_byte(packed, 3, 0xe0), Wrapping::gzip, "unknown header flags set", 4},
      {set_byte(packed, 10, 0x07), Wrapping::gzip, "invalid block type", 11},
      {flip_bit(packed, packed.size() - 8), Wrapping::gzip, "incorrect data check", packed.size() - 4},
      {flip_bit(packed, packed.size() - 1), Wrapping::gzip, "incorrect length check", packed.size()},
      {set_byte(zlib_packed, 1, 0), Wrapping::zlib, "incorrect header check", 2},
      {flip_bit(zlib_packed, zlib_packed.size() - 1), Wrapping::zlib, "incorrect data check",
       zlib_packed.size()},
      {gzip(plain), Wrapping::zlib, "incorrect header check", 2},
      {{0x78, 0x20, 1, 2, 3, 4, 5, 6}, Wrapping::zlib, "needs a preset dictionary", 6}, // FDICT
  };
  for (const Case &one : cases) {
    const Inflated inflated = inflate_all(one.blob, one.wrapping);
    EXPECT_EQ(inflated.outcome, Outcome::damaged) << one.message;
    EXPECT_EQ(inflated.message, one.message);
    EXPECT_EQ(inflated.compressed_offset, one.offset) << one.message;
  }
}

TEST(InflateStream, VerifiesTheGzipHeaderCrc) {
  const Blob plain = sample_text(), packed = gzip(plain, HeaderFields::all);
  EXPECT_EQ(inflate_all(packed, Wrapping::gzip).plain, plain);
  const std::size_t name = static_cast<std::size_t>(
      std::search(packed.begin(), packed.end(), "shard", "shard" + 5) - packed.begin());
  ASSERT_LT(name, 40u);
  EXPECT_EQ(inflate_all(flip_bit(packed, name), Wrapping::gzip).message, "header crc mismatch");
  // With a header CRC no byte of the header is free.
  for (std::size_t at = 0; at < name + 20; ++at)
    for (unsigned bit = 0; bit < 8; ++bit)
      ASSERT_EQ(inflate_all(flip_bit(packed, at, bit), Wrapping::gzip).outcome == Outcome::ended, false)
          << at;
}

TEST(InflateStream, ReadsZlibStreamsWithAnyWindow) {
  for (int window_bits = 9; window_bits <= 15; ++window_bits)
    for (int level = 0; level <= 9; ++level) {
      const Blob plain = sample_text(70'000);
      const Inflated inflated = inflate_all(zlib(plain, level, window_bits), Wrapping::zlib);
      ASSERT_EQ(inflated.outcome, Outcome::ended);
      ASSERT_EQ(inflated.plain, plain);
    }
}

TEST(InflateStream, ReadsOnThroughGzipMembers) { // RFC 1952 2.2
  const Blob first = sample_text(), second(300, 'b');
  const Blob packed = both(both(gzip(first), gzip({})), gzip(second, HeaderFields::all));
  const Inflated whole = inflate_all(packed, Wrapping::gzip);
  EXPECT_EQ(whole.outcome, Outcome::ended);
  EXPECT_EQ(whole.plain, both(first, second));
  for (std::size_t piece = 1; piece <= packed.size(); ++piece)
    for (std::size_t room : {1u, 400u, 1000u})
      ASSERT_EQ(inflate_all(packed, Wrapping::gzip, piece, room), whole)
          << piece << " in, " << room << " out";
}

TEST(InflateStream, ACutBetweenMembersCannotBeSeenButAnyOtherCan) {
  const Blob member = gzip(sample_text()), packed = both(member, member);
  EXPECT_EQ(inflate_all(member, Wrapping::gzip).outcome, Outcome::ended);
  for (std::size_t size = member.size() + 1; size < packed.size(); ++size)
    ASSERT_EQ(inflate_all(truncate(packed, size), Wrapping::gzip).outcome, Outcome::truncated) << size;
}

TEST(InflateStream, ALaterMemberThatIsDamagedIsNotTakenForTrailingBytes) {
  const Blob member = gzip(sample_text());
  const std::size_t base = member.size();
  for (std::size_t at = 1; at < 4; ++at) {
    const Inflated inflated = inflate_all(flip_bit(both(member, member), base + at, 7), Wrapping::gzip);
    EXPECT_EQ(inflated.outcome, Outcome::damaged) << at;
    EXPECT_EQ(inflated.plain, sample_text());
  }
}

TEST(InflateStream, NothingFollowsAZlibStream) {
  const Blob packed = zlib(sample_text());
  EXPECT_EQ(inflate_all(both(packed, packed), Wrapping::zlib).outcome, Outcome::trailing);
  EXPECT_EQ(inflate_all(both(packed, gzip(sample_text())), Wrapping::zlib).outcome, Outcome::trailing);
}

TEST(InflateStream, ABombComesInPiecesOfTheRoomGiven) {
  const Blob packed = gzip(Blob(50'000'000, 0), HeaderFields::none, 9);
  ASSERT_LT(packed.size(), 60'000u);
  InflateStream stream(Wrapping::gzip);
  Blob room(1000);
  const InflateStream::Step step = stream.feed(packed, More::nothing_follows, room);
  EXPECT_EQ(step.produced, room.size());
  EXPECT_EQ(step.outcome, Outcome::running);
}

} // namespace
} // namespace datavet::test
