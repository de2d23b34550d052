// Mutants: our check against libpng, and against itself.
#include <map>
#include <string_view>

#include <gtest/gtest.h>

#include "formats/png/png.h"
#include "tests/formats/png/png_beside_libpng.h"
#include "tests/formats/png/png_mutants.h"
#include "tests/support/check.h"

namespace datavet::test {
namespace {

TEST(PngDifferential, WhateverLibpngRefusesOrWarnsOfWeDoToo) {
  Random random(20240229);
  std::map<Agreement, int> counts;
  std::map<std::string_view, int> stricter;
  for (int round = 0; round < 15'000; ++round) {
    const Blob blob = random_mutant(random);
    const Comparison comparison = compare_with_libpng(blob);
    ASSERT_NE(comparison.agreement, Agreement::libpng_only) << "round " << round << '\n' << comparison.words;
    ASSERT_NE(comparison.agreement, Agreement::unaccounted) << "round " << round << '\n' << comparison.words;
    ++counts[comparison.agreement];
    if (comparison.agreement == Agreement::ours_only && comparison.rule != nullptr)
      ++stricter[comparison.rule->id];
  }
  EXPECT_GT(counts[Agreement::refused], 3'000);
  EXPECT_GT(counts[Agreement::sound], 2'000);
  for (auto [id, count] : stricter) RecordProperty(std::string(id), count);
}

/// Bits as deflate packs them, RFC 1951 3.1.1.
struct BitWriter {
  PngBytes bytes;
  unsigned used = 8; ///< of the last byte

  void put(unsigned value, unsigned count) {
    for (unsigned bit = 0; bit < count; ++bit, ++used) {
      if (used == 8) {
        bytes.push_back(0);
        used = 0;
      }
      bytes.back() = static_cast<std::uint8_t>(bytes.back() | (value >> bit & 1) << used);
    }
  }
};

/// What formats/png/README.md says cannot be seen. A libdeflate that refuses it makes us do so too.
TEST(PngDifferential, LibdeflateMayLetPassARepeatThatRunsOverTheEnd) {
  BitWriter stream{{0x78, 0x01}};
  const auto zeros = [&](unsigned count) { // code 1: symbol 18, a run of 11 to 138 zeros
    stream.put(1, 1);
    stream.put(count - 11, 7);
  };
  const auto one = [&] { stream.put(0, 1); }; // code 0: symbol 1, a code of one bit
  stream.put(1, 1);                           // the last block,
  stream.put(2, 2);                           // with codes of its own:
  stream.put(0, 5);                           // 257 literals and lengths,
  stream.put(0, 5);                           // 1 distance,
  stream.put(14, 4);                          // 18 lengths of the code for code lengths
  for (int i = 0; i < 18; ++i) stream.put(i == 2 || i == 17 ? 1 : 0, 3); // its symbols 18 and 1
  one();                                                                 // literal 0
  zeros(138);
  zeros(117);
  one();                                 // end of block
  zeros(11);                             // for the one distance
  stream.put(0, 2);                      // the row: filter type 0, pixel 0
  stream.put(1, 1);                      // end of block
  append_be32(stream.bytes, 0x00020001); // Adler-32
  const PngSpec spec = {.width = 1, .height = 1, .colour = 0};
  const Comparison comparison = compare_with_libpng(make_png_around(spec, stream.bytes).bytes());
  EXPECT_TRUE(comparison.agreement == Agreement::beyond_libdeflate ||
              comparison.agreement == Agreement::refused)
      << comparison.words;
}

TEST(PngMutation, AnyBytesGiveTheSameFindingsTwiceInsideTheSample) {
  Random random(7);
  for (int round = 0; round < 12'000; ++round) {
    const PngSpec spec = random_spec(random);
    Png png = below(random, 3) == 0 ? make_apng(spec, {{1, 1, 0, 0}}, 2) : make_png(spec);
    png.insert_before("IDAT", random_ancillary(random));
    Blob blob = png.bytes();
    for (unsigned i = 1 + below(random, 6); i > 0; --i) mutate_bytes(blob, random);
    const Depth depth = static_cast<Depth>(below(random, 5));
    const Evidence first = check(png_format, blob, depth), second = check(png_format, blob, depth);
    ASSERT_EQ(describe(first), describe(second));
    for (const Finding &finding : first.findings.list()) {
      ASSERT_LE(finding.offset, blob.size()) << describe(first);
      ASSERT_LE(finding.length, blob.size() - finding.offset) << describe(first);
    }
  }
}

} // namespace
} // namespace datavet::test
