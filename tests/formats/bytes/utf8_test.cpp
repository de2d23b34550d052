#include <gtest/gtest.h>

#include <string_view>

#include "formats/bytes/utf8.h"
#include "tests/support/damage.h"
#include "tests/support/guarded_bytes.h"

namespace datavet::test {
namespace {

std::uint64_t prefix(std::string_view text) {
  const Blob bytes(text.begin(), text.end());
  const GuardedBytes guarded{Bytes(bytes)};
  EXPECT_EQ(is_utf8(guarded.bytes()), valid_utf8_prefix(guarded.bytes()) == text.size());
  return valid_utf8_prefix(guarded.bytes());
}

TEST(Utf8, TakesWhatRfc3629Allows) {
  for (std::string_view good :
       {"", "a", "twenty letters of it", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "12345678\xc3\xa9", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"})
    EXPECT_EQ(prefix(good), good.size()) << testing::PrintToString(good);
}

TEST(Utf8, EndsWhereItDoesNot) {
  for (std::string_view bad : {"\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                               "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe1\x80 ", "\xf1\x80\x80", "\xC0\x80", "\xE2\x82"})
    for (std::string_view before : {"", "a", "1234567", "12345678", "123456789"})
      EXPECT_EQ(prefix(std::string(before) + std::string(bad)), before.size()) << testing::PrintToString(bad);
}

} // namespace
} // namespace datavet::test
