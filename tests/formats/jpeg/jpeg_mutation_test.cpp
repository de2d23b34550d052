// Whatever the bytes: no read outside them, the same findings twice, offsets inside.
#include <random>

#include <gtest/gtest.h>

#include "formats/jpeg/decode.h"
#include "formats/jpeg/jpeg.h"
#include "tests/formats/jpeg/good_jpegs.h"
#include "tests/formats/jpeg/mutate.h"
#include "tests/formats/jpeg/pieces.h"
#include "tests/support/check.h"

namespace datavet::test {

namespace {

TEST(JpegMutation, FindingsAreStableAndInside) {
  std::mt19937 random(20'26);
  std::vector<Blob> seeds;
  for (const GoodJpeg &good : good_jpegs())
    if (good.bytes.size() < 20'000) seeds.push_back(good.bytes);
  for (int round = 0; round < 40'000; ++round) {
    const Blob mutant = mutate(seeds[static_cast<std::size_t>(round) % seeds.size()], random);
    const Evidence first = check(jpeg_format, mutant), second = check(jpeg_format, mutant);
    ASSERT_EQ(describe(first), describe(second));
    for (const Finding &finding : first.findings.list()) {
      ASSERT_LE(finding.offset, mutant.size()) << describe(first);
      ASSERT_LE(finding.length, mutant.size() - finding.offset) << describe(first);
    }
  }
}

TEST(JpegMutation, EveryByteOfTheHeadersMayBeAnything) {
  const Blob good = make_jpeg({.width = 16, .height = 16, .exif_orientation = 3, .icc_bytes = 132});
  const std::size_t headers = piece(good, entropy_coded).offset;
  for (std::size_t at = 0; at < headers; ++at)
    for (int value : {0, 1, 2, 0x0F, 0x10, 0x7F, 0x80, 0xC4, 0xD9, 0xDA, 0xFE, 0xFF}) {
      const Evidence evidence = check(jpeg_format, set_byte(good, at, static_cast<std::uint8_t>(value)));
      for (const Finding &finding : evidence.findings.list())
        ASSERT_LE(finding.offset, good.size()) << describe(evidence);
    }
}

} // namespace

} // namespace datavet::test
