// Every variant that this processor has goes through the same tests, and so does the algorithm of the
// hardware variants with its instructions done in software.
#include "formats/checksum/crc32c.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "formats/checksum/crc32c_chains.h"
#include "tests/support/damage.h"
#include "tests/support/guarded_bytes.h"

namespace datavet {
namespace {

using test::Blob;
using test::GuardedBytes;

/// The definition: one bit after the other. RFC 3720 12.1, reflected.
std::uint32_t next_bitwise(std::uint32_t state, std::uint8_t byte) {
  state ^= byte;
  for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? 0x82f63b78u : 0u);
  return state;
}
std::uint32_t bitwise(Bytes bytes) {
  std::uint32_t state = ~0u;
  for (std::uint8_t byte : bytes) state = next_bitwise(state, byte);
  return ~state;
}

struct SoftwareInstructions {
  using Register = std::uint32_t;
  template <class Word> static Register take_in(Register crc, Word word) {
    for (std::size_t i = 0; i < sizeof word; ++i)
      crc = next_bitwise(crc, static_cast<std::uint8_t>(word >> (8 * i)));
    return crc;
  }
  static std::uint64_t product(Register a, std::uint32_t b) {
    std::uint64_t sum = 0;
    for (unsigned bit = 0; bit < 32; ++bit)
      if ((b >> bit & 1) != 0) sum ^= std::uint64_t{a} << bit;
    return sum;
  }
};
std::uint32_t by_software_chains(Bytes bytes, std::uint32_t crc) {
  return crc32c_by_chains<SoftwareInstructions>(bytes.data(), bytes.size(), crc);
}

std::vector<Crc32cVariant> variants_under_test() {
  std::vector<Crc32cVariant> all(crc32c_variants().begin(), crc32c_variants().end());
  all.push_back({"crc32c()", [] { return true; }, crc32c});
  all.push_back({"chains in software", [] { return true; }, by_software_chains});
  return all;
}

Blob random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  Blob blob(size);
  for (std::uint8_t &byte : blob) byte = static_cast<std::uint8_t>(random());
  return blob;
}

class Crc32c : public testing::TestWithParam<Crc32cVariant> {
protected:
  void SetUp() override {
    if (!GetParam().available()) GTEST_SKIP() << "this processor lacks " << GetParam().name;
  }
  static std::uint32_t compute(Bytes bytes, std::uint32_t crc = 0) { return GetParam().compute(bytes, crc); }
  static bool slow() { return GetParam().compute == by_software_chains; }
};

TEST_P(Crc32c, GivesTheVectorsOfRfc3720) { // appendix B.4
  EXPECT_EQ(compute(Blob(32, 0x00)), 0x8a9136aau);
  EXPECT_EQ(compute(Blob(32, 0xff)), 0x62a8ab43u);
  Blob ascending(32);
  std::iota(ascending.begin(), ascending.end(), std::uint8_t{0});
  EXPECT_EQ(compute(ascending), 0x46dd794eu);
  EXPECT_EQ(compute(Blob(ascending.rbegin(), ascending.rend())), 0x113fdb5cu);
  const Blob read_10_command = {0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00,
                                0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18, 0x28, 0x00, 0x00, 0x00,
                                0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
  EXPECT_EQ(compute(read_10_command), 0xd9963a56u);
}

TEST_P(Crc32c, GivesTheCheckValue) {
  const std::string digits = "123456789";
  EXPECT_EQ(compute(Blob(digits.begin(), digits.end())), 0xe3069283u);
  EXPECT_EQ(compute(Bytes{}), 0u);
}

TEST_P(Crc32c, AgreesWithTheDefinitionAtEveryLengthAndAlignment) {
  const std::size_t longest = 4096, alignments = slow() ? 1 : 16, step = slow() ? 13 : 1;
  const Blob blob = random_bytes(longest + alignments, 1);
  for (std::size_t start = 0; start < alignments; ++start) {
    std::uint32_t state = ~0u;
    for (std::size_t length = 0; length <= longest; ++length) {
      if (length % step == 0) {
        ASSERT_EQ(compute(Bytes(blob).subspan(start, length)), ~state) << length << " bytes at " << start;
      }
      state = next_bitwise(state, blob[start + length]);
    }
  }
}

TEST_P(Crc32c, AgreesWithTheDefinitionWhereLongBlocksMeet) {
  const Blob blob = random_bytes(101'000, 2);
  const std::size_t block = 3 * 8 * most_words;
  for (std::size_t blocks : {1u, 2u, 5u})
    for (std::size_t length = blocks * block - 30; length <= blocks * block + 30; length += slow() ? 15u : 1u)
      ASSERT_EQ(compute(Bytes(blob).first(length)), bitwise(Bytes(blob).first(length))) << length;
  EXPECT_EQ(compute(Bytes(blob).first(100'000)), bitwise(Bytes(blob).first(100'000)));
}

TEST_P(Crc32c, ContinuesFromAnyPlace) {
  const Blob blob = random_bytes(20'000, 3);
  std::mt19937 random(4);
  for (int round = 0; round < (slow() ? 20 : 2'000); ++round) {
    const std::size_t length = random() % blob.size();
    const std::size_t first = length == 0 ? 0 : random() % length;
    const std::size_t second = first + random() % (length - first + 1);
    const Bytes whole = Bytes(blob).first(length);
    const std::uint32_t in_parts = compute(
        whole.subspan(second), compute(whole.subspan(first, second - first), compute(whole.first(first))));
    ASSERT_EQ(in_parts, compute(whole)) << first << " | " << second << " | " << length;
  }
}

TEST_P(Crc32c, ReadsNothingOutsideTheBytes) {
  // 4096 and its multiples have a guard page on both sides, the others behind.
  std::vector<std::size_t> lengths(700);
  std::iota(lengths.begin(), lengths.end(), std::size_t{0});
  lengths.insert(lengths.end(), {4096, 8192, 6143, 6144, 6145, 12'289, 40'960});
  for (std::size_t length : lengths) {
    const Blob blob = random_bytes(length, static_cast<unsigned>(length));
    GuardedBytes guarded{Bytes(blob)};
    ASSERT_EQ(compute(guarded.bytes()), bitwise(blob)) << length;
  }
}

TEST_P(Crc32c, ChangesWithEveryBit) {
  Blob blob = random_bytes(300, 5);
  const std::uint32_t right = compute(blob);
  for (std::size_t at = 0; at < blob.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) ASSERT_NE(compute(test::flip_bit(blob, at, bit)), right);
}

INSTANTIATE_TEST_SUITE_P(Variants, Crc32c, testing::ValuesIn(variants_under_test()), [](const auto &tested) {
  std::string name(tested.param.name);
  for (char &letter : name)
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  return name;
});

TEST(Crc32cVariants, TheLastOneIsAlwaysThere) {
  ASSERT_FALSE(crc32c_variants().empty());
  EXPECT_TRUE(crc32c_variants().back().available());
}

TEST(Crc32cVariants, TheFirstAvailableOneIsInUse) {
  const auto best = std::find_if(crc32c_variants().begin(), crc32c_variants().end(),
                                 [](const Crc32cVariant &variant) { return variant.available(); });
  EXPECT_EQ(&crc32c_in_use(), &*best);
}

} // namespace
} // namespace datavet
