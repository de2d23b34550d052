#include "formats/bmp/decode.h"

#include <gtest/gtest.h>

#include "formats/bmp/bmp.h"
#include "formats/bmp/rules.h"
#include "tests/formats/bmp/bmp_writer.h"
#include "tests/support/check.h"

namespace datavet {
namespace {

using test::Blob;
using test::BmpWriter;

Evidence decode(const Blob &sample, Limits limits = {}) {
  Evidence evidence;
  bmp_decoder.decode({sample, nullptr}, limits, evidence);
  return evidence;
}

TEST(BmpDecode, ReadsGoodSamples) {
  bmp_decoder.warm_up();
  for (int bits : {1, 4, 8, 16, 24, 32}) {
    BmpWriter bmp;
    bmp.bits = static_cast<std::uint16_t>(bits);
    const Evidence evidence = decode(bmp.write());
    EXPECT_TRUE(evidence.findings.empty()) << test::describe(evidence);
    EXPECT_EQ(evidence.facts.width, 5u) << bits;
    EXPECT_EQ(evidence.facts.height, 4u) << bits;
  }
}

TEST(BmpDecode, IsSilentWhereOurCheckHasSpoken) {
  BmpWriter bmp;
  EXPECT_TRUE(decode(test::truncate(bmp.write(), 80)).findings.empty());
  bmp.bits = 16, bmp.compression = 3, bmp.header_size = 108;
  bmp.masks[0] = 0xf800, bmp.masks[1] = 0x7e0, bmp.masks[2] = 0x1f;
  EXPECT_TRUE(decode(bmp.write()).findings.empty());
}

TEST(BmpDecode, SaysWhenOpencvRefusesForReasonsOfItsOwn) {
  // Top-down RLE is legal for OpenCV, but it wants each row of RLE4 to be closed by an end of line.
  BmpWriter bmp;
  bmp.bits = 4, bmp.compression = 2, bmp.width = 2, bmp.height = 1;
  bmp.stream = Blob{2, 0x11};
  const Evidence evidence = decode(bmp.write());
  ASSERT_EQ(evidence.findings.list().size(), 1u) << test::describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].rule, &bmp::decode_refused);
}

TEST(BmpDecode, AsksNothingOverTheLimitsOrOfOtherBytes) {
  Limits limits;
  limits.pixels = 10;
  const Evidence over = decode(BmpWriter{}.write(), limits);
  EXPECT_TRUE(over.findings.empty());
  EXPECT_EQ(over.facts.width, 0u);
  EXPECT_TRUE(decode(Blob(100, 'x')).findings.empty());
  EXPECT_TRUE(decode({}).findings.empty());
}

TEST(BmpDecode, KnowsItsVersion) { EXPECT_FALSE(bmp_decoder.version().empty()); }

} // namespace
} // namespace datavet
