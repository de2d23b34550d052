#include "formats/pnm/pnm.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "formats/any/any.h"
#include "formats/any/rules.h"
#include "formats/pnm/rules.h"
#include "tests/formats/any/mutations.h"
#include "tests/support/check.h"

namespace datavet {
namespace {

using namespace std::string_view_literals;
using test::Blob;

Blob bytes(std::string_view text) { return Blob(text.begin(), text.end()); }

const std::string pam_header =
    "P7\nWIDTH 2\nHEIGHT 2\n# a comment\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n";
const std::string pam = pam_header + std::string(16, '\x05');
const std::string pfm = "PF\n1 2\n-1.0\n" + std::string("\0\0\x80\x3f", 4) + std::string(20, '\0');

/// Every kind, with comments and white space as their manuals allow.
const std::string good[] = {
    "P1\n# comment\n3 2\n0 1 0\n110\n",
    "P2\n3 2\n10\n0 1 2\n3 10 # ten\n9\n",
    "P3 1 2 255\n1 2 3 255 254 253\n",
    "P4\n10 2\n" + std::string("\xff\x40\x01\x80", 4),
    "P5\n# made by\n# somebody\n3 2\n255\n" + std::string("\0\x01\x02\xff\x0a\x0d", 6),
    "P5\t3\r2 300 " + std::string("\0\x01\x01\x2c\0\0\0\0\0\0\0\0", 12),
    "P6\n2 1\n255\nabcdef",
    "P6 1 1 255\nabcP6 1 1 255\ndef",
};
const std::string good_but_unknown_to_pillow[] = {
    pam, "P7\nHEIGHT 1\nWIDTH 2\nMAXVAL 65535\nDEPTH 1\nENDHDR\nabcd", pfm,
    "Pf\n2 1\n1\n" + std::string(8, '\0')};

TEST(PnmCheck, GoodSamplesAreClean) {
  for (const std::string &text : good) {
    SCOPED_TRACE(text.substr(0, 12));
    EXPECT_TRUE(pnm_format.sniff(bytes(text)));
    for (Depth depth : {Depth::header, Depth::structure, Depth::content})
      test::expect_clean(pnm_format, bytes(text), depth);
  }
}

TEST(PnmCheck, PamAndPfmAreHealthyThoughPillowRefusesThem) {
  for (const std::string &text : good_but_unknown_to_pillow) {
    EXPECT_TRUE(pnm_format.sniff(bytes(text)));
    test::expect_finding(pnm_format, bytes(text), pnm::partly_refused, 0);
    EXPECT_EQ(test::check(pnm_format, bytes(text)).findings.verdict(), Verdict::healthy);
  }
}

TEST(PnmCheck, FillsFacts) {
  const Evidence two = test::check(pnm_format, bytes(good[7]));
  EXPECT_EQ(two.facts.frames, 2u);
  EXPECT_EQ(two.facts.colour, Colour::rgb);
  const Evidence deep = test::check(pnm_format, bytes(good[5]));
  EXPECT_EQ(deep.facts.width, 3u);
  EXPECT_EQ(deep.facts.height, 2u);
  EXPECT_EQ(deep.facts.bits, 16);
  EXPECT_EQ(deep.facts.channels, 1);
  EXPECT_EQ(deep.facts.decoded_bytes, 12u);
  EXPECT_EQ(test::check(pnm_format, bytes(pam)).facts.colour, Colour::rgba);
  EXPECT_EQ(test::check(pnm_format, bytes(good[3])).facts.bits, 1);
  EXPECT_EQ(test::check(pnm_format, bytes(pfm)).facts.bits, 32);
}

struct Broken {
  const Rule *rule;
  std::string sample;
  std::uint64_t offset;
};

const Broken broken_samples[] = {
    {&pnm::header_truncated, "P", 1},
    {&pnm::header_truncated, "P5\n3 2", 6},
    {&pnm::header_truncated, "P7\nWIDTH 2\n", 11},
    {&pnm::header_grammar, "P8\n1 1\n1\na", 0},
    {&pnm::header_grammar, "P5x1 1\n1\na", 2},
    {&pnm::header_grammar, "P5\n1 x\n1\na", 5},
    {&pnm::header_grammar, "P5\n1 -1\n1\na", 5},
    {&pnm::header_grammar, "P5\n1 1\n255x", 10},
    {&pnm::header_grammar, "PF\n\n1 1\n-1\naaaa", 3},
    {&pnm::dimensions, "P5\n0 1\n255\n", 2},
    {&pnm::dimensions, "P6\n99999999999 1\n255\nabc", 3},
    {&pnm::maxval, "P5\n1 1\n65536\nab", 7},
    {&pnm::maxval, "P5\n1 1\n0\na", 7},
    {&pnm::line_end, "P6\r\n2 1\r\n255\r\nabcdef", 12},
    {&pnm::pam_fields, "P7\nWIDTH 2\nHEIGHT 2\nDEPTH 1\nENDHDR\nabcd", 0},
    {&pnm::pam_fields, "P7\nWIDTH 2\nWIDTH 2\nDEPTH 1\nENDHDR\nabcd", 11},
    {&pnm::pam_fields, "P7\nWIDHT 2\nENDHDR\n", 3},
    {&pnm::pam_fields, "P7\nWIDTH 2 HEIGHT 2\n", 11},
    {&pnm::pfm_scale, "PF\n1 1\n0.0\n" + std::string(12, '\0'), 7},
    {&pnm::pfm_scale, "PF\n1 1\nnan\n" + std::string(12, '\0'), 7},
    {&pnm::pfm_scale, "Pf\n1 1\none\n" + std::string(12, '\0'), 7},
    {&pnm::raster_truncated, "P6\n2 1\n255\nabcde", 16},
    {&pnm::raster_truncated, "P5\n2 1\n300\nabc", 14},
    {&pnm::raster_truncated, "P4\n9 2\nabc", 10},
    {&pnm::raster_truncated, "P1\n3 2\n0 1 0 1", 14},
    {&pnm::raster_truncated, "P3\n1 2\n255\n1 2 3 4 5\n", 21},
    {&pnm::raster_range, "P5\n2 2\n100\n\x01\x64\x65\x02", 13},
    {&pnm::raster_range, "P5\n1 1\n300\n\x01\x2d", 11},
    {&pnm::plain_token, "P2\n2 1\n255\n1 x\n", 13},
    {&pnm::plain_token, "P2\n2 1\n255\n1 2x\n", 14},
    {&pnm::plain_range, "P1\n2 1\n12\n", 8},
    {&pnm::plain_range, "P2\n2 1\n255\n1 256\n", 13},
    {&pnm::plain_end, "P2\n2 1\n255\n1 25", 15},
    {&pnm::trailing, "P5\n1 1\n255\nabc", 12},
    {&pnm::trailing, "P2\n1 1\n255\n1 2\n", 13},
    {&pnm::newline, "P5\n1 1\n255\na\n", 12},
};

TEST(PnmCheck, EachDamageIsOneFinding) {
  for (const Broken &broken : broken_samples) {
    SCOPED_TRACE(std::string(broken.rule->id) + ": " + broken.sample);
    test::expect_finding(pnm_format, bytes(broken.sample), *broken.rule, broken.offset);
  }
}

std::string with_note(const Rule &rule, std::string sample) {
  const Evidence evidence = test::check(pnm_format, bytes(sample));
  return test::has(evidence, rule) && evidence.findings.verdict() == Verdict::suspect
             ? ""
             : test::describe(evidence);
}

TEST(PnmCheck, WarnsOfTupleTypesAndNumbersThatAreNone) {
  EXPECT_EQ(with_note(pnm::pam_tuple, "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 9\nTUPLTYPE RGB\nENDHDR\nab"),
            "");
  EXPECT_EQ(
      with_note(pnm::pam_tuple, "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 9\nTUPLTYPE DEPTHMAP\nENDHDR\n\x01"),
      "");
  EXPECT_EQ(with_note(pnm::not_finite, "Pf\n1 1\n-1\n" + std::string("\0\0\x80\x7f", 4)), "");
  EXPECT_EQ(with_note(pnm::not_finite, "Pf\n1 1\n1\n" + std::string("\xff\xc0\0\0", 4)), "");
}

TEST(PnmCheck, EveryRuleHasASampleThatBreaksIt) {
  // The last three have tests of their own; decode_test breaks decode_refused.
  std::set<const Rule *> seen{&pnm::pam_tuple, &pnm::not_finite, &pnm::partly_refused, &pnm::decode_refused};
  for (const Broken &broken : broken_samples) seen.insert(broken.rule);
  for (const Rule *rule : pnm_format.rules) EXPECT_TRUE(seen.contains(rule)) << rule->id;
}

TEST(PnmCheck, NoPrefixIsHealthy) {
  for (const std::string &text : good) {
    if (text == good[0]) continue; // without its last line feed a plain bitmap is still whole
    Blob sample = bytes(text);
    if (text == good[7]) sample = bytes(text.substr(0, 14)); // two images: the first alone is a good sample
    test::expect_no_prefix_healthy(pnm_format, sample);
  }
  for (const std::string &text : good_but_unknown_to_pillow)
    test::expect_no_prefix_healthy(pnm_format, bytes(text));
}

TEST(PnmCheck, ComparesSizesWithLimits) {
  Limits limits;
  limits.pixels = 5;
  const Evidence evidence = test::check(pnm_format, bytes(good[4]), Depth::content, limits);
  EXPECT_TRUE(test::has(evidence, any::too_large));
  EXPECT_EQ(evidence.findings.verdict(), Verdict::unchecked);
}

TEST(PnmCheck, HugeSizesInASmallFileAreTruncation) {
  for (std::string_view text :
       {"P7\nWIDTH 2147483647\nHEIGHT 2147483647\nDEPTH 512\nMAXVAL 65535\nENDHDR\nabc"sv,
        "PF\n2147483647 2147483647\n1\nabcd"sv, "P1\n2147483647 2147483647\n1 1 1 "sv,
        "P4\n2147483647 2147483647\n111"sv})
    test::expect_finding(pnm_format, bytes(text), pnm::raster_truncated, text.size());
}

TEST(PnmSniff, TakesNoText) {
  for (std::string_view text :
       {"P4 is a chapter"sv, "P1"sv, "P5"sv, ""sv, "P2 10 20 255 points"sv, "P1 3 4 are numbers"sv,
        "P7 of the report"sv, "PF\nabc"sv, "P6\n# only a comment"sv, "PNG"sv, "P6 12 13 nothing"sv})
    EXPECT_FALSE(pnm_format.sniff(bytes(text))) << text;
}

TEST(PnmCheck, IsSoundUnderMutation) {
  std::vector<Blob> seeds;
  for (const std::string &text : good) seeds.push_back(bytes(text));
  for (const std::string &text : good_but_unknown_to_pillow) seeds.push_back(bytes(text));
  test::expect_sound_under_mutation(pnm_format, seeds, 30'000, any_rules());
}

TEST(PnmCheck, ManyImagesGiveFewFindings) {
  Blob sample;
  const Blob image = bytes("P5 1 1 9 c");
  for (int i = 0; i < 100'000; ++i) sample.insert(sample.end(), image.begin(), image.end());
  const Evidence evidence = test::check(pnm_format, sample);
  EXPECT_EQ(evidence.facts.frames, 100'000u);
  EXPECT_EQ(evidence.findings.list().size(), Findings::kept);
}

} // namespace
} // namespace datavet
