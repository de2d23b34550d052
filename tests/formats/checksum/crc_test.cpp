// Both CRCs, every variant that this processor has, and the algorithms of those that it lacks with their
// instructions done in software: all go through the same tests.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <numeric>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "formats/checksum/crc32.h"
#include "formats/checksum/crc32c.h"
#include "tests/formats/checksum/crc_in_software.h"
#include "tests/support/damage.h"
#include "tests/support/guarded_bytes.h"

namespace datavet::test {
namespace {

constexpr std::uint32_t iso3309 = 0xedb88320, castagnoli = 0x82f63b78;

struct Tested {
  std::string name;
  std::uint32_t modulus; ///< reflected
  CrcVariant variant;
  bool slow = false;
};
void PrintTo(const Tested &tested, std::ostream *out) { *out << tested.name; }

bool always() { return true; }

std::vector<Tested> all_variants() {
  std::vector<Tested> all;
  for (const CrcVariant &variant : crc32_variants())
    all.push_back({"crc32 " + std::string(variant.name), iso3309, variant});
  for (const CrcVariant &variant : crc32c_variants())
    all.push_back({"crc32c " + std::string(variant.name), castagnoli, variant});
  all.push_back({"crc32()", iso3309, {"", always, crc32}});
  all.push_back({"crc32c()", castagnoli, {"", always, crc32c}});
  auto in_software = [&](const char *name, std::uint32_t modulus, auto compute) {
    all.push_back({name, modulus, {"", always, compute}, true});
  };
  // As crc_armv8.cpp and, for CRC-32C, crc_pclmul.cpp do it.
  in_software("crc32 software chains", iso3309, by_software_chains<SoftwareInstructions<iso3309>>);
  in_software("crc32c software chains", castagnoli, by_software_chains<SoftwareInstructions<castagnoli>>);
  // As crc_pclmul.cpp does it, with vectors of 128 bits; as VPCLMULQDQ does in 256; as crc_vpclmul.cpp, in
  // 512.
  in_software("crc32 software folding 128", iso3309, by_software_folding<Iso3309, crc32_portable, 1, 8>);
  in_software("crc32 software folding 256", iso3309, by_software_folding<Iso3309, crc32_portable, 2, 4>);
  in_software("crc32 software folding 512", iso3309, by_software_folding<Iso3309, crc32_portable, 4, 4>);
  in_software("crc32c software folding 512", castagnoli,
              by_software_folding<Castagnoli, crc32c_portable, 4, 4>);
  return all;
}

Blob random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  Blob blob(size);
  for (std::uint8_t &byte : blob) byte = static_cast<std::uint8_t>(random());
  return blob;
}

class Crc : public testing::TestWithParam<Tested> {
protected:
  void SetUp() override {
    if (!GetParam().variant.available()) GTEST_SKIP() << "this processor lacks it";
  }
  static std::uint32_t compute(Bytes bytes, std::uint32_t crc = 0) {
    return GetParam().variant.compute(bytes, crc);
  }
  static std::uint32_t next(std::uint32_t state, std::uint8_t byte) {
    return next_bitwise(GetParam().modulus, state, byte);
  }
  static std::uint32_t definition(Bytes bytes) {
    std::uint32_t state = ~0u;
    for (std::uint8_t byte : bytes) state = next(state, byte);
    return ~state;
  }
  static bool slow() { return GetParam().slow; }
};

TEST_P(Crc, GivesTheCheckValue) {
  const std::string digits = "123456789";
  EXPECT_EQ(compute(Blob(digits.begin(), digits.end())),
            GetParam().modulus == iso3309 ? 0xcbf43926u : 0xe3069283u);
  EXPECT_EQ(compute(Bytes{}), 0u);
}

TEST_P(Crc, GivesThePublishedVectors) {
  if (GetParam().modulus == iso3309) {
    EXPECT_EQ(compute(Blob{'I', 'E', 'N', 'D'}), 0xae426082u); // the last four bytes of every PNG
    return;
  }
  // RFC 3720 appendix B.4.
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

TEST_P(Crc, AgreesWithTheDefinitionAtEveryLengthAndAlignment) {
  const std::size_t longest = 4096, alignments = slow() ? 1 : 16, step = slow() ? 13 : 1;
  const Blob blob = random_bytes(longest + alignments, 1);
  for (std::size_t start = 0; start < alignments; ++start) {
    std::uint32_t state = ~0u;
    for (std::size_t length = 0; length <= longest; ++length) {
      if (length % step == 0) {
        ASSERT_EQ(compute(Bytes(blob).subspan(start, length)), ~state) << length << " bytes at " << start;
      }
      state = next(state, blob[start + length]);
    }
  }
}

TEST_P(Crc, AgreesWithTheDefinitionWhereLongBlocksMeet) {
  const Blob blob = random_bytes(101'000, 2);
  const std::size_t chains = 3 * 8 * most_words, widest_stride = 512;
  for (std::size_t block : {chains, widest_stride})
    for (std::size_t blocks : {1u, 2u, 5u})
      for (std::size_t length = blocks * block - 30; length <= blocks * block + 30;
           length += slow() ? 15u : 1u)
        ASSERT_EQ(compute(Bytes(blob).first(length)), definition(Bytes(blob).first(length))) << length;
  EXPECT_EQ(compute(blob), definition(blob));
}

TEST_P(Crc, ContinuesFromAnyPlace) {
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

TEST_P(Crc, ReadsNothingOutsideTheBytes) {
  // 4096 and its multiples have a guard page on both sides, the others behind.
  std::vector<std::size_t> lengths(700);
  std::iota(lengths.begin(), lengths.end(), std::size_t{0});
  lengths.insert(lengths.end(), {4096, 8192, 6143, 6144, 6145, 12'289, 40'960});
  for (std::size_t length : lengths) {
    const Blob blob = random_bytes(length, static_cast<unsigned>(length));
    GuardedBytes guarded{Bytes(blob)};
    ASSERT_EQ(compute(guarded.bytes()), definition(blob)) << length;
  }
}

TEST_P(Crc, ChangesWithEveryBit) {
  Blob blob = random_bytes(slow() ? 600 : 1'200, 5);
  const std::uint32_t right = compute(blob);
  for (std::size_t at = 0; at < blob.size(); at += slow() ? 7u : 1u)
    for (unsigned bit = 0; bit < 8; ++bit) ASSERT_NE(compute(flip_bit(blob, at, bit)), right);
}

INSTANTIATE_TEST_SUITE_P(Variants, Crc, testing::ValuesIn(all_variants()), [](const auto &tested) {
  std::string name = tested.param.name;
  for (char &letter : name)
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  return name;
});

TEST(CrcVariants, TheLastOneIsAlwaysThere) {
  for (std::span<const CrcVariant> variants : {crc32_variants(), crc32c_variants()}) {
    ASSERT_FALSE(variants.empty());
    EXPECT_EQ(variants.back().name, "portable");
    EXPECT_TRUE(variants.back().available());
  }
}

TEST(CrcVariants, TheFirstAvailableOneIsChosenUnlessAnotherIsWished) {
  const CrcVariant lacking = {"lacking", [] { return false; }, nullptr}, best = {"best", always, nullptr},
                   last = {"last", always, nullptr};
  const std::vector<CrcVariant> variants = {lacking, best, last};
  EXPECT_EQ(&choose_variant(variants, ""), &variants[1]);
  EXPECT_EQ(&choose_variant(variants, "last"), &variants[2]);
  EXPECT_EQ(&choose_variant(variants, "lacking"), &variants[1]) << "a wish that cannot be granted";
  EXPECT_EQ(&choose_variant(variants, "misspelt"), &variants[1]);
}

TEST(CrcVariants, TheEnvironmentCanAskForOne) {
  GTEST_FLAG_SET(death_test_style, "threadsafe"); // a process of its own, in which nothing was chosen yet
  EXPECT_EXIT(
      {
        setenv("DATAVET_CPU", "portable", 1);
        const bool obeyed = crc32_in_use().name == "portable" && crc32c_in_use().name == "portable";
        std::exit(obeyed ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

} // namespace
} // namespace datavet::test
