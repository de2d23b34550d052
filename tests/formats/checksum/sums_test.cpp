// Adler-32, Fletcher-32 and lookup3 against their definitions.
#include <random>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "formats/checksum/adler32.h"
#include "formats/checksum/fletcher32.h"
#include "formats/checksum/lookup3.h"
#include "tests/support/guarded_bytes.h"

namespace datavet::test {
namespace {

std::vector<std::uint8_t> text(std::string_view words) { return {words.begin(), words.end()}; }

std::vector<std::uint8_t> random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

/// RFC 1950 8.2, as the text defines it.
std::uint32_t plain_adler32(Bytes bytes) {
  std::uint32_t s1 = 1, s2 = 0;
  for (std::uint8_t byte : bytes) {
    s1 = (s1 + byte) % 65521;
    s2 = (s2 + s1) % 65521;
  }
  return s2 << 16 | s1;
}

/// As HDF5's H5_checksum_fletcher32() does it: sums of words, their upper halves added to the lower
/// ones after each 360 words and twice at the end.
std::uint32_t plain_fletcher32(Bytes bytes) {
  std::uint32_t low = 0, high = 0;
  const auto fold = [&] {
    low = (low & 0xffff) + (low >> 16);
    high = (high & 0xffff) + (high >> 16);
  };
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    low += std::uint32_t{bytes[at]} << 8 | (at + 1 < bytes.size() ? bytes[at + 1] : 0u);
    high += low;
    if (at / 2 % 360 == 359) fold();
  }
  fold();
  fold();
  return high << 16 | low;
}

TEST(Adler32, GivesTheKnownValue) {
  EXPECT_EQ(adler32(text("Wikipedia")), 0x11e60398u);
  EXPECT_EQ(adler32({}), 1u);
}

TEST(Adler32, AgreesWithItsDefinitionAndContinues) {
  const std::vector<std::uint8_t> bytes = random_bytes(3000, 1);
  for (std::size_t length = 0; length <= bytes.size(); length += 7) {
    const Bytes whole = Bytes(bytes).first(length), head = whole.first(length / 3),
                tail = whole.subspan(length / 3);
    ASSERT_EQ(adler32(whole), plain_adler32(whole));
    ASSERT_EQ(adler32(tail, adler32(head)), adler32(whole));
  }
}

// Worked out by hand: words 0x0102, 0x0300.
TEST(Fletcher32, SumsBigEndianWordsAndPadsAnOddByte) {
  EXPECT_EQ(fletcher32(std::vector<std::uint8_t>{1, 2, 3}), 0x05040402u);
  EXPECT_EQ(fletcher32({}), 0u);
}

TEST(Fletcher32, AgreesWithItsDefinitionAtEveryLength) {
  const std::vector<std::uint8_t> bytes = random_bytes(20'000, 2);
  for (std::size_t length = 0; length <= 600; ++length) {
    GuardedBytes guarded{Bytes(bytes).first(length)};
    ASSERT_EQ(fletcher32(guarded.bytes()), plain_fletcher32(guarded.bytes())) << length;
  }
  for (std::size_t length = 600; length <= bytes.size(); length += 97)
    ASSERT_EQ(fletcher32(Bytes(bytes).first(length)), plain_fletcher32(Bytes(bytes).first(length))) << length;
}

TEST(Fletcher32, TellsNothingFromMultiplesOf65535AsHdf5Does) {
  for (std::uint8_t byte : {std::uint8_t{0x00}, std::uint8_t{0xff}, std::uint8_t{0x80}, std::uint8_t{0x01}})
    for (std::size_t length : {1u, 2u, 3u, 16u, 17u, 5'760u, 65'534u, 131'070u, 300'001u}) {
      const std::vector<std::uint8_t> bytes(length, byte);
      ASSERT_EQ(fletcher32(bytes), plain_fletcher32(bytes)) << length << " times " << int{byte};
    }
}

// The vectors of lookup3.c's driver5().
TEST(Lookup3, GivesThePublishedValues) {
  EXPECT_EQ(lookup3({}), 0xdeadbeefu);
  EXPECT_EQ(lookup3({}, 0xdeadbeef), 0xbd5b7ddeu);
  EXPECT_EQ(lookup3(text("Four score and seven years ago")), 0x17770551u);
  EXPECT_EQ(lookup3(text("Four score and seven years ago"), 1), 0xcd628161u);
}

TEST(Lookup3, ReadsNothingOutsideTheBytesAndDependsOnEachOfThem) {
  std::vector<std::uint8_t> bytes = random_bytes(40, 3);
  for (std::size_t length = 1; length <= bytes.size(); ++length) {
    GuardedBytes guarded{Bytes(bytes).first(length)};
    const std::uint32_t sum = lookup3(guarded.bytes());
    for (std::size_t at = 0; at < length; ++at) {
      bytes[at] ^= 1;
      ASSERT_NE(lookup3(Bytes(bytes).first(length)), sum) << at << " of " << length;
      bytes[at] ^= 1;
    }
  }
}

} // namespace
} // namespace datavet::test
