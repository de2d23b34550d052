#include "formats/checksum/crc32.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace datavet {
namespace {

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::uint32_t bitwise_crc32(Bytes bytes) {
  std::uint32_t state = ~0u;
  for (std::uint8_t byte : bytes) {
    state ^= byte;
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~state;
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

TEST(Crc32, GivesTheCheckValue) {
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xcbf43926u);
  EXPECT_EQ(crc32(bytes_of("IEND")), 0xae426082u); // the last four bytes of every PNG
  EXPECT_EQ(crc32({}), 0u);
}

TEST(Adler32, GivesTheKnownValue) {
  EXPECT_EQ(adler32(bytes_of("Wikipedia")), 0x11e60398u);
  EXPECT_EQ(adler32({}), 1u);
}

TEST(Crc32AndAdler32, AgreeWithTheirDefinitionsAndContinue) {
  std::vector<std::uint8_t> bytes(3000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * i >> 3);
  for (std::size_t length = 0; length <= bytes.size(); length += 7) {
    const Bytes whole = Bytes(bytes).first(length), head = whole.first(length / 3),
                tail = whole.subspan(length / 3);
    ASSERT_EQ(crc32(whole), bitwise_crc32(whole));
    ASSERT_EQ(crc32(tail, crc32(head)), crc32(whole));
    ASSERT_EQ(adler32(whole), plain_adler32(whole));
    ASSERT_EQ(adler32(tail, adler32(head)), adler32(whole));
  }
}

} // namespace
} // namespace datavet
