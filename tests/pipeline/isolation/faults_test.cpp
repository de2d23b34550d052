// Every way a decoder can go wrong ends in the finding meant for it, and hurts no other sample.
#include <string_view>

#include "tests/pipeline/isolation/pool_support.h"

namespace datavet::test {
namespace {

struct Fault {
  const char *word;
  const char *rules;       ///< expected; "" = healthy
  const char *detail = ""; ///< a part of the last finding's detail
};

void PrintTo(const Fault &fault, std::ostream *out) { *out << fault.word; }

constexpr Fault faults[] = {
    {"ok", ""},
    {"slow", ""},
    {"complain", "misbehaving.word.known", "as told"},
    {"crash", "any.decoder.crashed", "libmisbehave 1.2.3 died by SIG"},
    {"abort", "any.decoder.crashed", "SIGABRT"},
    {"stack", "any.decoder.crashed", "SIGSEGV"},
    {"exit", "any.decoder.crashed", "status 3"},
    {"hang", "any.decoder.timeout", "libmisbehave"},
    {"sleep", "any.decoder.timeout", "did not end within"},
    {"bad alloc", "any.decoder.memory", "256 MiB"},
    {"ask too much", "misbehaving.word.known"},
    {"open", ""},
    {"socket", "any.decoder.forbidden", "forbidden system call"},
    {"exec", "any.decoder.forbidden"},
    {"fork", "any.decoder.forbidden"},
    {"kill parent", "any.decoder.forbidden"},
    {"kill self", "any.decoder.forbidden"},
    {"mmap exec", "any.decoder.forbidden"},
    {"flood", "any.decoder.misbehaved", "a reply"},
    {"close channel", ""},
    {"throw", "any.check.failed", "libmisbehave 1.2.3 threw: thrown out of the decoder"},
    {"throw number", "any.check.failed", "an exception of no known type"},
    {"lie", "any.decoder.misbehaved", "a rule that misbehaving does not have"},
};

class FaultTest : public testing::TestWithParam<Fault> {};

TEST_P(FaultTest, EndsAsDesignedAndHurtsNoOtherSample) {
  if (sanitizer_build && std::string_view(GetParam().word) == "ask too much")
    GTEST_SKIP() << "a sanitizer's malloc ends the process rather than return null";
  DecoderPool pool(pool_options());
  const std::vector<Evidence> evidence = judge(pool, {"ok", GetParam().word, "ok", "complain"});
  EXPECT_EQ(rules_in(evidence[0]), "");
  EXPECT_EQ(rules_in(evidence[1]), GetParam().rules) << describe(evidence[1]);
  EXPECT_EQ(rules_in(evidence[2]), "");
  EXPECT_EQ(rules_in(evidence[3]), "misbehaving.word.known");
  EXPECT_NE(describe(evidence[1]).find(GetParam().detail), std::string::npos) << describe(evidence[1]);
  EXPECT_EQ(rules_in(judge_one(pool, "ok")), "");
}

INSTANTIATE_TEST_SUITE_P(Each, FaultTest, testing::ValuesIn(faults), [](const auto &test) {
  std::string name;
  for (const char *letter = test.param.word; *letter != '\0'; ++letter)
    name += *letter == ' ' ? '_' : *letter;
  return name;
});

TEST(Memory, OfADecoderIsBoundedAndItsComplaintIsNotBelieved) {
  if (sanitizer_build) GTEST_SKIP() << "a sanitizer reserves terabytes: no RLIMIT_AS";
  DecoderPool pool(pool_options());
  const std::vector<Evidence> evidence = judge(pool, {"ok", "allocate", "ok"});
  EXPECT_EQ(rules_in(evidence[0]), "");
  EXPECT_EQ(rules_in(evidence[1]), "any.decoder.memory") << describe(evidence[1]);
  EXPECT_EQ(evidence[1].findings.verdict(), Verdict::unchecked);
  EXPECT_EQ(rules_in(evidence[2]), "");
}

TEST(Memory, RefusedIsTheReasonWhenTheDecoderDiesOfIt) {
  if (sanitizer_build) GTEST_SKIP() << "a sanitizer reserves terabytes: no RLIMIT_AS";
  DecoderPool pool(pool_options());
  const Evidence evidence = judge_one(pool, "allocate and fall");
  EXPECT_EQ(rules_in(evidence), "any.decoder.memory") << describe(evidence);
}

TEST(HeapDamage, IsBlamedOnTheSampleThatDidItWhereTheLibraryCanSeeIt) {
  if (!heap_is_looked_at) GTEST_SKIP();
  DecoderPool pool(pool_options());
  const std::vector<Evidence> evidence = judge(pool, {"ok", "use after free", "ok"});
  EXPECT_EQ(rules_in(evidence[0]), "");
  EXPECT_EQ(rules_in(evidence[1]), "any.decoder.crashed") << describe(evidence[1]);
  EXPECT_EQ(rules_in(evidence[2]), "");
}

TEST(HeapDamage, ThatNobodySeesDoesNotMakeAGoodSampleBad) {
  DecoderPool pool(pool_options());
  for (int i = 0; i < 20; ++i) {
    const std::vector<Evidence> evidence = judge(pool, {"ok", "smash heap", "ok"});
    EXPECT_LE(evidence[0].findings.verdict(), Verdict::suspect) << describe(evidence[0]);
    EXPECT_LE(evidence[2].findings.verdict(), Verdict::suspect) << describe(evidence[2]);
  }
}

TEST(Faults, OfFourteenKindsInTwentyRoundsNeverReachAGoodSample) {
  DecoderPool pool(pool_options());
  const char *const kinds[] = {"crash",  "abort",          "stack",     "hang",  "exit",
                               "socket", "exec",           "fork",      "flood", "kill parent",
                               "throw",  "use after free", "mmap exec", "lie"};
  const int rounds = sanitizer_build ? 5 : 20;
  for (int round = 0; round < rounds; ++round)
    for (const char *kind : kinds) {
      if (kind == std::string_view("use after free") && !heap_is_looked_at) kind = "exit";
      EXPECT_NE(rules_in(judge_one(pool, kind)), "") << kind;
      ASSERT_EQ(rules_in(judge_one(pool, "ok")), "") << "after " << kind << " in round " << round;
    }
  EXPECT_EQ(pool.stats().samples, static_cast<std::size_t>(rounds) * 2 * std::size(kinds));
  EXPECT_EQ(pool.notice(), "");
}

TEST(Faults, AllSixteenInOneHandOverAreEachJudged) {
  DecoderPool pool(pool_options());
  const std::vector<Evidence> evidence =
      judge(pool, {"ok", "crash", "ok", "abort", "complain", "socket", "ok", "throw", "lie", "ok", "exit",
                   "flood", "ok", "crash", "crash", "ok"});
  const char *const expected[] = {"",
                                  "any.decoder.crashed",
                                  "",
                                  "any.decoder.crashed",
                                  "misbehaving.word.known",
                                  "any.decoder.forbidden",
                                  "",
                                  "any.check.failed",
                                  "any.decoder.misbehaved",
                                  "",
                                  "any.decoder.crashed",
                                  "any.decoder.misbehaved",
                                  "",
                                  "any.decoder.crashed",
                                  "any.decoder.crashed",
                                  ""};
  for (std::size_t i = 0; i < evidence.size(); ++i) EXPECT_EQ(rules_in(evidence[i]), expected[i]) << i;
  EXPECT_GE(pool.stats().judged_again, 1u);
}

TEST(Faults, WithoutEndAndWithoutOneAnswerBreakTheFamilyOff) {
  DecoderPool pool(pool_options());
  std::vector<std::string> words(150, "crash");
  words.push_back("ok");
  const std::vector<Evidence> evidence = judge(pool, words);
  EXPECT_EQ(rules_in(evidence.front()), "any.decoder.crashed");
  EXPECT_EQ(rules_in(evidence.back()), "any.decoder.unavailable");
  EXPECT_NE(pool.notice().find("200 times"), std::string::npos) << pool.notice();
}

} // namespace
} // namespace datavet::test
