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
