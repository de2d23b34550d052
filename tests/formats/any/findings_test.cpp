#include "formats/findings.h"

#include <gtest/gtest.h>

namespace datavet {
namespace {

constexpr Rule a_note{"t.a.note", Fault::trailing_data, Severity::note, "", "", ""};
constexpr Rule a_warning{"t.a.warning", Fault::malformed, Severity::warning, "", "", ""};
constexpr Rule an_error{"t.an.error", Fault::truncated, Severity::error, "", "", ""};

TEST(Findings, KeepsWhatWasAddedInOrder) {
  Findings findings;
  EXPECT_TRUE(findings.empty());
  findings.add(a_warning, 5, 2, "first");
  findings.add(Finding{&an_error, 7, 0, "second"});
  ASSERT_EQ(findings.list().size(), 2u);
  EXPECT_EQ(findings.list()[0].rule, &a_warning);
  EXPECT_EQ(findings.list()[0].offset, 5u);
  EXPECT_EQ(findings.list()[0].length, 2u);
  EXPECT_EQ(findings.list()[1].detail, "second");
  EXPECT_EQ(findings.not_kept(), 0u);
  EXPECT_EQ(findings.verdict(), Verdict::corrupt);
}

TEST(Findings, KeepsSixtyFourAndCountsTheRest) {
  Findings findings;
  for (std::uint64_t i = 0; i < 1000; ++i) findings.add(a_warning, i);
  EXPECT_EQ(findings.list().size(), Findings::kept);
  EXPECT_EQ(findings.not_kept(), 1000 - Findings::kept);
  EXPECT_EQ(findings.list().back().offset, Findings::kept - 1);
}

TEST(Findings, NeverDropsTheMoreSevere) {
  Findings findings;
  for (std::uint64_t i = 0; i < Findings::kept; ++i) findings.add(i % 2 == 0 ? a_note : a_warning, i);
  EXPECT_EQ(findings.verdict(), Verdict::suspect);
  findings.add(an_error, 1000);
  EXPECT_EQ(findings.verdict(), Verdict::corrupt);
  EXPECT_EQ(findings.list().size(), Findings::kept);
  EXPECT_EQ(findings.not_kept(), 1u);
  for (std::uint64_t i = 0; i < 2 * Findings::kept; ++i) findings.add(a_note, i);
  EXPECT_EQ(findings.verdict(), Verdict::corrupt);
}

TEST(Findings, MilderOnesGiveWayUntilAllAreErrors) {
  Findings findings;
  for (std::uint64_t i = 0; i < Findings::kept; ++i) findings.add(a_note, i);
  for (std::uint64_t i = 0; i < Findings::kept; ++i) findings.add(an_error, i);
  for (const Finding &finding : findings.list()) EXPECT_EQ(finding.rule, &an_error);
  findings.add(an_error, 12345);
  for (const Finding &finding : findings.list()) EXPECT_NE(finding.offset, 12345u);
}

TEST(Findings, TellsTheWorstSeverity) {
  Findings findings;
  EXPECT_FALSE(findings.any_at_least(Severity::note));
  findings.add(a_note, 0);
  EXPECT_TRUE(findings.any_at_least(Severity::note));
  EXPECT_FALSE(findings.any_at_least(Severity::warning));
  findings.add(an_error, 0);
  EXPECT_TRUE(findings.any_at_least(Severity::warning));
  EXPECT_TRUE(findings.any_at_least(Severity::error));
}

TEST(Findings, ShiftsClearsAndGivesAway) {
  Findings findings;
  for (std::uint64_t i = 0; i < Findings::kept + 1; ++i) findings.add(a_note, i);
  findings.shift(1'000'000'000'000);
  EXPECT_EQ(findings.list()[3].offset, 1'000'000'000'003u);
  EXPECT_EQ(findings.take().size(), Findings::kept);
  EXPECT_TRUE(findings.empty());
  EXPECT_EQ(findings.not_kept(), 0u);
  findings.add(an_error, 0);
  findings.clear();
  EXPECT_EQ(findings.verdict(), Verdict::healthy);
}

} // namespace
} // namespace datavet
