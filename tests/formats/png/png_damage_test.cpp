// Bad files: each rule has one that breaks it and nothing else; no prefix is healthy; no byte may change.
#include <algorithm>
#include <functional>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "formats/png/decode.h"
#include "formats/png/image_data.h"
#include "formats/png/png.h"
#include "formats/png/rules.h"
#include "tests/formats/png/png_writer.h"
#include "tests/support/check.h"

namespace datavet::test {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

struct Broken {
  const Rule *rule;
  Blob blob;
  std::uint64_t offset;
  Limits limits = {};
};

PngChunk text(const char *type, std::string_view head, const PngBytes &body = {}) {
  PngChunk chunk{type, bytes_of(head)};
  chunk.data.insert(chunk.data.end(), body.begin(), body.end());
  return chunk;
}

/// x and y of white, red, green and blue, times 100,000.
PngChunk chrm(std::initializer_list<std::uint32_t> coordinates) {
  PngChunk chunk{"cHRM", {}};
  for (std::uint32_t coordinate : coordinates) append_be32(chunk.data, coordinate);
  return chunk;
}

const PngSpec colour = {};
const PngSpec palette = {.colour = 3, .depth = 8};
const PngChunk gama = {"gAMA", {0, 0, 0xb1, 0x8f}};

/// A chunk inserted before IDAT, which breaks the rule there.
Broken with_chunk(const Rule &rule, PngChunk chunk, PngSpec spec = colour) {
  Png png = make_png(spec);
  const std::size_t offset = png.offset_of("IDAT");
  png.insert_before("IDAT", std::move(chunk));
  return {&rule, png.bytes(), offset};
}

Broken with_ihdr_byte(const Rule &rule, std::size_t at, std::uint8_t value, std::uint64_t offset) {
  Png png = make_png(colour);
  png.chunks[0].data[at] = value;
  return {&rule, png.bytes(), offset};
}

/// The image data replaced; the offset counts from the first byte of the stream.
Broken with_stream(const Rule &rule, const PngBytes &stream, std::uint64_t offset, PngSpec spec = colour) {
  Png png = make_png_around(spec, stream);
  return {&rule, png.bytes(), png.offset_of("IDAT") + 8 + offset};
}

Broken with_animation(const Rule &rule, const std::function<std::size_t(Png &)> &damage) {
  Png png = make_apng(colour, {{4, 4, 2, 2}, {8, 8, 0, 0}});
  const std::size_t offset = damage(png);
  return {&rule, png.bytes(), offset};
}

/// A match reaches back 12 rows of 1001 bytes, and the zlib header declares a window of 256.
Broken with_small_window() {
  PngSpec spec = {.width = 1000, .height = 24, .colour = 0, .filter = 0};
  std::mt19937 random(1);
  std::vector<unsigned> noise(12 * 1000);
  for (unsigned &sample : noise) sample = static_cast<unsigned>(random());
  spec.sample = [&](std::uint32_t x, std::uint32_t y, unsigned) { return noise[(y % 12) * 1000 + x]; };
  PngBytes stream = zlib_stream(filtered_rows(spec), 9);
  stream[0] = 0x08;
  stream[1] = static_cast<std::uint8_t>(31 - 0x0800 % 31);
  Png png = make_png_around(spec, stream);
  return {&png::zlib_window, png.bytes(), 0};
}

std::vector<Broken> broken_files() {
  Png good = make_png(colour);
  const Blob file = good.bytes();
  const std::size_t at_idat = good.offset_of("IDAT"), at_iend = good.offset_of("IEND");
  const PngBytes rows = filtered_rows(colour), stream = zlib_stream(rows);
  std::vector<Broken> all;
  auto add = [&](Broken broken) { all.push_back(std::move(broken)); };

  add({&png::bad_signature, set_byte(file, 0, 9), 0});
  add({&png::truncated, truncate(file, file.size() - 5), file.size() - 5});
  add({&png::trailing, append(file, {1, 2, 3}), file.size()});
  add({&png::padding, append(file, {0, '\n'}), file.size()});
  add({&png::chunk_type, set_byte(file, at_idat + 6, '@'), at_idat + 4});
  add({&png::chunk_length, set_byte(file, at_idat, 0x40), at_idat});
  add({&png::chunk_length, set_byte(file, at_idat, 0x80), at_idat});
  add({&png::critical_crc, flip_bit(file, at_idat + 20), at_idat});
  add({&png::ihdr_limit, file, 16, {.pixels = 10}});

  Broken reserved = with_chunk(png::reserved_bit, {"tesT", {1}});
  reserved.offset += 4;
  add(reserved);
  Broken crc = with_chunk(png::ancillary_crc, gama);
  crc.blob = flip_bit(crc.blob, crc.offset + 9);
  add(crc);
  add(with_chunk(png::unknown_critical, {"CRIT", {1, 2}}));
  add({&png::ihdr_first, Png(good).erase("IHDR").bytes(), 12});
  add({&png::ihdr_first, Png(good).insert_before("IHDR", {"CgBI", {0x50, 0, 0x20, 2}}).bytes(), 12});
  add(with_chunk(png::ihdr_repeated, ihdr_chunk(colour)));
  Png longer = good;
  longer.chunks[0].data.push_back(0);
  add({&png::ihdr_length, longer.bytes(), 8});
  add(with_ihdr_byte(png::ihdr_dimensions, 3, 0, 16));
  add(with_ihdr_byte(png::ihdr_dimensions, 4, 0x80, 20));
  add(with_ihdr_byte(png::ihdr_colour, 9, 1, 24));
  add(with_ihdr_byte(png::ihdr_colour, 8, 4, 24));
  add(with_ihdr_byte(png::ihdr_method, 10, 1, 26));
  add(with_ihdr_byte(png::ihdr_method, 11, 1, 27));
  add(with_ihdr_byte(png::ihdr_method, 12, 2, 28));
  add({&png::ihdr_extent, make_png({.width = 1'000'001, .height = 1, .colour = 0, .depth = 1}).bytes(), 16});

  Png indexed = make_png(palette);
  add({&png::plte_missing, Png(indexed).erase("PLTE").bytes(), indexed.offset_of("PLTE")});
  add(with_chunk(png::plte_repeated, plte_chunk(256), palette));
  Png cut_palette = indexed;
  cut_palette.at("PLTE").data.pop_back();
  add({&png::plte_length, cut_palette.bytes(), cut_palette.offset_of("PLTE")});
  add(with_chunk(png::plte_length, {"PLTE", {}}));
  Png surplus = make_png({.colour = 3, .depth = 1});
  surplus.at("PLTE") = plte_chunk(3);
  add({&png::plte_surplus, surplus.bytes(), surplus.offset_of("PLTE")});
  add(with_chunk(png::plte_unused, plte_chunk(3), {.colour = 0}));
  add(with_chunk(png::plte_unused, {"PLTE", {1}}));
  add({&png::plte_unused, Png(good).insert_before("IEND", plte_chunk(3)).bytes(), at_iend});

  add({&png::idat_missing, Png(good).erase("IDAT").bytes(), at_idat});
  Png parted = make_png({.idat_chunks = 2});
  parted.insert_after("IDAT", text("tEXt", "a\0b"sv));
  add({&png::idat_consecutive, parted.bytes(), parted.offset_of("IDAT", 1)});
  PngBytes changed = stream;
  changed.insert(changed.end(), {9, 9, 9});
  add(with_stream(png::idat_surplus, changed, stream.size()));
  changed = stream;
  changed[0] ^= 0x01;
  add(with_stream(png::zlib_header, changed, 0));
  changed = zlib_stream(rows, 0);
  changed[3] ^= 0x01; // LEN of a stored block no longer agrees with NLEN
  add(with_stream(png::zlib_block, changed, 7));
  add(with_small_window());
  changed = stream;
  changed.back() ^= 0x01;
  add(with_stream(png::zlib_adler, changed, stream.size() - 4));
  changed.resize(stream.size() - 3);
  add(with_stream(png::zlib_end, changed, changed.size() + 4));
  add(with_stream(png::zlib_end, {}, 4));
  add(with_stream(png::image_short, zlib_stream(truncate(rows, rows.size() - 1)), 0));
  add(with_stream(png::image_long, zlib_stream(append(rows, {0})), 0));
  add(with_stream(png::row_filter, zlib_stream(set_byte(rows, 25, 5)), 0));
  PngSpec overrun = {.colour = 3, .palette_entries = 4};
  overrun.sample = [](std::uint32_t x, std::uint32_t y, unsigned) { return x == 3 && y == 5 ? 4u : 1u; };
  Png too_high = make_png(overrun);
  add({&png::palette_index, too_high.bytes(), too_high.offset_of("IDAT")});
  Png full_iend = good;
  full_iend.at("IEND").data = {1};
  add({&png::iend_length, full_iend.bytes(), at_iend});

  add({&png::ancillary_order, Png(good).insert_before("IEND", gama).bytes(), at_iend});
  Broken twice = with_chunk(png::ancillary_repeated, gama);
  Png doubled = make_png(colour);
  doubled.insert_before("IDAT", gama).insert_before("IDAT", gama);
  twice.blob = doubled.bytes();
  twice.offset = doubled.offset_of("gAMA", 1);
  add(twice);
  add(with_chunk(png::ancillary_short, {"gAMA", {0, 0, 1}}));
  add(with_chunk(png::ancillary_short, {"cHRM", PngBytes(30, 1)}));
  add(with_chunk(png::ancillary_short, {"tRNS", {0, 1, 0, 1}}));
  add(with_chunk(png::ancillary_length, {"tIME", PngBytes(8, 1)}));
  add(with_chunk(png::ancillary_length, {"tRNS", {}}, palette));
  add(with_chunk(png::ancillary_length, {"sBIT", {8}}));
  add(with_chunk(png::ancillary_length, {"bKGD", {8}}));
  add(with_chunk(png::ancillary_length, {"hIST", {8}}, palette));
  add(with_chunk(png::ancillary_length, text("sPLT", "a\0\x08R"sv)));
  add(with_chunk(png::ancillary_value, {"gAMA", {0, 0, 0, 0}}));
  add(with_chunk(png::ancillary_value, {"gAMA", {0, 0, 0, 15}}));
  add(with_chunk(png::ancillary_value, {"gAMA", {0x80, 0, 0, 0}}));
  add(with_chunk(png::ancillary_value,
                 chrm({80'000, 30'000, 64'000, 33'000, 30'000, 60'000, 15'000, 6'000})));
  add(with_chunk(png::ancillary_value,
                 chrm({31'270, 32'900, 64'000, 33'000, 64'000, 33'000, 15'000, 6'000})));
  add(with_chunk(png::ancillary_value,
                 chrm({10'000, 60'000, 64'000, 33'000, 30'000, 60'000, 15'000, 6'000})));
  add(with_chunk(png::ancillary_value, {"sRGB", {4}}));
  add(with_chunk(png::ancillary_value, {"sBIT", {8, 8, 9}}));
  add(with_chunk(png::ancillary_value, {"pHYs", PngBytes(9, 2)}));
  add(with_chunk(png::ancillary_value, {"tIME", {7, 0, 13, 1, 0, 0, 0}}));
  add(with_chunk(png::ancillary_value, {"tRNS", {1, 0, 0, 0, 0, 0}}));
  add(with_chunk(png::ancillary_value, {"tRNS", {0, 0}}, {.colour = 4}));
  add(with_chunk(png::ancillary_value, {"cICP", {1, 1, 1, 1}}));
  add(with_chunk(png::ancillary_value, text("sCAL", "\3"
                                                    "1\0"
                                                    "1.5"sv)));
  add(with_chunk(png::ancillary_value, text("sCAL", "\1"
                                                    "1,5\0"
                                                    "2"sv)));
  add(with_chunk(png::ancillary_value, text("sCAL", "\1"
                                                    "1\0"
                                                    "-2"sv)));
  add(with_chunk(png::ancillary_value, text("sCAL", "\1"
                                                    "0.0e9\0"
                                                    "2"sv)));
  add(with_chunk(png::ancillary_value, text("sCAL", "\1"
                                                    "1 no NUL"sv)));
  const std::string x0_x1(8, '\1');
  add(with_chunk(png::ancillary_value, text("pCAL", "name\0"s + x0_x1 +
                                                        "\4\2m\0"
                                                        "1\0"
                                                        "2"s)));
  add(with_chunk(png::ancillary_value, text("pCAL", "name\0"s + x0_x1 +
                                                        "\1\2m\0"
                                                        "1\0"
                                                        "2"s)));
  add(with_chunk(png::ancillary_value, text("pCAL", "name\0"s + x0_x1 +
                                                        "\0\2m\0"
                                                        "1\0"
                                                        "e"s)));
  add(with_chunk(png::ancillary_value, text("pCAL", "name\0"s + x0_x1 +
                                                        "\0\2m\0"
                                                        "1"s)));
  add(with_chunk(png::ancillary_value, text("pCAL", "name\0"s + x0_x1 + "\0\2metres"s)));
  add(with_chunk(png::ancillary_value, text("pCAL", "a long name\0"s + x0_x1)));

  add(with_chunk(png::text_keyword, text("tEXt", "\0x"sv)));
  add(with_chunk(png::text_keyword, text("tEXt", "a  b\0x"sv)));
  add(with_chunk(png::text_keyword, text("tEXt", std::string(80, 'k') + '\0')));
  add(with_chunk(png::text_keyword, text("zTXt", "no end"sv)));
  add(with_chunk(png::text_content, text("tEXt", "a\0b\0c"sv)));
  add(with_chunk(png::text_content, text("iTXt", "a\0\2\0\0\0b"sv)));
  add(with_chunk(png::text_content, text("iTXt", "a\0\0\0\0b"sv)));
  add(with_chunk(png::text_content, text("iTXt", "a\0\0\0\0\0\xff"sv)));
  add(with_chunk(png::metadata_method, text("zTXt", "a\0\1"sv, zlib_stream({1, 2}))));
  add(with_chunk(png::metadata_method, text("iCCP", "no end"sv)));
  add(with_chunk(png::metadata_zlib, text("zTXt", "a\0\0junk"sv)));
  add(with_chunk(png::metadata_bomb, text("zTXt", "a\0\0"sv, zlib_stream(PngBytes(2 << 20, 'a')))));
  Broken limited = with_chunk(png::metadata_limit, text("zTXt", "a\0\0"sv, zlib_stream(PngBytes(200, 'a'))));
  limited.limits.metadata_bytes = 199;
  add(limited);
  add(with_chunk(png::icc_profile, text("iCCP", "a\0\0"sv, zlib_stream(PngBytes(200, 0)))));
  add(with_chunk(png::exif_header, text("eXIf", "abcd"sv)));

  add(with_chunk(png::actl_frames, {"acTL", PngBytes(8, 0)}));
  add(with_animation(png::actl_missing, [](Png &png) { return png.erase("acTL").offset_of("fcTL"); }));
  add(with_animation(png::apng_sequence, [](Png &png) {
    png.at("fcTL", 1).data[3] = 7;
    return png.offset_of("fcTL", 1);
  }));
  add(with_animation(png::apng_sequence, [](Png &png) { // a frame's data is lost
    png.erase("fdAT", 0);
    png.at("fcTL", 1).data[4 + 3] = 4;
    return png.offset_of("fcTL", 1);
  }));
  all.back().rule = &png::apng_frame_data;
  add(with_animation(png::fctl_geometry, [](Png &png) {
    png.at("fcTL", 1).data[15] = 5;
    return png.offset_of("fcTL", 1);
  }));
  add(with_animation(png::fctl_geometry, [](Png &png) { // one made of IDAT covers the picture
    png.at("fcTL", 0).data[7] = 7;
    return png.offset_of("fcTL", 0);
  }));
  add(with_animation(png::fctl_operation, [](Png &png) {
    png.at("fcTL", 2).data[24] = 3;
    return png.offset_of("fcTL", 2);
  }));
  add(with_animation(png::apng_frame_data, [](Png &png) {
    png.erase("fdAT", 1);
    return png.offset_of("fcTL", 2);
  }));
  add(with_animation(png::zlib_adler, [](Png &png) {
    png.at("fdAT", 1).data.back() ^= 1;
    return png.offset_of("fdAT", 1) + 8 + png.at("fdAT", 1).data.size() - 4;
  }));
  add(with_animation(png::apng_frames_missing, [](Png &png) {
    png.at("acTL").data[3] = 9;
    return png.offset_of("acTL");
  }));
  add(with_animation(png::apng_frames_surplus, [](Png &png) {
    png.at("acTL").data[3] = 2;
    return png.offset_of("acTL");
  }));
  return all;
}

TEST(PngDamage, EachRuleHasAFileThatBreaksItAlone) {
  std::set<const Rule *> shown = {&png::decode_error, &png::decode_warning}; // png_test.cpp
  for (const Broken &broken : broken_files()) {
    SCOPED_TRACE(broken.rule->id);
    shown.insert(broken.rule);
    const Evidence evidence = check(png_format, broken.blob, Depth::content, broken.limits);
    ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
    const Finding &finding = evidence.findings.list()[0];
    EXPECT_EQ(finding.rule->id, broken.rule->id) << describe(evidence);
    if (broken.rule != &png::zlib_window) { // where zlib notices depends on how it is fed
      EXPECT_EQ(finding.offset, broken.offset) << describe(evidence);
    }
    EXPECT_FALSE(finding.detail.empty());
    EXPECT_LE(finding.offset + finding.length, broken.blob.size());
  }
  for (const Rule *rule : png::all_rules)
    EXPECT_TRUE(shown.contains(rule)) << rule->id << " is broken by no test";
}

TEST(PngDamage, RuleIdsAreUniqueAndOfThisFormat) {
  std::set<std::string_view> ids;
  for (const Rule *rule : png::all_rules) {
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id;
    EXPECT_EQ(rule->id.substr(0, 4), "png.");
    EXPECT_EQ(std::count(rule->id.begin(), rule->id.end(), '.'), 2) << rule->id;
    EXPECT_FALSE(rule->summary.empty() || rule->source.empty() || rule->why.empty()) << rule->id;
  }
}

TEST(PngDamage, SmallWindowIsRefusedByLibpngToo) {
  const Blob blob = with_small_window().blob;
  Evidence evidence;
  png_decode({Bytes(blob), nullptr}, {}, evidence);
  EXPECT_TRUE(has(evidence, png::decode_error));
}

TEST(PngDamage, WindowAsLargeAsThePictureIsFine) {
  PngSpec spec = {.width = 15, .height = 15, .colour = 0};
  expect_clean(png_format, make_png_around(spec, zlib_stream(filtered_rows(spec), 6, 9)).bytes());
  spec = {.width = 400, .height = 90, .colour = 0};
  expect_clean(
      png_format,
      make_png_around(spec, zlib_stream(filtered_rows(spec), 6, 9)).bytes()); // a second pass proves it
}

TEST(PngSignature, TellsHowATransferBrokeIt) {
  const Blob file = make_png({}).bytes();
  auto detail_of = [](const Blob &blob) {
    const Evidence evidence = check(png_format, blob);
    if (evidence.findings.list().empty() || evidence.findings.list()[0].rule != &png::bad_signature)
      return describe(evidence);
    EXPECT_TRUE(png_format.sniff(Bytes(blob)));
    EXPECT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
    return evidence.findings.list()[0].detail;
  };
  auto replaced = [&](const PngBytes &signature) {
    return append(signature, Blob(file.begin() + 8, file.end()));
  };
  EXPECT_NE(detail_of(replaced({0x89, 'P', 'N', 'G', '\n', 0x1a, '\n'})).find("CR LF became LF"),
            std::string::npos);
  EXPECT_NE(
      detail_of(replaced({0x89, 'P', 'N', 'G', '\r', '\r', '\n', 0x1a, '\r', '\n'})).find("became CR LF"),
      std::string::npos);
  EXPECT_NE(detail_of(replaced({0x09, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'})).find("high bits"),
            std::string::npos);
  EXPECT_NE(detail_of(replaced({0xef, 0xbf, 0xbd, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'})).find("UTF-8"),
            std::string::npos);
  EXPECT_NE(detail_of(replaced({'P', 'N', 'G', '\r', '\n', 0x1a, '\n'})).find("missing"), std::string::npos);
  EXPECT_NE(detail_of(replaced({0x89, 'P', 'N', 'g', '\r', '\n', 0x1a, '\n'})).find("damaged"),
            std::string::npos);
  EXPECT_EQ(check(png_format, set_byte(file, 1, 'Q')).facts.width, 8u)
      << "one bad byte does not hide the rest";
}

std::vector<Blob> various_good_files() {
  Png rich = make_png({.width = 13,
                       .height = 7,
                       .colour = 3,
                       .depth = 4,
                       .interlaced = true,
                       .palette_entries = 11,
                       .idat_chunks = 3});
  rich.insert_before("PLTE", gama)
      .insert_before("IDAT", {"tRNS", {1, 2, 3}})
      .insert_before("IEND", text("tEXt", "Title\0x"sv));
  return {make_png({}).bytes(),
          make_png({.width = 5, .height = 3, .colour = 0, .depth = 16, .zlib_level = 0}).bytes(),
          rich.bytes(),
          make_apng({.width = 6, .height = 6, .colour = 4}, {{6, 6, 0, 0}, {2, 3, 1, 1}}, 2).bytes()};
}

TEST(PngDamage, NoPrefixIsHealthy) {
  for (const Blob &file : various_good_files())
    for (std::size_t size = 0; size < file.size(); ++size) {
      const Evidence evidence = check(png_format, truncate(file, size));
      ASSERT_EQ(evidence.findings.list().size(), 1u) << size << " of " << file.size() << '\n'
                                                     << describe(evidence);
      ASSERT_EQ(evidence.findings.list()[0].rule, &png::truncated) << size << '\n' << describe(evidence);
      ASSERT_EQ(evidence.findings.list()[0].offset, size);
    }
}

TEST(PngDamage, TruncationTellsWhatIsLost) {
  const Png png = make_png({.width = 64, .height = 100, .zlib_level = 0, .filter = 0});
  const Blob file = png.bytes();
  auto detail = [&](std::size_t size) {
    return check(png_format, truncate(file, size)).findings.list()[0].detail;
  };
  EXPECT_NE(detail(png.offset_of("IDAT") + 8 + 7 + 193 * 40 + 5)
                .find("row 40 of 100 is the first one lost, 60.0 %"),
            std::string::npos)
      << detail(png.offset_of("IDAT") + 8 + 7 + 193 * 40 + 5);
  EXPECT_NE(detail(file.size() - 1).find("the picture itself is whole"), std::string::npos);
  EXPECT_NE(detail(20).find("IHDR"), std::string::npos);
}

/// Where a stream breaks, each of these says which row is the first one lost, and how much.
TEST(PngDamage, BrokenStreamTellsWhatIsLost) {
  const PngSpec spec = {.width = 64, .height = 100, .zlib_level = 0, .filter = 0};
  constexpr std::size_t row = 193, block_header = 5, zlib_head = 2;
  const PngBytes rows = filtered_rows(spec), stream = zlib_stream(rows, 0);
  ASSERT_EQ(stream.size(), zlib_head + block_header + rows.size() + 4); // one stored block
  auto detail = [&](const PngSpec &of, const PngBytes &broken) {
    const Evidence evidence = check(png_format, make_png_around(of, broken).bytes());
    return evidence.findings.list().size() == 1 ? evidence.findings.list()[0].detail : describe(evidence);
  };
  const auto expect = [](const std::string &told, std::string_view lost) {
    EXPECT_NE(told.find(lost), std::string::npos) << told;
  };
  expect(detail(spec, truncate(stream, zlib_head + block_header + 25 * row + 7)),
         "row 25 of 100 is the first one lost, 75.0 %");
  expect(detail(spec, zlib_stream(truncate(rows, 90 * row))), "row 90 of 100 is the first one lost, 10.0 %");
  expect(detail(spec, zlib_stream(set_byte(rows, 30 * row, 5))),
         "row 30 of 100 is the first one lost, 70.0 %");
  expect(detail(spec, set_byte(stream, 0, 0x79)), "row 0 of 100 is the first one lost, 100.0 %");

  // Two stored blocks, and the second one's LEN and NLEN do not agree.
  PngBytes blocks = zlib_stream(PngBytes(rows.begin(), rows.begin() + 50 * row), 0);
  blocks[zlib_head] = 0; // not the last block
  blocks.resize(blocks.size() - 4);
  blocks.insert(blocks.end(), {1, 2, 3, 4, 5});
  expect(detail(spec, blocks), "row 50 of 100 is the first one lost, 50.0 %");

  PngSpec interlaced = spec;
  interlaced.interlaced = true;
  const PngBytes passes = filtered_rows(interlaced);
  expect(detail(interlaced, zlib_stream(truncate(passes, passes.size() - 1))),
         "row 49 of interlace pass 7 is the first one lost, 1.0 %");
}

/// A picture that is inflated piece by piece tells it as well.
TEST(PngDamage, BrokenLargeStreamTellsWhatIsLost) {
  const PngSpec spec = {.width = 10'000, .height = 7'000, .colour = 0};
  const PngBytes rows(std::size_t{10'001} * 7'000);
  ASSERT_GT(rows.size(), png::whole_size);
  const PngBytes stream = zlib_stream(rows, 1);
  PngBytes broken = truncate(stream, stream.size() / 2);
  const Evidence evidence = check(png_format, make_png_around(spec, broken).bytes());
  ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].rule, &png::zlib_end);
  EXPECT_NE(evidence.findings.list()[0].detail.find("of 7000 is the first one lost, 50."), std::string::npos)
      << describe(evidence);
  EXPECT_TRUE(check(png_format, make_png_around(spec, stream).bytes()).findings.empty());
}

TEST(PngDamage, NoByteMayChange) {
  for (const Blob &file : various_good_files())
    for (std::size_t at = 0; at < file.size(); ++at)
      for (unsigned change : {0x01u, 0x20u, 0x80u, 0xffu}) {
        const Blob blob = set_byte(file, at, static_cast<std::uint8_t>(file[at] ^ change));
        const Evidence evidence = check(png_format, blob);
        ASSERT_EQ(evidence.findings.verdict(), Verdict::corrupt) << "byte " << at << " ^ " << change << '\n'
                                                                 << describe(evidence);
        const auto heavy =
            std::count_if(evidence.findings.list().begin(), evidence.findings.list().end(),
                          [](const Finding &finding) { return finding.rule->severity != Severity::note; });
        ASSERT_EQ(heavy, 1) << "byte " << at << " ^ " << change << '\n' << describe(evidence);
      }
}

TEST(PngDamage, HoleInImageDataIsNamed) {
  PngSpec spec = {.width = 100, .height = 100};
  std::mt19937 random(2);
  spec.sample = [&](std::uint32_t, std::uint32_t, unsigned) { return static_cast<unsigned>(random()); };
  const Png png = make_png(spec);
  const Evidence evidence = check(png_format, zero(png.bytes(), 8192, 8192));
  ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
  EXPECT_NE(evidence.findings.list()[0].detail.find("from offset 8192 are zero"), std::string::npos)
      << describe(evidence);
  EXPECT_NE(evidence.findings.list()[0].detail.find("no row is lost, but the Adler-32"), std::string::npos)
      << describe(evidence);
}

TEST(PngDamage, CrcFieldAloneIsToldFromDamagedData) {
  const Png png = make_png({});
  const Evidence evidence = check(png_format, flip_bit(png.bytes(), png.offset_of("IEND") - 1));
  ASSERT_EQ(evidence.findings.list().size(), 1u);
  EXPECT_NE(evidence.findings.list()[0].detail.find("the picture itself is whole"), std::string::npos)
      << describe(evidence);
}

/// What inspect_image_data says of the image data of a file.
png::ImageReport inspect(const PngSpec &spec, const PngBytes &stream, std::uint64_t whole) {
  const Png file = make_png_around(spec, stream);
  const Blob blob = file.bytes();
  GuardedBytes guarded{Bytes(blob)};
  png::DataRun run;
  run.sample = guarded.bytes();
  run.type = png::idat;
  for (std::size_t i = file.index_of("IDAT"); file.chunks[i].type == "IDAT"; ++i)
    run.add(file.offset_of(i), file.chunks[i].data.size());
  const png::Geometry geometry = {spec.width, spec.height, spec.bits_per_pixel(), spec.interlaced};
  const bool watch = spec.colour == 3 && spec.entries() < 1u << spec.depth;
  return png::inspect_image_data(run, geometry, watch ? spec.entries() : 0, whole);
}

TEST(PngImageData, WholeAndStreamedInflationAgree) {
  std::mt19937 random(3);
  std::size_t faults = 0, sound = 0;
  for (int round = 0; round < 8'000; ++round) {
    const auto [colour_type, depth] = legal_kinds[random() % legal_kinds.size()];
    PngSpec spec = {.width = 1 + static_cast<std::uint32_t>(random() % 40),
                    .height = 1 + static_cast<std::uint32_t>(random() % 20),
                    .colour = colour_type,
                    .depth = depth,
                    .interlaced = random() % 2 == 0,
                    .idat_chunks = 1 + static_cast<unsigned>(random() % 4),
                    .zlib_level = static_cast<int>(random() % 10)};
    if (spec.colour == 3) spec.palette_entries = 1 + static_cast<unsigned>(random()) % (1u << spec.depth);
    PngBytes rows = filtered_rows(spec);
    if (random() % 4 == 0) rows[random() % rows.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
    if (random() % 8 == 0)
      rows.resize(random() % 2 == 0 ? rows.size() - 1 : rows.size() + 1 + random() % 200);
    PngBytes stream = zlib_stream(rows, spec.zlib_level, 9 + static_cast<int>(random() % 7));
    if (random() % 3 == 0) stream[random() % stream.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
    if (random() % 8 == 0)
      stream.resize(random() % 2 == 0 ? random() % stream.size() : stream.size() + 1 + random() % 9);
    const png::ImageReport whole = inspect(spec, stream, png::whole_size),
                           streamed = inspect(spec, stream, 0);
    ASSERT_EQ(whole.rule, streamed.rule) << round << ' ' << whole.detail << " / " << streamed.detail;
    ASSERT_EQ(whole.offset, streamed.offset) << round;
    ASSERT_EQ(whole.length, streamed.length) << round;
    ASSERT_EQ(whole.detail, streamed.detail) << round;
    ASSERT_EQ(whole.lost, streamed.lost) << round;
    ASSERT_EQ(whole.overrun, streamed.overrun) << round;
    ASSERT_EQ(whole.surplus, streamed.surplus) << round;
    ASSERT_EQ(whole.surplus_offset, streamed.surplus_offset) << round;
    ++(whole.rule != nullptr ? faults : sound);
  }
  EXPECT_GT(faults, 2'000u);
  EXPECT_GT(sound, 2'000u);
}

TEST(PngImageData, PaletteOverrunIsSeenThroughEveryFilter) {
  std::mt19937 random(4);
  for (int round = 0; round < 3'000; ++round) {
    const std::uint8_t depth = static_cast<std::uint8_t>(2u << random() % 3);
    PngSpec spec = {.width = 1 + static_cast<std::uint32_t>(random() % 23),
                    .height = 1 + static_cast<std::uint32_t>(random() % 9),
                    .colour = 3,
                    .depth = depth,
                    .interlaced = random() % 2 == 0,
                    .palette_entries = 3,
                    .filter = static_cast<int>(random() % 6) - 1};
    const std::uint32_t bad_x = static_cast<std::uint32_t>(random()) % spec.width,
                        bad_y = static_cast<std::uint32_t>(random()) % spec.height;
    const bool bad = random() % 2 == 0;
    spec.sample = [=](std::uint32_t x, std::uint32_t y, unsigned) {
      return bad && x == bad_x && y == bad_y ? 3u : (x + y) % 3;
    };
    const png::ImageReport report =
        inspect(spec, zlib_stream(filtered_rows(spec)), round % 2 == 0 ? 0 : png::whole_size);
    ASSERT_EQ(report.rule, nullptr);
    ASSERT_EQ(!report.overrun.empty(), bad) << round << ' ' << report.overrun;
  }
}

} // namespace
} // namespace datavet::test
