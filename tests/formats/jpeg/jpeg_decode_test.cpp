// The real decoder: what its complaints become, and where.
#include <gtest/gtest.h>

#include "formats/any/rules.h"
#include "formats/jpeg/decode.h"
#include "formats/jpeg/jpeg.h"
#include "formats/jpeg/rules.h"
#include "tests/formats/jpeg/good_jpegs.h"
#include "tests/formats/jpeg/pieces.h"
#include "tests/support/check.h"

namespace datavet::test {

namespace {

Evidence decoded(const Blob &sample, const Limits &limits = {}) {
  Evidence evidence;
  const GuardedBytes guarded{Bytes(sample)};
  jpeg_decode({.bytes = guarded.bytes()}, limits, evidence);
  return evidence;
}

TEST(JpegDecode, PointsAtTheDamage) {
  const Blob good = make_jpeg({.width = 640, .height = 480});
  const Piece data = piece(good, entropy_coded);
  const std::size_t middle = data.offset + data.length / 2;
  Blob ones = good;
  for (std::size_t at = middle; at < middle + 32; at += 2)
    ones = set_byte(set_byte(ones, at, 0xFF), at + 1, 0);
  const Evidence evidence = decoded(ones);
  ASSERT_TRUE(has(evidence, jpeg::decode_bad_huffman)) << describe(evidence);
  EXPECT_NEAR(static_cast<double>(evidence.findings.list()[0].offset), static_cast<double>(middle), 16);
}

// Libjpeg-turbo's fast path takes an invalid code for a zero in silence: the decoder must not use it.
TEST(JpegDecode, InvalidCodesAreHeardInALargePictureToo) {
  const Blob good = make_jpeg({.width = 1600, .height = 1200});
  const Piece data = piece(good, entropy_coded);
  ASSERT_GT(data.length, 200'000u);
  Blob ones = good;
  for (std::size_t at = data.offset + 1000; at < data.offset + 1032; at += 2)
    ones = set_byte(set_byte(ones, at, 0xFF), at + 1, 0);
  EXPECT_TRUE(has(decoded(ones), jpeg::decode_bad_huffman)) << describe(decoded(ones));
}

TEST(JpegDecode, AnErrorIsNotLostBehindManyMilderComplaints) {
  // Padding after every restart interval, and one real loss at the end.
  Blob sample = make_jpeg({.restart_interval = 1});
  const Piece data = piece(sample, entropy_coded);
  const std::vector<std::size_t> restarts = restarts_in(sample, data);
  sample = erase(sample, data.end() - 8, 8);
  for (auto place = restarts.rbegin(); place != restarts.rend(); ++place)
    sample = insert(sample, *place, {0, 0, 0});
  const Evidence evidence = decoded(sample);
  EXPECT_TRUE(has(evidence, jpeg::decode_padding)) << describe(evidence);
  EXPECT_EQ(evidence.findings.verdict(), Verdict::corrupt) << describe(evidence);
  EXPECT_EQ(evidence.findings.list().size(), 2u) << describe(evidence);
}

TEST(JpegDecode, TheFatalMessageIsToldBesideTheFirstComplaint) {
  const Blob good = make_jpeg();
  const Piece data = piece(good, entropy_coded);
  const Blob sample = set_byte(set_byte(good, data.offset + 400, 0xFF), data.offset + 401, 0x38);
  const Evidence evidence = decoded(sample);
  ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
  EXPECT_NE(evidence.findings.list()[0].detail.find("Unsupported marker type 0x38"), std::string::npos);
}

TEST(JpegDecode, DeclaredSizesBeyondTheLimitsAreNotDecoded) {
  Limits limits;
  limits.pixels = 96 * 64 - 1;
  const Evidence evidence = decoded(make_jpeg(), limits);
  EXPECT_TRUE(evidence.findings.empty()) << describe(evidence); // check() reports it
}

TEST(JpegDecode, SurvivesEmptyAndTinyInput) {
  EXPECT_TRUE(has(decoded({}), jpeg::decode_error));
  for (std::size_t size = 1; size < 200; ++size)
    EXPECT_EQ(decoded(truncate(make_jpeg(), size)).findings.verdict(), Verdict::corrupt) << size;
}

TEST(JpegDecode, KnowsItsVersion) {
  jpeg_warm_up();
  EXPECT_EQ(jpeg_version().substr(0, 2), "2.") << jpeg_version();
}

} // namespace

} // namespace datavet::test
