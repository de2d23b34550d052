// Good files: no finding, at any depth, by us and by libpng; facts, limits and outline.
#include <gtest/gtest.h>

#include "formats/png/decode.h"
#include "formats/png/png.h"
#include "formats/png/rules.h"
#include "tests/formats/png/png_writer.h"
#include "tests/support/check.h"

namespace datavet::test {
namespace {

constexpr Depth all_depths[] = {Depth::header, Depth::structure, Depth::checksum, Depth::content,
                                Depth::decode};

Evidence decode(const Blob &blob, Limits limits = {}) {
  GuardedBytes guarded{Bytes(blob)};
  Evidence evidence;
  png_decode({guarded.bytes(), nullptr}, limits, evidence);
  return evidence;
}

TEST(PngHealthy, EveryLegalKindOfImage) {
  for (auto [colour, depth] : legal_kinds)
    for (bool interlaced : {false, true})
      for (auto [width, height] :
           {std::pair{1u, 1u}, {2u, 3u}, {3u, 1u}, {5u, 2u}, {8u, 8u}, {17u, 9u}, {33u, 1u}, {1u, 40u}}) {
        PngSpec spec;
        spec.width = width;
        spec.height = height;
        spec.colour = colour;
        spec.depth = depth;
        spec.interlaced = interlaced;
        SCOPED_TRACE(testing::Message() << "colour " << int{colour} << " depth " << int{depth}
                                        << " interlaced " << interlaced << ' ' << width << 'x' << height);
        const Blob blob = make_png(spec).bytes();
        EXPECT_TRUE(png_format.sniff(Bytes(blob)));
        for (Depth to : all_depths) expect_clean(png_format, blob, to);
        const Evidence libpng = decode(blob);
        EXPECT_TRUE(libpng.findings.empty()) << describe(libpng);
        const Facts ours = check(png_format, blob).facts;
        EXPECT_EQ(ours.width, width);
        EXPECT_EQ(ours.height, height);
        EXPECT_EQ(ours.bits, depth);
        EXPECT_EQ(ours.channels, spec.channels());
        EXPECT_EQ(ours.colour, libpng.facts.colour);
        EXPECT_EQ(ours.decoded_bytes, libpng.facts.decoded_bytes);
        EXPECT_EQ(ours.progressive, interlaced);
        EXPECT_EQ(ours.frames, 1u);
      }
}

TEST(PngHealthy, ImageDataInManyAndEmptyChunks) {
  for (unsigned chunks : {2u, 3u, 50u, 1000u}) {
    const Blob blob = make_png({.width = 20, .height = 20, .idat_chunks = chunks}).bytes();
    expect_clean(png_format, blob);
    EXPECT_TRUE(decode(blob).findings.empty());
  }
}

TEST(PngHealthy, EveryFilterAndLevel) {
  for (int filter = -1; filter <= 4; ++filter)
    for (int level : {0, 1, 9}) {
      expect_clean(png_format,
                   make_png({.width = 70, .height = 30, .zlib_level = level, .filter = filter}).bytes());
      expect_clean(png_format, make_png({.width = 70,
                                         .height = 30,
                                         .colour = 3,
                                         .palette_entries = 9,
                                         .zlib_level = level,
                                         .filter = filter})
                                   .bytes());
    }
}

TEST(PngHealthy, ShortPaletteWithIndicesInRangeAtEveryDepth) {
  for (std::uint8_t depth : {std::uint8_t{2}, std::uint8_t{4}, std::uint8_t{8}})
    for (bool interlaced : {false, true})
      for (std::uint32_t width : {1u, 5u, 8u, 31u}) {
        SCOPED_TRACE(testing::Message() << int{depth} << ' ' << interlaced << ' ' << width);
        expect_clean(png_format, make_png({.width = width,
                                           .height = 11,
                                           .colour = 3,
                                           .depth = depth,
                                           .interlaced = interlaced,
                                           .palette_entries = 3})
                                     .bytes());
      }
}

TEST(PngHealthy, Animation) {
  for (bool interlaced : {false, true}) {
    const Blob blob = make_apng({.width = 30, .height = 20, .colour = 6, .interlaced = interlaced},
                                {{30, 20, 0, 0}, {5, 7, 25, 13}, {1, 1, 0, 0}}, 3)
                          .bytes();
    expect_clean(png_format, blob);
    EXPECT_EQ(check(png_format, blob).facts.frames, 4u);
    EXPECT_TRUE(decode(blob).findings.empty());
  }
}

TEST(PngHealthy, AnimationWhoseDefaultImageIsNoFrame) {
  Png png = make_apng({}, {{4, 4, 2, 2}});
  png.erase("fcTL"); // the one before IDAT
  png.at("acTL").data[3] = 1;
  png.at("fcTL").data[3] = 0;
  png.at("fdAT").data[3] = 1;
  expect_clean(png_format, png.bytes());
  EXPECT_EQ(check(png_format, png.bytes()).facts.frames, 1u);
}

PngChunk compressed_text(const char *type, std::string_view head, std::size_t size) {
  PngChunk chunk{type, bytes_of(head)};
  const PngBytes body = zlib_stream(PngBytes(size, 'a'));
  chunk.data.insert(chunk.data.end(), body.begin(), body.end());
  return chunk;
}

/// White, red, green and blue of sRGB.
PngChunk srgb_primaries() {
  PngChunk chunk{"cHRM", {}};
  for (std::uint32_t coordinate : {31270u, 32900u, 64000u, 33000u, 30000u, 60000u, 15000u, 6000u})
    append_be32(chunk.data, coordinate);
  return chunk;
}

TEST(PngHealthy, EveryKnownAncillaryChunk) {
  using namespace std::string_view_literals;
  Png png = make_png({.width = 8, .height = 8, .colour = 3, .palette_entries = 4});
  PngBytes profile(200, 0);
  profile[3] = 200;
  std::copy_n("acsp", 4, profile.begin() + 36);
  PngChunk iccp{"iCCP", bytes_of("sRGB\0\0"sv)};
  const PngBytes compressed = zlib_stream(profile);
  iccp.data.insert(iccp.data.end(), compressed.begin(), compressed.end());
  for (PngChunk chunk : {PngChunk{"gAMA", {0, 0, 0xb1, 0x8f}}, srgb_primaries(),
                         PngChunk{"cICP", {1, 13, 0, 1}}, PngChunk{"mDCV", PngBytes(24, 1)},
                         PngChunk{"cLLI", PngBytes(8, 1)}, iccp, PngChunk{"sBIT", {8, 8, 5}}})
    png.insert_before("PLTE", chunk);
  for (PngChunk chunk :
       {PngChunk{"bKGD", {3}}, PngChunk{"hIST", PngBytes(8, 1)}, PngChunk{"tRNS", {0, 255, 255, 9}},
        PngChunk{"pHYs", {0, 0, 11, 19, 0, 0, 11, 19, 1}}, PngChunk{"sPLT", bytes_of("a b\0\x08RGBAff"sv)},
        PngChunk{"oFFs", PngBytes(9, 0)}, PngChunk{"sTER", {1}},
        PngChunk{"sCAL", bytes_of("\x01"
                                  "1\0002"sv)},
        PngChunk{"pCAL", bytes_of("depth\0\0\0\0\0\0\0\0\xff\0\2m\0-1.5e-3\0.25"sv)},
        PngChunk{"tEXt", bytes_of("Title\0x\ny \xe9"sv)}, compressed_text("zTXt", "Comment\0\0"sv, 5000),
        PngChunk{"iTXt", bytes_of("Title\0\0\0de\0Titel\0gr\xc3\xbc\xc3\x9f"sv)},
        compressed_text("iTXt", "Title\0\1\0\0\0"sv, 1 << 20), PngChunk{"prVt", PngBytes(100, 7)}})
    png.insert_before("IDAT", chunk);
  png.insert_before("IEND", {"tIME", {7, 0xe8, 2, 29, 23, 59, 60}});
  png.insert_before("IEND", {"eXIf", bytes_of("MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"sv)});
  expect_clean(png_format, png.bytes());
  const Evidence evidence = check(png_format, png.bytes());
  EXPECT_EQ(evidence.facts.orientation, 6);
}

TEST(PngLimits, NothingIsInflatedBeyondThem) {
  const Blob blob = make_png({.width = 100, .height = 100}).bytes();
  Limits pixels;
  pixels.pixels = 9999;
  Limits bytes;
  bytes.decoded_bytes = 29999;
  for (Limits limits : {pixels, bytes}) {
    const Evidence evidence = check(png_format, blob, Depth::content, limits);
    ASSERT_EQ(evidence.findings.list().size(), 1u);
    EXPECT_EQ(evidence.findings.list()[0].rule, &png::ihdr_limit);
    EXPECT_EQ(evidence.findings.verdict(), Verdict::unchecked);
    EXPECT_EQ(decode(blob, limits).findings.verdict(), Verdict::unchecked);
  }
  pixels.pixels = 10000;
  pixels.decoded_bytes = 30000;
  EXPECT_TRUE(check(png_format, blob, Depth::content, pixels).findings.empty());
}

TEST(PngLimits, LargestDeclarableSizeOverflowsNothing) {
  for (auto [colour, depth] : legal_kinds)
    for (bool interlaced : {false, true}) {
      PngSpec spec;
      spec.width = spec.height = 1;
      spec.colour = colour;
      spec.depth = depth;
      spec.interlaced = interlaced;
      Png png = make_png(spec);
      std::fill_n(png.chunks[0].data.begin(), 8, std::uint8_t{0xff});
      png.chunks[0].data[0] = png.chunks[0].data[4] = 0x7f;
      EXPECT_EQ(check(png_format, png.bytes()).findings.verdict(), Verdict::unchecked);
      Limits none;
      none.pixels = none.decoded_bytes = ~std::uint64_t{0};
      EXPECT_EQ(check(png_format, png.bytes(), Depth::content, none).findings.verdict(), Verdict::corrupt);
    }
}

TEST(PngDepth, HeaderLooksAtIhdrOnly) {
  const Blob blob = make_png({}).bytes();
  expect_clean(png_format, truncate(blob, 33), Depth::header);
  EXPECT_TRUE(has(check(png_format, truncate(blob, 32), Depth::header), png::truncated));
  EXPECT_EQ(check(png_format, blob, Depth::header).facts.width, 8u);
}

TEST(PngDepth, StructureDoesNotComputeChecksums) {
  Png png = make_png({});
  const Blob blob = flip_bit(png.bytes(), png.offset_of("IDAT") + 9);
  expect_clean(png_format, blob, Depth::structure);
  expect_finding(png_format, blob, png::critical_crc, png.offset_of("IDAT"), Depth::checksum);
}

TEST(PngOutline, NamesEveryChunk) {
  Png png = make_png({.width = 500, .height = 375});
  png.insert_before("IDAT", {"tEXt", bytes_of(std::string_view("Title\0x", 7))});
  const Blob blob = png.bytes();
  Outline outline;
  Evidence evidence;
  evidence.outline = &outline;
  png_format.check(Bytes(blob), {}, evidence);
  ASSERT_EQ(outline.segments().size(), 5u);
  EXPECT_EQ(outline.segments()[1].name, "IHDR");
  EXPECT_EQ(outline.segments()[1].detail, "500 x 375, 8-bit rgb");
  EXPECT_EQ(outline.segments()[2].detail, "Title");
  std::uint64_t end = 0;
  for (const Segment &segment : outline.segments()) {
    EXPECT_EQ(segment.offset, end);
    end += segment.length;
  }
  EXPECT_EQ(end, blob.size());
}

TEST(PngSniff, KnowsItsOwnAndNoOther) {
  for (std::string_view other : {"\xff\xd8\xff\xe0", "GIF89a", "RIFF....WEBP", "\x8aMNG\r\n\x1a\n",
                                 "\x8bJNG\r\n\x1a\n", "BM", "", "\x89PN"})
    EXPECT_FALSE(png_format.sniff(Bytes(bytes_of(other)))) << other;
}

TEST(PngDecode, SaysWhatLibpngSays) {
  Png png = make_png({});
  const Evidence refused = decode(flip_bit(png.bytes(), png.offset_of("IDAT") + 20));
  ASSERT_EQ(refused.findings.list().size(), 1u);
  EXPECT_EQ(refused.findings.list()[0].rule, &png::decode_error);
  EXPECT_EQ(refused.findings.verdict(), Verdict::corrupt);
  const Evidence cut = decode(truncate(png.bytes(), 40));
  ASSERT_EQ(cut.findings.list().size(), 1u);
  EXPECT_EQ(cut.findings.list()[0].detail, "Read Error");
  png.insert_before("IDAT", {"gAMA", {0, 0, 0, 0}});
  const Evidence warned = decode(png.bytes());
  EXPECT_TRUE(has(warned, png::decode_warning));
  EXPECT_EQ(warned.findings.verdict(), Verdict::healthy);
  EXPECT_EQ(warned.facts.width, 8u);
  EXPECT_EQ(png_library_version().substr(0, 2), "1.");
}

TEST(PngDecode, CountsWarningsBeyondThoseKept) {
  Png png = make_png({});
  for (int i = 0; i < 30; ++i) png.insert_before("IDAT", {"gAMA", {0, 0, 0, 0}});
  const Evidence warned = decode(png.bytes());
  EXPECT_EQ(warned.findings.list().size(), 8u);
  EXPECT_NE(warned.findings.list().back().detail.find("more)"), std::string::npos);
}

} // namespace
} // namespace datavet::test
