#include "formats/deflate/wrapping.h"

#include <gtest/gtest.h>

#include "tests/formats/tfrecord/deflate_writer.h"
#include "tests/support/guarded_bytes.h"

namespace datavet::test {
namespace {

TEST(Wrapping, KnowsGzipByItsFirstThreeBytes) {
  EXPECT_EQ(wrapping_of(gzip({1, 2, 3})), Wrapping::gzip);
  EXPECT_EQ(wrapping_of(Blob{0x1f, 0x8b, 8}), Wrapping::gzip);
  EXPECT_EQ(wrapping_of(Blob{0x1f, 0x8b}), Wrapping::none);
  EXPECT_EQ(wrapping_of(Blob{0x1f, 0x8b, 7}), Wrapping::none);
}

TEST(Wrapping, KnowsZlibByItsHeaderCheck) {
  for (int level = 0; level <= 9; ++level)
    for (int window_bits = 9; window_bits <= 15; ++window_bits)
      EXPECT_EQ(wrapping_of(zlib({1, 2, 3}, level, window_bits)), Wrapping::zlib);
  unsigned taken = 0; // RFC 1950 2.2: of each CMF one FLG in 31 or so is right
  for (unsigned cmf = 0; cmf < 256; ++cmf)
    for (unsigned flg = 0; flg < 256; ++flg) {
      const Blob head = {static_cast<std::uint8_t>(cmf), static_cast<std::uint8_t>(flg)};
      const bool right = cmf % 16 == 8 && cmf < 0x80 && (256 * cmf + flg) % 31 == 0;
      ASSERT_EQ(wrapping_of(head) == Wrapping::zlib, right) << cmf << " " << flg;
      taken += right;
    }
  EXPECT_LT(taken, 80u);
}

TEST(Wrapping, OtherBytesAreNone) {
  EXPECT_EQ(wrapping_of({}), Wrapping::none);
  EXPECT_EQ(wrapping_of(Blob{0x78}), Wrapping::none);
  EXPECT_EQ(wrapping_of(Blob{0xff, 0xd8, 0xff}), Wrapping::none);
  EXPECT_EQ(wrapping_of(Blob{0x89, 'P', 'N', 'G'}), Wrapping::none);
  EXPECT_EQ(wrapping_of(Blob(100, 0)), Wrapping::none);
}

TEST(FirstPlainBytes, ShowWhatLiesInside) {
  const Blob plain = {'s', 'o', 'm', 'e', ' ', 'b', 'y', 't', 'e', 's'};
  for (Wrapping wrapping : {Wrapping::none, Wrapping::gzip, Wrapping::zlib}) {
    const Blob packed = wrap(plain, wrapping);
    EXPECT_EQ(first_plain_bytes(packed, wrapping, 4), truncate(plain, 4));
    EXPECT_EQ(first_plain_bytes(packed, wrapping, 10), plain);
    EXPECT_EQ(first_plain_bytes(packed, wrapping, 4096), plain);
    EXPECT_TRUE(first_plain_bytes(packed, wrapping, 0).empty());
    EXPECT_TRUE(first_plain_bytes({}, wrapping, 10).empty());
  }
}

TEST(FirstPlainBytes, AreAsManyAsACutOrDamagedHeadGives) {
  const Blob plain(10'000, 'a'), packed = gzip(plain, HeaderFields::none, 0); // stored: bytes as they are
  const Blob few = first_plain_bytes(truncate(packed, 100), Wrapping::gzip, 4096);
  EXPECT_GT(few.size(), 50u);
  EXPECT_LT(few.size(), 100u);
  EXPECT_TRUE(first_plain_bytes(set_byte(gzip(plain), 10, 7), Wrapping::gzip, 4096).empty());
  for (std::size_t size = 0; size < 60; ++size) {
    GuardedBytes guarded{Bytes(packed).first(size)};
    EXPECT_LE(first_plain_bytes(guarded.bytes(), Wrapping::gzip, 4096).size(), size);
  }
}

} // namespace
} // namespace datavet::test
