#include "formats/gif/gif.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "formats/any/any.h"
#include "formats/any/rules.h"
#include "formats/gif/rules.h"
#include "tests/formats/any/mutations.h"
#include "tests/formats/gif/gif_writer.h"
#include "tests/formats/gif/lzw_reference.h"
#include "tests/support/check.h"

namespace datavet {
namespace {

using test::Blob;
using test::GifFrame;
using test::GifWriter;
using test::set_byte;

// In GifWriter's default file: header 6, screen 7, table 8 * 3, then the first block.
constexpr std::size_t first_block = 37;

Blob still(const GifFrame &frame = {}) { return GifWriter().frame(frame).finish(); }

/// Three frames: whole, a part with its own colours, an interlaced part that restores the background.
Blob animation() {
  return GifWriter()
      .loop()
      .control(1)
      .frame()
      .comment("a comment")
      .control(1, 3)
      .frame({.left = 2, .top = 1, .width = 5, .height = 4, .local_colours = 16, .code_size = 4})
      .control(2, 0)
      .frame({.left = 1, .width = 11, .height = 9, .interlaced = true})
      .finish();
}

std::vector<unsigned> noise(std::size_t count, unsigned colours) {
  std::mt19937 random(9);
  std::vector<unsigned> pixels(count);
  for (unsigned &pixel : pixels) pixel = static_cast<unsigned>(random() % colours);
  return pixels;
}

/// Large enough to fill the LZW table several times.
Blob large(bool deferred_clear) {
  return GifWriter(200, 150, 256)
      .frame({.width = 200,
              .height = 150,
              .code_size = 8,
              .pixels = noise(30'000, 256),
              .style = {.deferred_clear = deferred_clear}})
      .finish();
}

std::vector<Blob> good_samples() {
  return {
      still(),
      still({.interlaced = true}),
      still({.largest_sub_block = 1}),
      still({.local_colours = 4, .code_size = 2}),
      GifWriter(12, 10, 8, "GIF87a").frame().finish(),
      GifWriter(12, 10, 0).frame({.local_colours = 2, .code_size = 2, .pixels = noise(120, 2)}).finish(),
      GifWriter(1, 1, 2).frame({.width = 1, .height = 1, .code_size = 2, .pixels = {{1}}}).finish(),
      GifWriter(3, 2, 2)
          .frame({.width = 3, .height = 2, .code_size = 8, .pixels = {{1, 0, 1, 0, 1, 1}}})
          .finish(),
      // More colours in the table than codes for them, and a frame that leaves some of the screen free.
      GifWriter(40, 40, 256).frame({.left = 3, .top = 4}).finish(),
      GifWriter().application("XMP DataXMP", Blob(300, 'x')).frame().application("NETSCAPE2.0", {}).finish(),
      animation(),
      large(false),
      large(true),
  };
}

TEST(GifCheck, GoodSamplesAreClean) {
  for (const Blob &sample : good_samples()) {
    EXPECT_TRUE(gif_format.sniff(sample));
    for (Depth depth : {Depth::header, Depth::structure, Depth::checksum, Depth::content, Depth::decode})
      test::expect_clean(gif_format, sample, depth);
  }
}

TEST(GifCheck, FillsFacts) {
  const Facts moving = test::check(gif_format, animation()).facts;
  EXPECT_EQ(moving.width, 12u);
  EXPECT_EQ(moving.height, 10u);
  EXPECT_EQ(moving.frames, 3u);
  EXPECT_EQ(moving.channels, 1);
  EXPECT_EQ(moving.bits, 3);
  EXPECT_EQ(moving.colour, Colour::palette);
  EXPECT_EQ(moving.decoded_bytes, 360u);
  EXPECT_FALSE(moving.progressive);
  EXPECT_TRUE(test::check(gif_format, still({.interlaced = true})).facts.progressive);
  EXPECT_EQ(test::check(gif_format, GifWriter(12, 10, 0).frame().finish()).facts.colour, Colour::grey);
  // A loader opens the picture as large as its first frame needs.
  EXPECT_EQ(test::check(gif_format, GifWriter(5, 5).frame({.left = 4}).finish()).facts.width, 16u);
  EXPECT_EQ(test::check(gif_format, animation(), Depth::header).facts.width, 12u);
}

TEST(GifCheck, FillsTheOutline) {
  const Blob sample = test::append(animation(), Blob(3, 0));
  Outline outline;
  Evidence evidence;
  evidence.outline = &outline;
  gif_format.check(sample, {}, evidence);
  std::vector<std::string> names;
  std::uint64_t end = 0;
  for (const Segment &segment : outline.segments()) {
    if (segment.level > 0) continue;
    EXPECT_EQ(segment.offset, end) << segment.name;
    end = segment.offset + segment.length;
    names.push_back(segment.name);
  }
  EXPECT_EQ(end, sample.size());
  const std::string control = "graphic control extension";
  EXPECT_EQ(names,
            (std::vector<std::string>{"header", "logical screen descriptor", "global colour table",
                                      "application extension", control, "image", "comment extension", control,
                                      "image", control, "image", "trailer", "after the trailer"}));
}

struct Broken {
  const Rule *rule;
  Blob sample;
  std::uint64_t offset;
};

std::vector<Broken> broken_files() {
  const Blob good = still();
  const std::size_t end = good.size();
  const Blob restored = GifWriter(12, 10, 8, "GIF89a", 255).control(2).frame().control(2).frame().finish();
  return {
      {&gif::bad_signature, set_byte(good, 4, '8'), 0},
      {&gif::bad_signature, test::truncate(good, 5), 0},
      {&gif::truncated, test::truncate(good, 9), 9},
      {&gif::truncated, test::truncate(good, 20), 20},
      {&gif::no_image, GifWriter().finish(), first_block},
      {&gif::no_image, GifWriter().comment("nothing else").unfinished(),
       GifWriter().comment("nothing else").size()},
      {&gif::no_image, GifWriter().raw({'\n', '\n'}).unfinished(), first_block + 2},
      {&gif::no_trailer, test::truncate(good, end - 1), end - 1},
      {&gif::trailing, test::append(good, good), end},
      {&gif::padding, test::append(good, {0, 0, '\r', '\n', 0x1a}), end},
      {&gif::screen_empty, GifWriter(0, 0).frame().finish(), 6},
      {&gif::screen_background, restored, GifWriter().control().frame().control().size()},
      {&gif::unknown_block, GifWriter().frame().raw({7, 8}).frame().finish(), GifWriter().frame().size()},
      {&gif::unknown_block, GifWriter().raw({'x'}).frame().finish(), first_block},
      {&gif::stray_bytes, GifWriter().frame().raw({0, 0}).frame().finish(), GifWriter().frame().size()},
      {&gif::stray_bytes, GifWriter().raw({0}).frame().finish(), first_block},
      {&gif::stray_bytes, GifWriter().frame().raw({7, 8}).finish(), GifWriter().frame().size()},
      {&gif::stray_bytes, GifWriter().raw({0}).frame().raw({0}).finish(), first_block},
  };
}

std::vector<Broken> broken_extensions() {
  const std::size_t at = first_block;
  const Blob control = {0x21, 0xf9, 4, 0, 5, 0, 0, 0};
  auto before_frame = [](const Blob &extension) { return GifWriter().raw(extension).frame().finish(); };
  auto truncated_after = [](const Blob &extension) {
    return GifWriter().frame().raw(extension).unfinished();
  };
  std::vector<Broken> list = {
      {&gif::extension_empty, before_frame({0x21, 0xfe, 0}), at},
      {&gif::extension_empty, before_frame({0x21, 0x01, 0}), at},
      {&gif::extension_empty, GifWriter().frame().extension(0xff, {}).finish(), GifWriter().frame().size()},
      {&gif::extension_unknown, before_frame({0x21, 0xf8, 1, 9, 0}), at},
      {&gif::extension_size, before_frame({0x21, 0xff, 3, 'a', 'b', 'c', 0}), at + 2},
      {&gif::plain_text, GifWriter().extension(0x01, Blob(12, 1)).frame().finish(), at},
      {&gif::control_short, before_frame({0x21, 0xf9, 0}), at},
      {&gif::control_short, before_frame({0x21, 0xf9, 2, 0, 0, 0}), at},
      {&gif::control_short, before_frame({0x21, 0xf9, 3, 1, 0, 0, 0}), at},
      {&gif::control_size, before_frame({0x21, 0xf9, 3, 0, 0, 0, 0}), at},
      {&gif::control_size, before_frame({0x21, 0xf9, 5, 1, 0, 0, 0, 0, 0}), at},
      {&gif::control_size, before_frame({0x21, 0xf9, 4, 0, 0, 0, 0, 1, 0, 0}), at},
      {&gif::control_repeated, before_frame(test::append(control, control)), at + 8},
      {&gif::control_disposal, GifWriter().control(4).frame().finish(), at + 3},
      {&gif::application_refused, before_frame({0x21, 0xff, 0}), at},
      {&gif::application_refused, GifWriter().application("NETSCAPE2.0", {}).frame().finish(), at},
  };
  for (const Blob &start : {Blob{0x21}, Blob{0x21, 0xf9}, Blob{0x21, 0xf9, 4, 0}, Blob{0x21, 0xfe, 9, 'a'}}) {
    const Blob sample = truncated_after(start);
    list.push_back({&gif::truncated, sample, sample.size()});
  }
  return list;
}

GifFrame pixels_of(std::vector<unsigned> pixels) { return {.pixels = std::move(pixels)}; }

std::vector<Broken> broken_frames() {
  const std::size_t at = first_block, data_at = at + 10, size = GifWriter().frame().size();
  auto cut = [&](std::size_t kept) { return Broken{&gif::truncated, test::truncate(still(), kept), kept}; };
  const std::vector<unsigned> good = GifFrame{}.stored_pixels();
  std::vector<unsigned> fewer(good.begin(), good.end() - 1), more = good;
  more.push_back(0);
  // Two codes: a clear code, and one that cannot be defined yet (12 of 4 bits after 8 of 4 bits).
  const Blob undefined = {0xc8};
  const Blob grey = test::append({0x2c, 0, 0, 0, 0, 12, 0, 10, 0, 0x82}, test::grey_ramp(8));
  const Blob data = test::append({3}, test::sub_blocks(GifFrame{}.compressed()));
  return {
      cut(at + 1),
      cut(at + 9),
      cut(data_at),
      cut(data_at + 1),
      cut(data_at + 20),
      cut(size - 1), // all pixels, no terminator
      {&gif::frame_empty, still({.width = 0, .data = Blob{}}), at + 5},
      {&gif::frame_empty, still({.height = 0, .data = Blob{}}), at + 5},
      {&gif::frame_beyond, still({.left = 1}), at + 1},
      {&gif::frame_beyond, still({.top = 3000}), at + 1},
      {&gif::frame_colourless, GifWriter(12, 10, 0).frame().finish(), 13},
      {&gif::grey_transparent, GifWriter().frame().control(0, 1).raw(grey).raw(data).finish(), size + 8},
      {&gif::bad_code_size, still({.code_size = 1, .pixels = noise(120, 2)}), data_at},
      {&gif::bad_code_size, set_byte(still(), data_at, 0), data_at},
      {&gif::bad_code_size, set_byte(still(), data_at, 12), data_at},
      {&gif::bad_code_size, set_byte(still(), data_at, 255), data_at},
      {&gif::code_size_refused, still({.code_size = 11, .pixels = good}), data_at},
      {&gif::code_size_refused, still({.width = 1, .height = 1, .code_size = 1, .pixels = {{1}}}), data_at},
      {&gif::code_size_refused, still({.width = 1, .height = 1, .code_size = 0, .pixels = {{0}}}), data_at},
      {&gif::undefined_code, still({.data = undefined}), data_at + 2},
      {&gif::short_data, still({.data = Blob{}}), data_at + 1},
      // An end code, where the slow decoder sees it.
      {&gif::short_data, still(pixels_of(fewer)),
       data_at + 2 + test::decode_lzw(pixels_of(fewer).compressed(), 3).byte},
      {&gif::short_data, still({.pixels = fewer, .style = {.end_code = false}}),
       GifWriter().frame({.pixels = fewer, .style = {.end_code = false}}).size() - 1},
      {&gif::long_data, still(pixels_of(more)), data_at + 1},
      {&gif::long_data,
       still({.data = test::append(GifFrame{.style = {.end_code = false}}.compressed(), Blob(9, 0xff))}),
       data_at + 1},
      {&gif::no_clear_code, still({.style = {.clear_first = false}}), data_at + 2},
      {&gif::no_end_code, still({.style = {.end_code = false}}),
       GifWriter().frame({.style = {.end_code = false}}).size() - 1},
      {&gif::after_end_code, still({.data = test::append(GifFrame{}.compressed(), {0})}), size - 1},
  };
}

std::vector<Broken> broken_indices() {
  // Colours 0 to 3 of 4, codes for 8.
  std::vector<unsigned> pixels(120, 2);
  pixels[1] = 7;
  const std::size_t data_at = 13 + 12 + 10;
  const GifFrame frame{.pixels = pixels};
  return {
      // The third code of four bits: clear, 2, 7.
      {&gif::stray_index, GifWriter(12, 10, 4).frame(frame).finish(), data_at + 2 + 1},
      {&gif::stray_index, GifWriter(12, 10, 4).control(0, 6).frame(frame).finish(), data_at + 8 + 2 + 1},
      {&gif::stray_transparent, GifWriter(12, 10, 4).control(0, 7).frame(frame).finish(),
       data_at + 8 + 2 + 1},
  };
}

std::vector<Broken> broken_samples() {
  std::vector<Broken> all = broken_files();
  for (const std::vector<Broken> &more : {broken_extensions(), broken_frames(), broken_indices()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(GifCheck, EachDamageIsOneFinding) {
  for (const Broken &broken : broken_samples()) {
    SCOPED_TRACE(broken.rule->id);
    test::expect_finding(gif_format, broken.sample, *broken.rule, broken.offset);
  }
}

TEST(GifCheck, EveryRuleHasASampleThatBreaksIt) {
  std::set<const Rule *> seen;
  for (const Broken &broken : broken_samples()) seen.insert(broken.rule);
  for (const Rule *rule : gif_format.rules) EXPECT_TRUE(seen.contains(rule)) << rule->id;
}

TEST(GifCheck, NoPrefixIsHealthy) {
  for (const Blob &sample : good_samples())
    if (sample.size() < 5000) test::expect_no_prefix_healthy(gif_format, sample);
}

TEST(GifCheck, TheLossIsToldByFrameRowAndPercent) {
  const Blob third = test::truncate(large(false), large(false).size() - 200);
  EXPECT_NE(test::describe(test::check(gif_format, third)).find("less than 1 % of the frame"),
            std::string::npos);

  auto told = [](bool interlaced) {
    const std::vector<unsigned> half(60, 1);
    return test::describe(test::check(
        gif_format, GifWriter().frame().frame({.interlaced = interlaced, .pixels = half}).finish()));
  };
  EXPECT_NE(told(false).find("frame 2: an end code; lost from pixel 60, row 6 of 10, on: 50 % of the frame"),
            std::string::npos)
      << told(false);
  // Rows of ten come as 0 8, 4, 2 6, 1 3 5 7 9: the sixth is row 1.
  EXPECT_NE(told(true).find("row 2 of 10 (interlaced)"), std::string::npos) << told(true);
}

TEST(GifCheck, AHabitOfTheWriterIsToldOnce) {
  GifWriter writer;
  for (int i = 0; i < 100; ++i) writer.frame({.style = {.end_code = false}});
  const Evidence evidence = test::check(gif_format, writer.finish());
  ASSERT_EQ(evidence.findings.list().size(), 1u) << test::describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].detail, "frame 1; and 99 more like it");
}

TEST(GifCheck, AHoleOfZerosIsOneDamageAndItsCause) {
  Blob sample = large(false);
  for (std::size_t at = 8192; at < 16384; ++at) sample[at] = 0;
  const Evidence evidence = test::check(gif_format, sample);
  ASSERT_EQ(evidence.findings.list().size(), 2u) << test::describe(evidence);
  EXPECT_EQ(evidence.findings.verdict(), Verdict::corrupt);
  EXPECT_TRUE(test::has(evidence, any::zero_run));
}

TEST(GifCheck, FramesAfterADamagedOneAreJudgedToo) {
  const Blob sample =
      GifWriter().frame().frame({.data = Blob{0xc8}}).frame().frame({.data = Blob{0xc8}}).finish();
  const Evidence evidence = test::check(gif_format, sample);
  EXPECT_EQ(evidence.findings.list().size(), 2u) << test::describe(evidence);
  EXPECT_EQ(evidence.facts.frames, 4u);
}

TEST(GifCheck, DamageOfAFrameExcusesOnlyWhatFollowsAtOnce) {
  const GifFrame damaged{.data = Blob{0xc8}};
  for (const Blob &rest : {Blob{7, 8, 0x2c}, Blob{0, 0, 0x3b}, Blob{0x3b, 'x'}, Blob{}})
    test::expect_finding(gif_format, GifWriter().frame(damaged).raw(rest).unfinished(), gif::undefined_code,
                         first_block + 12);
  const Evidence evidence =
      test::check(gif_format, GifWriter().frame(damaged).frame().raw({7, 8}).frame().finish());
  EXPECT_EQ(evidence.findings.list().size(), 2u) << test::describe(evidence);
  EXPECT_TRUE(test::has(evidence, gif::unknown_block));
}

TEST(GifCheck, AControlExtensionIsForOneFrame) {
  const GifFrame sevens{.pixels = std::vector<unsigned>(120, 7)};
  const Evidence evidence =
      test::check(gif_format, GifWriter(12, 10, 4).control(0, 7).frame(sevens).frame(sevens).finish());
  EXPECT_TRUE(test::has(evidence, gif::stray_transparent)) << test::describe(evidence);
  EXPECT_TRUE(test::has(evidence, gif::stray_index)) << test::describe(evidence);
}

TEST(GifCheck, IndicesAfterTheLastPixelAreNoPixels) {
  std::vector<unsigned> pixels(121, 2);
  pixels.back() = 7;
  const Evidence evidence = test::check(gif_format, GifWriter(12, 10, 4).frame({.pixels = pixels}).finish());
  ASSERT_EQ(evidence.findings.list().size(), 1u) << test::describe(evidence);
  EXPECT_TRUE(test::has(evidence, gif::long_data));
}

TEST(GifCheck, ABackgroundThatNoFrameIsRestoredToMayBeAnything) {
  for (unsigned disposal : {0u, 1u, 3u})
    test::expect_clean(
        gif_format,
        GifWriter(12, 10, 8, "GIF89a", 255).control(disposal).frame().control(disposal).frame().finish());
}

TEST(GifCheck, ComparesTheScreenAndWhatFramesAddToItWithLimits) {
  Limits limits;
  limits.pixels = 119;
  for (Depth depth : {Depth::header, Depth::content}) {
    const Evidence evidence = test::check(gif_format, still(), depth, limits);
    ASSERT_EQ(evidence.findings.list().size(), 1u);
    EXPECT_EQ(evidence.findings.list()[0].rule, &any::too_large);
    EXPECT_EQ(evidence.findings.verdict(), Verdict::unchecked);
  }
  limits = {};
  limits.decoded_bytes = 360;
  EXPECT_TRUE(test::check(gif_format, still(), Depth::header, limits).findings.empty());
  limits.decoded_bytes = 359;
  EXPECT_TRUE(test::has(test::check(gif_format, still(), Depth::header, limits), any::too_large));
  const Blob far = GifWriter().frame().frame({.left = 65'000, .top = 65'000}).finish();
  EXPECT_EQ(test::check(gif_format, far).findings.verdict(), Verdict::unchecked);
}

TEST(GifCheck, HugeSizesInASmallFileAreLossOfPixels) {
  Blob sample = still();
  for (std::size_t at : {first_block + 5, first_block + 6, first_block + 7, first_block + 8})
    sample[at] = 0xff;
  const Evidence evidence = test::check(gif_format, sample);
  EXPECT_TRUE(test::has(evidence, gif::short_data)) << test::describe(evidence);
}

TEST(GifSniff, TakesBothVersionsAndNothingElse) {
  for (const char *other : {"GIF88a", "GIF89b", "gif89a", "GIF89", "", "\x89PNG\r\n"}) {
    const std::string text = other;
    EXPECT_FALSE(gif_format.sniff(Blob(text.begin(), text.end()))) << other;
  }
}

TEST(GifCheck, IsSoundUnderMutation) {
  std::vector<Blob> seeds = good_samples();
  for (const Broken &broken : broken_samples()) seeds.push_back(broken.sample);
  test::expect_sound_under_mutation(gif_format, seeds, 40'000, any_rules());
}

TEST(GifCheck, IsSoundOnNoise) {
  std::mt19937 random(5);
  for (int round = 0; round < 5000; ++round) {
    Blob noise(random() % 400);
    // Bytes that begin blocks come often, so that the walk gets somewhere.
    for (std::uint8_t &byte : noise) {
      constexpr std::uint8_t likely[] = {0x2c, 0x21, 0xf9, 0xff, 0xfe, 0, 1, 2, 4, 8};
      byte = random() % 2 == 0 ? likely[random() % std::size(likely)] : static_cast<std::uint8_t>(random());
    }
    const std::string signature = "GIF89a";
    if (noise.size() > 13) std::copy(signature.begin(), signature.end(), noise.begin());
    test::expect_sound_answer(gif_format, noise, any_rules());
  }
}

} // namespace
} // namespace datavet
