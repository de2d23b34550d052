// The parser of replies believes nothing: this is the door through which a hostile worker speaks.
#include <random>

#include <gtest/gtest.h>

#include "pipeline/isolation/reply.h"
#include "tests/pipeline/isolation/misbehaving_format.h"
#include "tests/support/damage.h"
#include "tests/support/guarded_bytes.h"

namespace datavet::isolation {
namespace {

using test::Blob;

constexpr ReplyName name{0x1122334455667788u, 3};
constexpr std::uint64_t sample_size = 1'000;

Reply parse(const Blob &message) {
  test::GuardedBytes guarded{Bytes(message)};
  return parse_reply(guarded.bytes(), name, test::misbehaving_format, sample_size);
}

Evidence some_evidence() {
  Evidence evidence;
  evidence.facts.width = 640;
  evidence.facts.bits = 8;
  evidence.facts.colour = Colour::ycck;
  evidence.facts.progressive = true;
  evidence.facts.orientation = 8;
  evidence.facts.datasets = 12;
  evidence.findings.add(test::complaint, 10, 20, "first");
  evidence.findings.add(test::complaint, sample_size, 0, "at the end");
  return evidence;
}

Blob answer(const Evidence &evidence, Outcome outcome = Outcome::done, std::string_view text = {}) {
  ReplyWriter writer;
  const Bytes bytes = writer.answer(name, outcome, 4'096, evidence, sample_size, text);
  return Blob(bytes.begin(), bytes.end());
}

std::string misbehaviour(const Reply &reply) {
  const Misbehaviour *said = std::get_if<Misbehaviour>(&reply);
  return said == nullptr ? "" : said->what;
}

// Where fields lie in a reply: header 24 bytes, facts 48, then texts and findings.
constexpr std::size_t at_nonce = 0, at_index = 8, at_kind = 12, at_outcome = 13, at_count = 14,
                      at_colour = 40, at_progressive = 41, at_orientation = 42, at_text = 72;
constexpr std::size_t at_first_finding = at_text + 2;

TEST(Reply, ArrivesAsItWasSent) {
  const Reply reply = parse(answer(some_evidence(), Outcome::threw, "what it threw"));
  ASSERT_TRUE(std::holds_alternative<Answer>(reply)) << misbehaviour(reply);
  const Answer &got = std::get<Answer>(reply);
  EXPECT_EQ(got.outcome, Outcome::threw);
  EXPECT_EQ(got.text, "what it threw");
  EXPECT_EQ(got.resident_kib, 4'096u);
  EXPECT_EQ(got.facts.width, 640u);
  EXPECT_EQ(got.facts.bits, 8u);
  EXPECT_EQ(got.facts.colour, Colour::ycck);
  EXPECT_TRUE(got.facts.progressive);
  EXPECT_EQ(got.facts.orientation, 8u);
  EXPECT_EQ(got.facts.datasets, 12u);
  ASSERT_EQ(got.findings.size(), 2u);
  EXPECT_EQ(got.findings[0].rule, &test::complaint);
  EXPECT_EQ(got.findings[0].offset, 10u);
  EXPECT_EQ(got.findings[0].length, 20u);
  EXPECT_EQ(got.findings[0].detail, "first");
  EXPECT_EQ(got.findings[1].offset, sample_size);
}

TEST(Reply, FitsInOneMessageHoweverMuchThereIsToSay) {
  Evidence evidence;
  for (int i = 0; i < 200; ++i) evidence.findings.add(test::complaint, 0, 0, std::string(100'000, 'x'));
  const Blob message = answer(evidence, Outcome::threw, std::string(100'000, 'y'));
  EXPECT_LE(message.size(), largest_reply);
  const Reply reply = parse(message);
  ASSERT_TRUE(std::holds_alternative<Answer>(reply)) << misbehaviour(reply);
  EXPECT_EQ(std::get<Answer>(reply).findings.size(), Findings::kept);
  EXPECT_EQ(std::get<Answer>(reply).findings[0].detail, std::string(longest_text, 'x'));
}

TEST(Reply, OfAFailedAllocationIsToldApart) {
  ReplyWriter writer;
  const Bytes bytes = writer.allocation_failed(name);
  EXPECT_TRUE(std::holds_alternative<AllocationFailed>(parse(Blob(bytes.begin(), bytes.end()))));
}

struct Lie {
  const char *name;
  std::size_t offset;
  std::uint8_t value;
  const char *answer;
};

class LieTest : public testing::TestWithParam<Lie> {};

TEST_P(LieTest, IsSeenThrough) {
  const Lie &lie = GetParam();
  const Blob good = answer(some_evidence());
  ASSERT_TRUE(std::holds_alternative<Answer>(parse(good)));
  EXPECT_EQ(misbehaviour(parse(test::set_byte(good, lie.offset, lie.value))), lie.answer);
}

constexpr Lie lies[] = {
    {"nonce", at_nonce, 0x11, "a reply does not belong to the request"},
    {"index", at_index, 2, "a reply does not belong to the request"},
    {"kind", at_kind, 2, "a reply is of no known kind"},
    {"outcome", at_outcome, 3, "an outcome is out of range"},
    {"count", at_count, 65, "too many findings"},
    {"count_larger", at_count, 3, "a finding is cut short"},
    {"count_smaller", at_count, 1, "bytes follow the end of a reply"},
    {"colour", at_colour, 9, "a fact is out of range"},
    {"progressive", at_progressive, 2, "a fact is out of range"},
    {"orientation", at_orientation, 9, "a fact is out of range"},
    {"text_length", at_text + 1, 0xff, "a reply is cut short"},
    {"rule", at_first_finding + 16 + 2, 'X', "a finding names a rule that misbehaving does not have"},
    {"id_length", at_first_finding + 17, 0xff, "a finding is cut short"},
};

INSTANTIATE_TEST_SUITE_P(Each, LieTest, testing::ValuesIn(lies),
                         [](const auto &test) { return test.param.name; });

TEST(Reply, WithAPlaceOutsideTheSampleIsRefused) {
  const Blob good = answer(some_evidence());
  for (std::size_t byte = 2; byte < 8; ++byte) { // offset, then length
    EXPECT_NE(misbehaviour(parse(test::set_byte(good, at_first_finding + byte, 0x7f))), "");
    EXPECT_NE(misbehaviour(parse(test::set_byte(good, at_first_finding + 8 + byte, 0xff))), "");
  }
}

TEST(Reply, CutShortOrWithMoreBehindItIsRefused) {
  const Blob good = answer(some_evidence());
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_NE(misbehaviour(parse(test::truncate(good, size))), "") << size;
  EXPECT_NE(misbehaviour(parse(test::append(good, {0}))), "");
  EXPECT_NE(misbehaviour(parse(Blob(largest_reply + 1))), "");
}

TEST(Reply, MutatedAtRandomNeverGivesMoreThanItMay) {
  std::mt19937 random(1);
  const Blob good = answer(some_evidence(), Outcome::done, "text");
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    Blob bad = good;
    for (unsigned n = 1 + random() % 4; n > 0; --n)
      bad[12 + random() % (bad.size() - 12)] = static_cast<std::uint8_t>(random());
    const Reply reply = parse(bad);
    const Answer *got = std::get_if<Answer>(&reply);
    if (got == nullptr) continue;
    ++accepted;
    ASSERT_LE(got->findings.size(), Findings::kept);
    for (const Finding &finding : got->findings) {
      ASSERT_EQ(finding.rule, &test::complaint);
      ASSERT_LE(finding.offset, sample_size);
      ASSERT_LE(finding.length, sample_size - finding.offset);
    }
  }
  EXPECT_GT(accepted, 1'000); // numbers and details may be anything
}

} // namespace
} // namespace datavet::isolation
