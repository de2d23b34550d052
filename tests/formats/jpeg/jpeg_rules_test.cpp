// Every rule has a sample that breaks it, and only it; good samples break none.
#include <set>

#include "formats/any/rules.h"
#include "formats/jpeg/decode.h"
#include "formats/jpeg/jpeg.h"
#include "formats/jpeg/rules.h"
#include "tests/formats/jpeg/damages.h"
#include "tests/formats/jpeg/good_jpegs.h"
#include "tests/support/check.h"

namespace datavet::test {

namespace {

TEST(JpegRules, GoodSamplesBreakNone) {
  for (const GoodJpeg &good : good_jpegs()) {
    SCOPED_TRACE(good.name);
    const Evidence checked = check(jpeg_format, good.bytes);
    if (good.four_channels) {
      ASSERT_EQ(checked.findings.list().size(), 1u) << describe(checked);
      EXPECT_EQ(checked.findings.list()[0].rule, &jpeg::four_channels);
    } else {
      EXPECT_TRUE(checked.findings.empty()) << describe(checked);
    }
    Evidence decoded;
    jpeg_decode({.bytes = good.bytes}, Limits{}, decoded);
    EXPECT_TRUE(decoded.findings.empty()) << describe(decoded);
  }
}

TEST(JpegRules, EachDamageIsOneFindingAtItsPlace) {
  for (const Damage &damage : damages()) {
    if (damage.found_by != Damage::By::check) continue;
    SCOPED_TRACE(damage.rule);
    const Evidence evidence = check(jpeg_format, damage.sample, Depth::content, damage.limits);
    ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
    EXPECT_EQ(evidence.findings.list()[0].rule->id, damage.rule) << describe(evidence);
    EXPECT_EQ(evidence.findings.list()[0].offset, damage.offset) << describe(evidence);
    EXPECT_FALSE(evidence.findings.list()[0].detail.empty());
  }
}

TEST(JpegRules, EachComplaintOfLibjpegIsOneFinding) {
  for (const Damage &damage : damages()) {
    if (damage.found_by != Damage::By::decode) continue;
    SCOPED_TRACE(damage.rule);
    Evidence evidence;
    const GuardedBytes guarded{Bytes(damage.sample)};
    jpeg_decode({.bytes = guarded.bytes()}, damage.limits, evidence);
    ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
    EXPECT_EQ(evidence.findings.list()[0].rule->id, damage.rule) << describe(evidence);
    EXPECT_LE(evidence.findings.list()[0].offset, damage.sample.size());
  }
}

TEST(JpegRules, EveryRuleIsBrokenBySomeSample) {
  std::set<std::string_view> broken;
  for (const Damage &damage : damages()) broken.insert(damage.rule);
  for (const Rule *rule : jpeg_format.rules) EXPECT_TRUE(broken.contains(rule->id)) << rule->id;
}

TEST(JpegRules, IdentifiersAreUniqueAndComplete) {
  std::set<std::string_view> ids;
  for (const Rule *rule : jpeg_format.rules) {
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id;
    EXPECT_TRUE(rule->id.starts_with("jpeg.")) << rule->id;
    EXPECT_FALSE(rule->summary.empty() || rule->source.empty() || rule->why.empty()) << rule->id;
  }
}

TEST(JpegRules, NoProperPrefixIsHealthy) {
  for (const GoodJpeg &good : good_jpegs()) {
    SCOPED_TRACE(good.name);
    const std::size_t step = good.bytes.size() > 20'000 ? 97 : 1;
    for (std::size_t size = 0; size < good.bytes.size(); size += step) {
      const Evidence evidence = check(jpeg_format, truncate(good.bytes, size));
      ASSERT_EQ(evidence.findings.verdict(), Verdict::corrupt) << size << ": " << describe(evidence);
    }
  }
}

} // namespace

} // namespace datavet::test
