#include "formats/jpeg2000/decode.h"

#include <vector>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "formats/jpeg2000/jpeg2000.h"
#include "formats/jpeg2000/rules.h"
#include "tests/formats/any/mutations.h"
#include "tests/formats/jpeg2000/jpeg2000_writer.h"
#include "tests/support/check.h"

namespace datavet {
namespace {

using test::Blob;

/// A real JP2 by OpenJPEG.
Blob encode(int type) {
  cv::Mat picture(40, 50, type);
  cv::randu(picture, 0, 256);
  Blob blob;
  cv::imencode(".jp2", picture, blob);
  return blob;
}

Evidence decode(const Blob &sample) {
  Evidence evidence;
  jpeg2000_decoder.decode({sample, nullptr}, {}, evidence);
  return evidence;
}

TEST(Jpeg2000Decode, RealSamplesAreCleanAndDecode) {
  jpeg2000_decoder.warm_up();
  for (int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC3, CV_8UC4}) {
    const Blob sample = encode(type);
    ASSERT_FALSE(sample.empty());
    test::expect_clean(jpeg2000_format, sample);
    const Evidence evidence = decode(sample);
    EXPECT_TRUE(evidence.findings.empty()) << test::describe(evidence);
    EXPECT_EQ(evidence.facts.width, 50u);
    EXPECT_EQ(evidence.facts.height, 40u);
  }
}

TEST(Jpeg2000Decode, NoPrefixOfARealSampleIsHealthy) {
  test::expect_no_prefix_healthy(jpeg2000_format, encode(CV_8UC1));
}

TEST(Jpeg2000Decode, DamagedDataOfAnOrdinaryKindIsAnError) {
  // Coded data that OpenJPEG gives up on: the packet header of a tile speaks of more than there is.
  test::J2kWriter stream;
  stream.levels = 0, stream.components = 1;
  stream.data = Blob(30, 0xfe);
  const Blob sample = stream.write();
  test::expect_clean(jpeg2000_format, sample);
  const Evidence evidence = decode(sample);
  ASSERT_EQ(evidence.findings.list().size(), 1u) << test::describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].rule, &jpeg2000::decode_failed);
}

TEST(Jpeg2000Decode, KindsThatOpencvRefusesAreUnsupported) {
  test::J2kWriter stream;
  stream.components = 2;
  const Evidence two = decode(stream.write());
  ASSERT_EQ(two.findings.list().size(), 1u) << test::describe(two);
  EXPECT_EQ(two.findings.list()[0].rule, &jpeg2000::decode_unsupported);
  stream.components = 1, stream.depth = 3;
  EXPECT_TRUE(test::has(decode(stream.write()), jpeg2000::decode_unsupported));
}

TEST(Jpeg2000Decode, IsSilentWhereOurCheckHasSpoken) {
  const Blob sample = encode(CV_8UC3);
  EXPECT_TRUE(decode(test::truncate(sample, sample.size() / 2)).findings.empty());
  EXPECT_TRUE(decode(test::truncate(sample, 60)).findings.empty());
  EXPECT_TRUE(decode(Blob(100, 'x')).findings.empty());
}

} // namespace
} // namespace datavet
