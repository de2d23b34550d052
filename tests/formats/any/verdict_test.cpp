#include <datavet/verdict.h>

#include <vector>

#include <gtest/gtest.h>

namespace datavet {
namespace {

constexpr Fault damage[] = {Fault::truncated,    Fault::malformed,     Fault::checksum, Fault::undecodable,
                            Fault::inconsistent, Fault::trailing_data, Fault::crashed};
constexpr Fault hindrance[] = {Fault::unreadable, Fault::over_limit, Fault::unsupported, Fault::timed_out};

Rule rule(Fault fault, Severity severity) { return {"t.rule", fault, severity, "", "", ""}; }

Verdict verdict_of(const std::vector<Rule> &rules) {
  std::vector<Finding> findings;
  for (const Rule &one : rules) findings.push_back({&one, 0, 0, {}});
  return judge(findings);
}

bool trouble(const std::vector<Rule> &rules) {
  std::vector<Finding> findings;
  for (const Rule &one : rules) findings.push_back({&one, 0, 0, {}});
  return is_trouble(findings);
}

TEST(Judge, NothingIsHealthy) { EXPECT_EQ(verdict_of({}), Verdict::healthy); }

TEST(Judge, OneFindingByFaultAndSeverity) {
  for (Fault fault : damage) {
    EXPECT_EQ(verdict_of({rule(fault, Severity::note)}), Verdict::healthy) << name_of(fault);
    EXPECT_EQ(verdict_of({rule(fault, Severity::warning)}), Verdict::suspect) << name_of(fault);
    EXPECT_EQ(verdict_of({rule(fault, Severity::error)}), Verdict::corrupt) << name_of(fault);
  }
  for (Fault fault : hindrance) {
    EXPECT_EQ(verdict_of({rule(fault, Severity::note)}), Verdict::healthy) << name_of(fault);
    EXPECT_EQ(verdict_of({rule(fault, Severity::warning)}), Verdict::unchecked) << name_of(fault);
    EXPECT_EQ(verdict_of({rule(fault, Severity::error)}), Verdict::unchecked) << name_of(fault);
  }
}

struct Case {
  std::vector<Rule> rules;
  Verdict verdict;
};

TEST(Judge, DamageOutweighsHindranceOutweighsWarning) {
  const Rule note = rule(Fault::malformed, Severity::note),
             warning = rule(Fault::malformed, Severity::warning),
             error = rule(Fault::checksum, Severity::error),
             limit = rule(Fault::over_limit, Severity::warning),
             unreadable = rule(Fault::unreadable, Severity::error);
  const Case cases[] = {
      {{note, note}, Verdict::healthy},          {{note, warning}, Verdict::suspect},
      {{warning, limit}, Verdict::unchecked},    {{limit, warning}, Verdict::unchecked},
      {{unreadable, error}, Verdict::corrupt},   {{error, unreadable}, Verdict::corrupt},
      {{unreadable, limit}, Verdict::unchecked}, {{warning, note, error, limit}, Verdict::corrupt},
  };
  for (const Case &one : cases) EXPECT_EQ(verdict_of(one.rules), one.verdict) << name_of(one.verdict);
}

TEST(IsTrouble, ButNotForWantOfSupport) {
  EXPECT_FALSE(trouble({}));
  EXPECT_FALSE(trouble({rule(Fault::checksum, Severity::error)}));
  EXPECT_FALSE(trouble({rule(Fault::unsupported, Severity::warning)}));
  EXPECT_FALSE(trouble({rule(Fault::unreadable, Severity::note)}));
  for (Fault fault : {Fault::unreadable, Fault::over_limit, Fault::timed_out})
    EXPECT_TRUE(trouble({rule(Fault::unsupported, Severity::warning), rule(fault, Severity::error)}))
        << name_of(fault);
}

TEST(Verdict, LargerIsWorse) {
  EXPECT_LT(Verdict::healthy, Verdict::suspect);
  EXPECT_LT(Verdict::suspect, Verdict::unchecked);
  EXPECT_LT(Verdict::unchecked, Verdict::corrupt);
}

} // namespace
} // namespace datavet
