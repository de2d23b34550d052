#include "formats/pnm/decode.h"

#include <string>

#include <gtest/gtest.h>

#include "formats/pnm/rules.h"
#include "tests/support/check.h"

namespace datavet {
namespace {

Evidence decode(const std::string &text) {
  const test::Blob sample(text.begin(), text.end());
  Evidence evidence;
  pnm_decoder.decode({sample, nullptr}, {}, evidence);
  return evidence;
}

TEST(PnmDecode, ReadsGoodSamples) {
  pnm_decoder.warm_up();
  for (const char *text :
       {"P1\n3 2\n010110\n", "P2\n3 2\n9\n1 2 3 4 5 6\n", "P5\n3 2\n255\nabcdef",
        "P6\n3 2\n255\nabcdefghijklmnopqr",
        "P7\nWIDTH 3\nHEIGHT 2\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\nabcdef"}) {
    const Evidence evidence = decode(text);
    EXPECT_TRUE(evidence.findings.empty()) << test::describe(evidence);
    EXPECT_EQ(evidence.facts.width, 3u) << text;
    EXPECT_EQ(evidence.facts.height, 2u) << text;
  }
}

TEST(PnmDecode, IsSilentWhereOurCheckHasSpoken) {
  EXPECT_TRUE(decode("P5\n3 2\n255\nabcde").findings.empty());
  EXPECT_TRUE(decode("P2\n1 1\n255\n1").findings.empty());
  EXPECT_TRUE(decode("no picture").findings.empty());
}

TEST(PnmDecode, SaysWhenOpencvRefusesForReasonsOfItsOwn) {
  // OpenCV takes no side longer than 2^20 pixels; pgm(5) knows no such limit.
  const Evidence evidence = decode("P5\n1048577 1\n255\n" + std::string(1'048'577, 'a'));
  ASSERT_EQ(evidence.findings.list().size(), 1u) << test::describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].rule, &pnm::decode_refused);
}

TEST(PnmDecode, DoesNotAskOpencvAboutPfm) {
  const Evidence evidence = decode("Pf\n1 1\n-1\nabcd");
  EXPECT_TRUE(evidence.findings.empty());
  EXPECT_EQ(evidence.facts.width, 0u);
}

} // namespace
} // namespace datavet
