#include "tests/formats/hdf5/broken_samples.h"

#include <algorithm>
#include <set>

#include "formats/hdf5/decode.h"
#include "formats/hdf5/hdf5.h"
#include "formats/hdf5/rules.h"
#include "formats/registry.h"
#include "pipeline/row_judges.h"
#include "tests/formats/hdf5/decode_in_child.h"
#include "tests/support/check.h"

using namespace datavet;
using namespace datavet::test;

namespace {

void expect_of_examine(const BrokenSample &sample, const Source &source) {
  Evidence evidence;
  Outline outline;
  if (sample.outlined) evidence.outline = &outline;
  const CheckOptions options{Depth::content, sample.limits};
  const RowJudges judges(registry(), options, nullptr);
  if (sample.judged) evidence.judges = &judges;
  hdf5_format.examine(source, options, evidence);
  // Said beside whatever else there is, of files that have such data.
  if (sample.rule != &hdf5::unprotected) leave_out_unprotected(evidence);
  if (!sample.alone)
    for (const Finding &finding : evidence.findings.take())
      if (finding.rule == sample.rule) evidence.findings.add(finding);
  ASSERT_EQ(evidence.findings.list().size(), 1u) << sample.what << "\n" << describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].rule->id, sample.rule->id) << sample.what << "\n"
                                                                   << describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].offset, sample.offset) << sample.what << "\n" << describe(evidence);
}

void expect_of_library(const BrokenSample &sample, const Source &source) {
  const ChildAnswer answer = decode_in_child(source, sample.limits);
  EXPECT_FALSE(answer.died) << sample.what;
  EXPECT_TRUE(answer.text.starts_with(fmt::format("{} {} ", sample.rule->id, sample.offset)))
      << sample.what << ", expected " << sample.rule->id << " at " << sample.offset << "\n"
      << answer.text;
  EXPECT_EQ(std::ranges::count(answer.text, '\n'), 1) << sample.what << "\n" << answer.text;
}

TEST(Hdf5BrokenSamples, EachGivesExactlyItsFinding) {
  for (const BrokenSample &sample : broken_samples()) {
    GuardedBytes guarded{Bytes(sample.bytes)};
    const MemorySource memory(guarded.bytes());
    const FaultySource faulty(guarded.bytes(), sample.by_library ? 1000 : 0);
    const Source &source = sample.disk_fails ? static_cast<const Source &>(faulty) : memory;
    if (sample.by_library)
      expect_of_library(sample, source);
    else
      expect_of_examine(sample, source);
  }
}

TEST(Hdf5BrokenSamples, BreakEveryRule) {
  std::set<std::string_view> broken;
  for (const BrokenSample &sample : broken_samples()) broken.insert(sample.rule->id);
  for (const Rule *rule : hdf5_format.rules) EXPECT_TRUE(broken.contains(rule->id)) << rule->id;
}

TEST(Hdf5Rules, HaveDistinctNamesAndSayWhy) {
  std::set<std::string_view> names;
  for (const Rule *rule : hdf5_format.rules) {
    EXPECT_TRUE(names.insert(rule->id).second) << rule->id;
    EXPECT_TRUE(rule->id.starts_with("hdf5.")) << rule->id;
    EXPECT_FALSE(rule->summary.empty() || rule->source.empty() || rule->why.empty()) << rule->id;
  }
}

} // namespace
