#include "formats/bytes/endian.h"

#include <cstring>

#include <gtest/gtest.h>

namespace datavet {
namespace {

template <class Disk> auto read_as(std::array<std::uint8_t, 8> bytes) {
  Disk disk;
  std::memcpy(&disk, bytes.data(), sizeof disk);
  return disk.value();
}
constexpr std::array<std::uint8_t, 8> ascending = {0x81, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xf8};

TEST(Endian, BigReadsTheFirstByteAsTheMostSignificant) {
  EXPECT_EQ(read_as<be16>(ascending), 0x8102u);
  EXPECT_EQ(read_as<be32>(ascending), 0x81020304u);
  EXPECT_EQ(read_as<be64>(ascending), 0x81020304050607f8u);
}

TEST(Endian, LittleReadsTheFirstByteAsTheLeastSignificant) {
  EXPECT_EQ(read_as<le16>(ascending), 0x0281u);
  EXPECT_EQ(read_as<le32>(ascending), 0x04030281u);
  EXPECT_EQ(read_as<le64>(ascending), 0xf807060504030281u);
}

TEST(Endian, EveryBitHasItsPlace) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    std::array<std::uint8_t, 8> bytes{};
    bytes[bit / 8] = static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_EQ(read_as<le64>(bytes), std::uint64_t{1} << bit);
    std::array<std::uint8_t, 8> mirrored{};
    mirrored[7 - bit / 8] = bytes[bit / 8];
    EXPECT_EQ(read_as<be64>(mirrored), std::uint64_t{1} << bit);
  }
}

TEST(Endian, ConvertsWhereANumberIsWanted) {
  constexpr le32 disk{{1, 2, 0, 0}};
  static_assert(disk == 0x201u);
  static_assert(disk + 1u == 0x202u);
}

TEST(Endian, AHeaderIsAStructWithoutPadding) {
  struct Header {
    std::uint8_t kind;
    be32 length;
    le64 offset;
  };
  static_assert(OnDisk<Header> && sizeof(Header) == 13);
  static_assert(!OnDisk<std::uint32_t>);
}

} // namespace
} // namespace datavet
