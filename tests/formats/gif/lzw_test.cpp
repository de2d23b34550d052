// Our LZW, which gives no pixels, against one that gives them all.
#include "formats/gif/lzw.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/formats/gif/gif_writer.h"
#include "tests/formats/gif/lzw_reference.h"
#include "tests/support/guarded_bytes.h"

namespace datavet {
namespace {

using gif::LzwEnd;
using gif::LzwParameters;
using gif::LzwWalk;
using test::Blob;
using test::LzwStyle;
using Random = std::mt19937;

unsigned below(Random &random, unsigned bound) { return static_cast<unsigned>(random() % bound); }

/// Runs and noise: strings of every length, table after table.
std::vector<unsigned> picture(Random &random, std::size_t pixels, unsigned colours) {
  std::vector<unsigned> picture;
  while (picture.size() < pixels) {
    const unsigned colour = below(random, colours);
    const std::size_t run = below(random, 4) == 0 ? 1 + below(random, 60) : 1;
    for (std::size_t i = 0; i < run && picture.size() < pixels; ++i) picture.push_back(colour);
  }
  return picture;
}

std::optional<gif::StrayIndex> first_stray(const std::vector<unsigned> &pixels, auto is_stray) {
  const auto found = std::find_if(pixels.begin(), pixels.end(), is_stray);
  if (found == pixels.end()) return std::nullopt;
  return gif::StrayIndex{*found, static_cast<std::uint64_t>(found - pixels.begin()), 0};
}

void expect_same(const std::optional<gif::StrayIndex> &ours,
                 const std::optional<gif::StrayIndex> &reference) {
  ASSERT_EQ(ours.has_value(), reference.has_value());
  if (!ours) return;
  EXPECT_EQ(ours->index, reference->index);
  EXPECT_EQ(ours->pixel, reference->pixel);
}

void expect_agreement(const Blob &data, const LzwParameters &parameters, std::size_t largest_sub_block) {
  const Blob chain = test::sub_blocks(data, largest_sub_block);
  const test::GuardedBytes sample{Bytes(chain)};
  const gif::SubBlocks blocks = gif::find_sub_blocks(sample.bytes(), 0);
  ASSERT_EQ(blocks.data, data.size());
  const LzwWalk ours = walk_lzw(sample.bytes(), blocks, parameters);
  const test::DecodedLzw reference = test::decode_lzw(data, parameters.code_size);
  ASSERT_EQ(ours.end, reference.end);
  ASSERT_EQ(ours.pixels, reference.pixels.size());
  EXPECT_EQ(ours.clear_first, reference.clear_first);
  EXPECT_EQ(ours.unused, reference.unused);
  if (ours.end != LzwEnd::no_data) {
    EXPECT_EQ(ours.byte, reference.byte);
  }
  if (ours.end == LzwEnd::undefined) {
    EXPECT_EQ(ours.code, reference.code);
    EXPECT_EQ(ours.next, reference.next);
  }
  expect_same(ours.stray, first_stray(reference.pixels, [&](unsigned index) {
                return index >= parameters.colours && index != parameters.transparent;
              }));
  expect_same(ours.stray_transparent, first_stray(reference.pixels, [&](unsigned index) {
                return index >= parameters.colours && index == parameters.transparent;
              }));
}

TEST(GifLzw, CountsThePixelsOfEveryCodeSizeAndStyle) {
  Random random(1);
  for (unsigned code_size = 2; code_size <= 11; ++code_size)
    for (unsigned style = 0; style < 8; ++style) {
      SCOPED_TRACE(testing::Message() << "code size " << code_size << ", style " << style);
      const std::vector<unsigned> pixels = picture(random, 1 + below(random, 30'000), 1u << code_size);
      const Blob data = test::LzwEncoder(code_size, {.clear_first = (style & 1) == 0,
                                                     .end_code = (style & 2) == 0,
                                                     .deferred_clear = (style & 4) != 0})
                            .encode(pixels);
      ASSERT_EQ(test::decode_lzw(data, code_size).pixels, pixels);
      expect_agreement(data, {.code_size = code_size}, 1 + below(random, 255));
      if (HasFatalFailure()) return;
    }
}

TEST(GifLzw, AgreesWithTheReferenceOnDamagedData) {
  Random random(2);
  unsigned ends[3] = {};
  for (unsigned round = 0; round < 6000; ++round) {
    const unsigned code_size = 1 + below(random, 9);
    const std::size_t size = below(random, 8) == 0 ? 20'000 : 600;
    Blob data = test::LzwEncoder(code_size, {.deferred_clear = below(random, 2) == 0})
                    .encode(picture(random, 1 + below(random, static_cast<unsigned>(size)), 1u << code_size));
    for (unsigned changes = below(random, 4); changes > 0; --changes)
      data = test::flip_bit(data, below(random, static_cast<unsigned>(data.size())), below(random, 8));
    if (below(random, 4) == 0) data.resize(below(random, static_cast<unsigned>(data.size())));
    const LzwParameters parameters{.code_size = code_size,
                                   .colours = 1 + below(random, 1u << code_size),
                                   .transparent = below(random, 1u << code_size)};
    expect_agreement(data, parameters, below(random, 2) == 0 ? 255 : 1 + below(random, 255));
    ASSERT_FALSE(HasFailure()) << "round " << round;
    ++ends[static_cast<unsigned>(test::decode_lzw(data, code_size).end)];
  }
  for (unsigned end : ends) EXPECT_GT(end, 500u); // each end was reached often enough to mean something
}

TEST(GifLzw, AgreesWithTheReferenceOnNoise) {
  Random random(3);
  for (unsigned round = 0; round < 20'000; ++round) {
    Blob data(below(random, 40));
    for (std::uint8_t &byte : data) byte = static_cast<std::uint8_t>(random());
    expect_agreement(data, {.code_size = below(random, 12), .colours = 1 + below(random, 256)}, 255);
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

TEST(GifLzw, TakesTimeForTheDataNotForThePixels) {
  // One colour: the strings grow to 3,839 pixels, then each code of a full table gives as many.
  const std::vector<unsigned> pixels(std::size_t{8} << 20, 7);
  const Blob data = test::LzwEncoder(8, {.deferred_clear = true}).encode(pixels);
  const Blob chain = test::sub_blocks(data);
  EXPECT_LT(data.size(), 10'000u);
  const LzwWalk walk = walk_lzw(chain, gif::find_sub_blocks(chain, 0), {});
  EXPECT_EQ(walk.end, LzwEnd::end_code);
  EXPECT_EQ(walk.pixels, pixels.size());
}

TEST(GifSubBlocks, EndAtTheTerminatorOrWithTheSample) {
  const Blob chain = {2, 'a', 'b', 1, 'c', 0, 9};
  const gif::SubBlocks whole = gif::find_sub_blocks(chain, 0);
  EXPECT_TRUE(whole.terminated);
  EXPECT_EQ(whole.end, 6u);
  EXPECT_EQ(whole.data, 3u);
  EXPECT_EQ(gif::offset_of_data(chain, whole, 0), 1u);
  EXPECT_EQ(gif::offset_of_data(chain, whole, 2), 4u);
  EXPECT_EQ(gif::offset_of_data(chain, whole, 3), 5u);
  for (std::size_t size = 0; size < 6; ++size) {
    const Blob cut = test::truncate(chain, size);
    const gif::SubBlocks blocks = gif::find_sub_blocks(cut, 0);
    EXPECT_FALSE(blocks.terminated);
    EXPECT_EQ(blocks.end, size);
    EXPECT_EQ(gif::offset_of_data(cut, blocks, blocks.data), size);
  }
}

} // namespace
} // namespace datavet
