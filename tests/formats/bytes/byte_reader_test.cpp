#include "formats/bytes/byte_reader.h"

#include <gtest/gtest.h>

#include "tests/support/guarded_bytes.h"

namespace datavet {
namespace {

constexpr std::uint8_t eight[] = {1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::uint64_t huge = ~std::uint64_t{0};

TEST(ByteReader, ReadsWholeOrNotAtAll) {
  ByteReader reader(eight, 6);
  EXPECT_EQ(reader.remaining(), 2u);
  EXPECT_FALSE(reader.read<be32>());
  EXPECT_FALSE(reader.peek<be64>());
  EXPECT_FALSE(reader.take(3));
  EXPECT_FALSE(reader.skip(3));
  EXPECT_EQ(reader.offset(), 6u);
  EXPECT_EQ(*reader.read<be16>(), 0x0708);
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.u8());
}

TEST(ByteReader, LengthsCannotOverflow) {
  ByteReader reader(eight, 4);
  EXPECT_FALSE(reader.skip(huge));
  EXPECT_FALSE(reader.skip(huge - 3));
  EXPECT_FALSE(reader.take(huge));
  EXPECT_EQ(reader.offset(), 4u);
  reader.seek(huge);
  EXPECT_EQ(reader.offset(), 8u);
  EXPECT_EQ(ByteReader(eight, huge).remaining(), 0u);
}

TEST(ByteReader, TakesSpansOfTheOriginal) {
  ByteReader reader(eight);
  EXPECT_EQ(reader.take(0)->size(), 0u);
  const Bytes three = *reader.take(3);
  EXPECT_EQ(three.data(), eight);
  EXPECT_EQ(three.size(), 3u);
  const Bytes rest = reader.rest();
  EXPECT_EQ(rest.data(), eight + 3);
  EXPECT_EQ(rest.size(), 5u);
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.rest().size(), 0u);
}

TEST(ByteReader, ReadsHeadersAsStructs) {
  struct Header {
    std::uint8_t tag;
    le32 length;
    be16 flags;
  };
  ByteReader reader(eight);
  const Header header = *reader.read<Header>();
  EXPECT_EQ(header.tag, 1);
  EXPECT_EQ(header.length, 0x05040302u);
  EXPECT_EQ(header.flags, 0x0607);
  EXPECT_EQ(reader.offset(), 7u);
}

TEST(ByteReader, PeekDoesNotMove) {
  ByteReader reader(eight);
  EXPECT_EQ(*reader.peek<le16>(), *reader.peek<le16>());
  EXPECT_EQ(reader.offset(), 0u);
  EXPECT_EQ(*reader.u8(), 1);
  EXPECT_EQ(reader.offset(), 1u);
  reader.seek(0);
  EXPECT_EQ(*reader.u8(), 1);
}

TEST(ByteReader, ReadsNothingOfNothing) {
  ByteReader reader(Bytes{});
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.u8());
  EXPECT_FALSE(reader.read<be64>());
  EXPECT_TRUE(reader.skip(0));
  EXPECT_TRUE(reader.take(0).has_value());
}

TEST(ByteReader, StaysInsideItsBytes) {
  const test::GuardedBytes guarded{Bytes(eight)};
  for (std::uint64_t offset = 0; offset <= 10; ++offset) {
    ByteReader reader(guarded.bytes(), offset);
    EXPECT_EQ(reader.peek<be64>().has_value(), offset == 0);
    EXPECT_EQ(reader.peek<be32>().has_value(), offset <= 4);
    EXPECT_EQ(reader.peek<be16>().has_value(), offset <= 6);
    EXPECT_EQ(reader.u8().has_value(), offset <= 7);
  }
}

} // namespace
} // namespace datavet
