#include "formats/bmp/bmp.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "formats/any/any.h"
#include "formats/any/rules.h"
#include "formats/bmp/rules.h"
#include "tests/formats/any/mutations.h"
#include "tests/formats/bmp/bmp_writer.h"
#include "tests/support/check.h"

namespace datavet {
namespace {

using test::Blob;
using test::BmpWriter;
using test::set_byte;

BmpWriter with(std::uint16_t bits, std::uint32_t header_size = 40) {
  BmpWriter bmp;
  bmp.bits = bits;
  bmp.header_size = header_size;
  return bmp;
}

BmpWriter rle8(Blob stream) {
  BmpWriter bmp = with(8);
  bmp.compression = 1;
  bmp.stream = std::move(stream);
  return bmp;
}

BmpWriter rle4(Blob stream) {
  BmpWriter bmp = with(4);
  bmp.compression = 2;
  bmp.stream = std::move(stream);
  return bmp;
}

/// Four rows of five pixels: a run, an absolute run with padding, a run and an absolute run, a run.
const Blob good_rle8 = {5, 1, 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 2,
                        9, 0, 3, 7, 8, 9, 0, 0, 0, 5, 4, 0, 0, 0, 1};
const Blob good_rle4 = {5, 0x12, 0, 0, 0, 5, 0x12, 0x34, 0x50, 0, 0, 0, 5, 0x21, 0, 0, 5, 0x33, 0, 0, 0, 1};

BmpWriter fields(std::uint16_t bits, std::uint32_t red, std::uint32_t green, std::uint32_t blue,
                 std::uint32_t alpha = 0, std::uint32_t header_size = 40) {
  BmpWriter bmp = with(bits, header_size);
  bmp.compression = 3;
  bmp.masks[0] = red, bmp.masks[1] = green, bmp.masks[2] = blue, bmp.masks[3] = alpha;
  bmp.masks_after_header = header_size == 40;
  return bmp;
}

std::vector<Blob> good_samples() {
  std::vector<Blob> samples;
  for (int bits : {1, 4, 8, 24}) samples.push_back(with(static_cast<std::uint16_t>(bits), 12).write());
  for (std::uint32_t header : {40u, 64u, 108u, 124u})
    for (int bits : {1, 4, 8, 16, 24, 32})
      samples.push_back(with(static_cast<std::uint16_t>(bits), header).write());
  BmpWriter top_down = with(24);
  top_down.height = -4;
  samples.push_back(top_down.write());
  samples.push_back(rle8(good_rle8).write());
  samples.push_back(rle4(good_rle4).write());
  samples.push_back(fields(16, 0xf800, 0x7e0, 0x1f).write());
  samples.push_back(fields(16, 0x7c00, 0x3e0, 0x1f).write());
  samples.push_back(fields(32, 0xff0000, 0xff00, 0xff, 0xff000000, 124).write());
  samples.push_back(fields(32, 0xff, 0xff00, 0xff0000, 0xff000000, 108).write());
  BmpWriter few_colours = with(8);
  few_colours.colours_used = 3;
  samples.push_back(few_colours.write());
  BmpWriter gap = with(24);
  gap.gap = 10;
  samples.push_back(gap.write());
  BmpWriter profile = with(24, 124);
  profile.colour_space = 0x4d424544;
  profile.profile = Blob(40, 'p');
  samples.push_back(profile.write());
  return samples;
}

TEST(BmpCheck, GoodSamplesAreClean) {
  for (const Blob &sample : good_samples()) {
    EXPECT_TRUE(bmp_format.sniff(sample));
    for (Depth depth : {Depth::header, Depth::structure, Depth::checksum, Depth::content, Depth::decode})
      test::expect_clean(bmp_format, sample, depth);
  }
}

TEST(BmpCheck, FillsFacts) {
  const Evidence rgb = test::check(bmp_format, with(24).write());
  EXPECT_EQ(rgb.facts.width, 5u);
  EXPECT_EQ(rgb.facts.height, 4u);
  EXPECT_EQ(rgb.facts.channels, 3);
  EXPECT_EQ(rgb.facts.bits, 8);
  EXPECT_EQ(rgb.facts.colour, Colour::rgb);
  EXPECT_EQ(rgb.facts.frames, 1u);
  EXPECT_EQ(rgb.facts.decoded_bytes, 60u);
  EXPECT_EQ(test::check(bmp_format, with(4).write()).facts.colour, Colour::palette);
  EXPECT_EQ(
      test::check(bmp_format, fields(32, 0xff0000, 0xff00, 0xff, 0xff000000, 124).write()).facts.channels, 4);
}

TEST(BmpCheck, FillsTheOutline) {
  const Blob sample = with(8).write();
  Outline outline;
  Evidence evidence;
  evidence.outline = &outline;
  bmp_format.check(sample, {}, evidence);
  std::vector<std::string> names;
  std::uint64_t end = 0;
  for (const Segment &segment : outline.segments()) {
    EXPECT_EQ(segment.offset, end);
    end = segment.offset + segment.length;
    names.push_back(segment.name);
  }
  EXPECT_EQ(end, sample.size());
  EXPECT_EQ(names,
            (std::vector<std::string>{"BITMAPFILEHEADER", "BITMAPINFOHEADER", "palette", "pixel data"}));
}

struct Broken {
  const Rule *rule;
  Blob sample;
  std::uint64_t offset;
};

std::vector<Broken> broken_samples() {
  const Blob rgb = with(24).write(); // pixels at 54, 64 bytes
  std::vector<Broken> list;
  auto add = [&](const Rule &rule, Blob sample, std::uint64_t offset) {
    list.push_back({&rule, std::move(sample), offset});
  };
  add(bmp::bad_signature, set_byte(rgb, 0, 'X'), 0);
  add(bmp::bad_signature, set_byte(rgb, 14, 11), 14);
  add(bmp::header_truncated, test::truncate(rgb, 30), 30);
  add(bmp::header_truncated, test::truncate(with(8).write(), 200), 200);
  add(bmp::header_truncated, test::truncate(fields(16, 0xf800, 0x7e0, 0x1f).write(), 60), 60);
  add(bmp::planes, set_byte(rgb, 26, 2), 26);
  add(bmp::dimensions, test::zero(rgb, 18, 4), 18);
  add(bmp::dimensions, test::zero(rgb, 22, 4), 18);
  add(bmp::dimensions, set_byte(rgb, 21, 0x80), 18);
  add(bmp::bit_count, set_byte(rgb, 28, 23), 28);
  add(bmp::bad_compression, set_byte(rgb, 30, 1), 30);
  add(bmp::bad_compression, set_byte(rgb, 30, 99), 30);
  BmpWriter top_down = rle8(good_rle8);
  top_down.height = -4;
  add(bmp::top_down, top_down.write(), 22);
  add(bmp::palette_size, set_byte(with(8).write(), 47, 2), 46);
  BmpWriter excess = with(1);
  excess.palette_colours = 5;
  Blob five = excess.write();
  add(bmp::palette_excess, set_byte(five, 46, 5), 46);
  BmpWriter few = with(8);
  few.colours_used = 3;
  add(bmp::palette_index, set_byte(few.write(), few.pixels_at() + 9, 3), few.pixels_at() + 9);
  few.bits = 4;
  add(bmp::palette_index, set_byte(few.write(), few.pixels_at() + 5, 0x23), few.pixels_at() + 5);
  few.bits = 1, few.colours_used = 1;
  add(bmp::palette_index, set_byte(few.write(), few.pixels_at() + 4, 0x08), few.pixels_at() + 4);
  add(bmp::pixels_offset, set_byte(rgb, 10, 53), 10);
  BmpWriter overlap = with(4);
  Blob overlapping = overlap.write();
  add(bmp::pixels_overlap, set_byte(overlapping, 10, static_cast<std::uint8_t>(overlap.pixels_at() - 4)),
      overlap.pixels_at() - 4);
  add(bmp::masks, fields(32, 0xff0000, 0xff80, 0xff, 0, 124).write(), 62);
  add(bmp::masks_ignored, fields(32, 0xff000000, 0xff0000, 0xff00).write(), 54);
  add(bmp::refused, fields(16, 0xf00, 0xf0, 0xf, 0xf000, 56).write(), 14);
  add(bmp::refused, with(2).write(), 14);
  add(bmp::refused, with(8, 16).write(), 14);
  BmpWriter jpeg = with(0, 124);
  jpeg.compression = 4;
  jpeg.stream = Blob(20, 0xff);
  add(bmp::refused, jpeg.write(), 14);
  add(bmp::partly_refused, fields(32, 0xff0000, 0xff00, 0xff, 0, 56).write(), 14);
  add(bmp::partly_refused, fields(16, 0xf800, 0x7e0, 0x1f, 0, 108).write(), 14);
  add(bmp::header_size, with(24, 66).write(), 14);
  BmpWriter bare = with(24);
  bare.file_header = false;
  add(bmp::no_file_header, bare.write(), 0);
  add(bmp::file_size, set_byte(rgb, 2, 0), 2);
  add(bmp::pixels_truncated, test::truncate(rgb, rgb.size() - 1), rgb.size() - 1);
  add(bmp::pixels_truncated, test::truncate(rgb, 54), 54);
  add(bmp::rle_truncated, rle8({5, 1, 0, 0, 5}).write(), rle8({}).pixels_at() + 4);
  add(bmp::rle_truncated, rle8({0, 5, 1, 2, 3}).write(), rle8({}).pixels_at() + 2);
  add(bmp::rle_overrun, rle8({6, 1}).write(), rle8({}).pixels_at());
  add(bmp::rle_overrun, rle8({5, 1, 0, 3, 1, 2, 3, 0}).write(), rle8({}).pixels_at() + 2);
  add(bmp::rle_overrun, rle8({0, 2, 0, 5}).write(), rle8({}).pixels_at());
  add(bmp::rle_overrun, rle4({0, 2, 6, 0}).write(), rle4({}).pixels_at());
  add(bmp::rle_short, rle8({5, 1, 0, 0, 0, 1}).write(), rle8({}).pixels_at() + 4);
  add(bmp::rle_unset, rle8({5, 1, 0, 0, 0, 2, 5, 1, 0, 0, 5, 1, 0, 1}).write(), rle8({}).pixels_at());
  const Blob endless = test::truncate(good_rle8, good_rle8.size() - 2);
  add(bmp::rle_end, rle8(endless).write(), rle8({}).pixels_at() + endless.size());
  BmpWriter profile = with(24, 124);
  profile.colour_space = 0x4d424544;
  profile.profile = Blob(40, 'p');
  Blob far = profile.write();
  add(bmp::profile_place, set_byte(far, 14 + 117, 2), 14 + 112);
  profile.colour_space = 0x4c494e4b;
  add(bmp::profile_linked, profile.write(), 70);
  BmpWriter longer = with(24);
  add(bmp::trailing, set_byte(test::append(longer.write(), Blob(6, 1)), 2, 124), longer.pixels_at() + 64);
  add(bmp::padding, set_byte(test::append(longer.write(), Blob(2, 0)), 2, 120), longer.pixels_at() + 64);
  return list;
}

TEST(BmpCheck, EachDamageIsOneFinding) {
  for (const Broken &broken : broken_samples()) {
    SCOPED_TRACE(broken.rule->id);
    test::expect_finding(bmp_format, broken.sample, *broken.rule, broken.offset);
  }
}

TEST(BmpCheck, EveryRuleHasASampleThatBreaksIt) {
  std::set<const Rule *> seen{&bmp::decode_refused}; // bmp_decode_test breaks it
  for (const Broken &broken : broken_samples()) seen.insert(broken.rule);
  for (const Rule *rule : bmp_format.rules) EXPECT_TRUE(seen.contains(rule)) << rule->id;
}

TEST(BmpCheck, NoPrefixIsHealthy) {
  for (const Blob &sample : good_samples()) test::expect_no_prefix_healthy(bmp_format, sample);
}

TEST(BmpCheck, ComparesSizesWithLimitsAndNeverAllocates) {
  BmpWriter bmp = with(24);
  Limits limits;
  limits.pixels = 19;
  const Evidence pixels = test::check(bmp_format, bmp.write(), Depth::content, limits);
  ASSERT_EQ(pixels.findings.list().size(), 1u);
  EXPECT_EQ(pixels.findings.list()[0].rule, &any::too_large);
  EXPECT_EQ(pixels.findings.verdict(), Verdict::unchecked);
  limits = {};
  limits.decoded_bytes = 59;
  EXPECT_TRUE(test::has(test::check(bmp_format, bmp.write(), Depth::header, limits), any::too_large));
}

TEST(BmpCheck, HugeSizesInASmallFileAreTruncation) {
  Blob sample = with(32).write();
  for (std::size_t at = 18; at < 25; ++at) sample = set_byte(sample, at, 0xff);
  sample = set_byte(set_byte(sample, 21, 0x7f), 25, 0x7f);
  test::expect_finding(bmp_format, sample, bmp::pixels_truncated, sample.size());
}

TEST(BmpSniff, TakesNoTextAndNoOtherFormat) {
  const std::string text =
      "BM is how some sentences begin; this one is longer than all headers of a bitmap together.";
  EXPECT_FALSE(bmp_format.sniff(Blob(text.begin(), text.end())));
  EXPECT_FALSE(bmp_format.sniff({}));
  EXPECT_FALSE(bmp_format.sniff(Blob{'B', 'M'}));
  // A TFRecord whose first record has 40 bytes begins like a BITMAPINFOHEADER.
  Blob record(60, 0);
  record[0] = 40;
  EXPECT_FALSE(bmp_format.sniff(record));
}

TEST(BmpCheck, IsSoundUnderMutation) {
  test::expect_sound_under_mutation(bmp_format, good_samples(), 30'000, any_rules());
}

TEST(BmpCheck, IsSoundOnNoise) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    Blob noise(random() % 300);
    for (std::uint8_t &byte : noise) byte = static_cast<std::uint8_t>(random());
    if (noise.size() > 14)
      noise[0] = 'B', noise[1] = 'M', noise[14] = 40, noise[15] = noise[16] = noise[17] = 0;
    test::expect_sound_answer(bmp_format, noise, any_rules());
  }
}

} // namespace
} // namespace datavet
