#include "formats/jpeg2000/jpeg2000.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "formats/any/any.h"
#include "formats/any/rules.h"
#include "formats/jpeg2000/rules.h"
#include "tests/formats/any/mutations.h"
#include "tests/formats/jpeg2000/jpeg2000_writer.h"
#include "tests/support/check.h"

namespace datavet {
namespace {

using test::append;
using test::Blob;
using test::J2kWriter;
using test::jp2_box;
using test::set_byte;

const Blob palette_and_mapping = append(jp2_box("pclr", {0, 2, 3, 7, 7, 7, 1, 2, 3, 4, 5, 6}),
                                        jp2_box("cmap", {0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 2}));

std::vector<Blob> good_samples() {
  std::vector<Blob> samples;
  J2kWriter stream;
  samples.push_back(stream.write());
  samples.push_back(test::jp2(stream));
  samples.push_back(test::jp2(stream, palette_and_mapping));
  // LBox 0: the codestream box goes on to the end of the file.
  Blob open = test::jp2_start(stream);
  const std::size_t box_at = open.size();
  open = append(open, jp2_box("jp2c", stream.write()));
  samples.push_back(test::zero(open, box_at, 4));
  // LBox 1: the length has 64 bits.
  Blob long_box = append({0, 0, 0, 1, 'j', 'p', '2', 'c', 0, 0, 0, 0, 0, 0}, {});
  J2kWriter::put16(long_box, static_cast<std::uint32_t>(16 + stream.write().size()));
  samples.push_back(append(append(test::jp2_start(stream), long_box), stream.write()));
  samples.push_back(append(test::jp2(stream), jp2_box("xml ", {'<', 'a', '/', '>'})));
  stream.parts = 3;
  samples.push_back(stream.write());
  stream.parts = 1, stream.last_open = true;
  samples.push_back(stream.write());
  stream.x_offset = 3, stream.components = 1, stream.depth = 15;
  samples.push_back(test::jp2(stream));
  J2kWriter marked;
  marked.extra = {0xff, 0x64, 0, 5, 0, 1, 'x'};                                  // COM
  marked.data = {0xff, 0x91, 0, 4, 0, 0, 1, 0xff, 0x92, 0xff, 0x8f, 0xff, 0, 1}; // SOP, EPH, stuffed bytes
  samples.push_back(marked.write());
  return samples;
}

TEST(Jpeg2000Check, GoodSamplesAreClean) {
  for (const Blob &sample : good_samples()) {
    EXPECT_TRUE(jpeg2000_format.sniff(sample));
    for (Depth depth : {Depth::header, Depth::structure, Depth::content})
      test::expect_clean(jpeg2000_format, sample, depth);
  }
}

TEST(Jpeg2000Check, FillsFacts) {
  const Evidence evidence = test::check(jpeg2000_format, test::jp2(J2kWriter{}), Depth::header);
  EXPECT_EQ(evidence.facts.width, 20u);
  EXPECT_EQ(evidence.facts.height, 10u);
  EXPECT_EQ(evidence.facts.channels, 3);
  EXPECT_EQ(evidence.facts.bits, 8);
  EXPECT_EQ(evidence.facts.colour, Colour::rgb);
  EXPECT_EQ(evidence.facts.decoded_bytes, 600u);
}

TEST(Jpeg2000Check, FillsTheOutline) {
  Outline outline;
  Evidence evidence;
  evidence.outline = &outline;
  jpeg2000_format.check(test::jp2(J2kWriter{}), {}, evidence);
  std::set<std::string> names;
  for (const Segment &segment : outline.segments()) names.insert(segment.name);
  for (const char *name : {"jP", "ftyp", "jp2h", "ihdr", "colr", "jp2c", "SIZ", "COD", "QCD", "SOT", "EOC"})
    EXPECT_TRUE(names.contains(name)) << name;
}

struct Broken {
  const Rule *rule;
  Blob sample;
  std::uint64_t offset;
};

void add_broken_streams(std::vector<Broken> &list) {
  namespace rules = jpeg2000;
  const J2kWriter stream;
  const Blob good = stream.write();
  auto add = [&](const Rule &rule, Blob sample, std::uint64_t offset) {
    list.push_back({&rule, std::move(sample), offset});
  };
  add(rules::bad_signature, set_byte(good, 1, 0x4e), 0);
  add(rules::stream_truncated, test::truncate(good, 20), 20);
  add(rules::stream_truncated, test::truncate(good, stream.cod_at() + 8), stream.cod_at() + 8);
  add(rules::stream_truncated, test::truncate(good, stream.eoc_at() - 1), stream.eoc_at() - 1);
  add(rules::stream_truncated, test::truncate(good, stream.first_sot_at() + stream.part_bytes()),
      stream.first_sot_at() + stream.part_bytes());
  add(rules::size_segment, test::zero(good, 8, 4), 8);   // Xsiz
  add(rules::size_segment, test::zero(good, 24, 4), 24); // XTsiz
  add(rules::size_segment, test::zero(good, 40, 2), 40); // Csiz
  add(rules::size_segment, set_byte(good, 42, 60), 42);  // 61 bits
  add(rules::size_segment, test::zero(good, 43, 1), 42); // XRsiz
  J2kWriter many;
  many.width = many.height = 70'000, many.tile_width = many.tile_height = 100;
  Blob many_tiles = good;
  const Blob grid = {0, 1, 0x11, 0x70, 0, 1, 0x11, 0x70, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 100};
  std::copy(grid.begin(), grid.end(), many_tiles.begin() + 8);
  add(rules::size_segment, many_tiles, 24);
  add(rules::marker_length, set_byte(good, 5, 48), 4);
  add(rules::marker_length, set_byte(good, stream.cod_at() + 3, 9), stream.cod_at() + 2);
  add(rules::marker_length, test::zero(good, stream.cod_at() + 2, 2), stream.cod_at() + 2);
  add(rules::marker_order, test::erase(good, stream.qcd_at(), 5 + 7), stream.first_sot_at() - 12);
  add(rules::marker_order, set_byte(good, stream.qcd_at(), 0x12), stream.qcd_at());
  J2kWriter odd;
  odd.extra = {0xff, 0x30};
  add(rules::marker_unknown, odd.write(), odd.first_sot_at() - 2);
  add(rules::coding, set_byte(good, stream.cod_at() + 5, 5), stream.cod_at() + 5); // progression
  add(rules::coding, set_byte(good, stream.cod_at() + 7, 0), stream.cod_at() + 6); // layers
  add(rules::coding, set_byte(good, stream.cod_at() + 8, 2), stream.cod_at() + 8); // component transformation
  add(rules::coding, set_byte(good, stream.cod_at() + 9, 33), stream.cod_at() + 9);  // levels
  add(rules::coding, set_byte(good, stream.cod_at() + 10, 9), stream.cod_at() + 10); // code-blocks
  add(rules::coding, set_byte(good, stream.cod_at() + 13, 2), stream.cod_at() + 13); // wavelet
  add(rules::quantization, set_byte(good, stream.qcd_at() + 4, 0x43), stream.qcd_at() + 4);
  add(rules::quantization, set_byte(good, stream.cod_at() + 9, 3), stream.qcd_at());
  const std::size_t sot = stream.first_sot_at();
  add(rules::tile_fields, set_byte(good, sot + 5, 2), sot + 4);   // tile 2 of 2
  add(rules::tile_fields, set_byte(good, sot + 10, 1), sot + 10); // part 1 first
  J2kWriter parted;
  parted.parts = 2;
  add(rules::tile_fields, set_byte(parted.write(), parted.first_sot_at() + 2 * parted.part_bytes() + 11, 3),
      parted.first_sot_at() + 2 * parted.part_bytes() + 11);
  add(rules::tile_length, set_byte(good, sot + 9, 13), sot + 6);
  add(rules::tile_length, test::erase(good, sot + 20, 1), sot + stream.part_bytes());
  add(rules::tile_length, test::insert(good, sot + 20, {1}), sot + stream.part_bytes());
  add(rules::tile_missing, test::erase(good, sot, stream.part_bytes()),
      stream.eoc_at() - stream.part_bytes());
  add(rules::data_marker, set_byte(set_byte(good, sot + 20, 0xff), 21 + sot, 0x90), sot + 20);
  add(rules::end_missing, test::truncate(good, stream.eoc_at()), stream.eoc_at());
  add(rules::trailing, append(good, {1, 2, 3}), good.size());
  J2kWriter high;
  high.capabilities = 0x4000;
  high.extra = {0xff, 0x50, 0, 8, 0, 2, 0, 0, 0, 0};
  add(rules::unsupported, high.write(), 0);
  high.capabilities = 0x8000, high.extra = {};
  add(rules::unsupported, high.write(), 0);
  J2kWriter hollow;
  hollow.data = Blob(20'000, 0x5a);
  const std::size_t block = (hollow.first_sot_at() / 512 + 4) * 512;
  add(any::zero_run, test::zero(hollow.write(), block, 8192), block);
}

void add_broken_boxes(std::vector<Broken> &list) {
  namespace rules = jpeg2000;
  const J2kWriter stream;
  const Blob good = test::jp2(stream), start = test::jp2_start(stream),
             codestream = jp2_box("jp2c", stream.write());
  const std::size_t header_at = 32, ihdr_at = 40, colr_at = 62;
  auto add = [&](const Rule &rule, Blob sample, std::uint64_t offset) {
    list.push_back({&rule, std::move(sample), offset});
  };
  add(rules::box_truncated, test::truncate(good, 30), 30);
  add(rules::box_truncated, test::truncate(good, 36), 36);
  add(rules::box_truncated, test::truncate(good, header_at + 20), header_at + 20);
  add(rules::end_missing,
      set_byte(test::truncate(good, good.size() - 2), start.size() + 3,
               static_cast<std::uint8_t>(codestream.size() - 2)),
      good.size() - 2);
  add(rules::stream_truncated, test::truncate(good, good.size() - 10), good.size() - 10);
  add(rules::box_truncated, set_byte(good, start.size() + 2, 0x77), good.size());
  add(rules::box_length, set_byte(good, header_at + 3, 5), header_at);
  add(rules::box_length, set_byte(good, 15, 16), 12);
  add(rules::box_length, set_byte(good, colr_at + 3, 200), colr_at);
  add(rules::box_order, append(append(test::jp2_signature(), jp2_box("free", {})), good), 12);
  add(rules::box_order, append(append(test::jp2_signature(), test::jp2_file_type()), codestream), 32);
  add(rules::box_order,
      append(append(append(test::jp2_signature(), test::jp2_file_type()),
                    jp2_box("jp2h", append(test::jp2_colour(), test::jp2_image_header(stream)))),
             codestream),
      40);
  add(rules::box_missing, start, start.size());
  add(rules::colour,
      append(append(append(test::jp2_signature(), test::jp2_file_type()),
                    jp2_box("jp2h", test::jp2_image_header(stream))),
             codestream),
      32);
  add(rules::box_missing,
      append(append(append(test::jp2_signature(), test::jp2_file_type()), jp2_box("jp2h", {})), codestream),
      32);
  add(rules::unsupported, append(start, jp2_box("ftbl", {})), 0);
  add(rules::brand, set_byte(good, 28, 'x'), 20);
  add(rules::image_header, set_byte(good, ihdr_at + 19, 6), ihdr_at + 8);
  add(rules::header_mismatch, set_byte(good, ihdr_at + 15, 21), 0);
  add(rules::colour, set_byte(good, colr_at + 8, 9), colr_at + 8);
  add(rules::colour, set_byte(good, colr_at + 14, 99), colr_at + 11);
  add(rules::palette, test::jp2(stream, jp2_box("pclr", {0, 2, 1, 7, 1})), 77);
  add(rules::palette, test::jp2(stream, jp2_box("cmap", {0, 3, 0, 0})), 85);
  add(rules::palette, test::jp2(stream, jp2_box("pclr", {0, 2, 1, 7, 1, 2})), header_at);
}

std::vector<Broken> broken_samples() {
  std::vector<Broken> list;
  add_broken_streams(list);
  add_broken_boxes(list);
  return list;
}

TEST(Jpeg2000Check, EachDamageIsOneFinding) {
  for (const Broken &broken : broken_samples()) {
    SCOPED_TRACE(std::string(broken.rule->id) + " at " + std::to_string(broken.offset));
    test::expect_finding(jpeg2000_format, broken.sample, *broken.rule, broken.offset);
  }
}

TEST(Jpeg2000Check, EveryRuleHasASampleThatBreaksIt) {
  // decode_test breaks these two.
  std::set<const Rule *> seen{&jpeg2000::decode_failed, &jpeg2000::decode_unsupported};
  for (const Broken &broken : broken_samples()) seen.insert(broken.rule);
  for (const Rule *rule : jpeg2000_format.rules) EXPECT_TRUE(seen.contains(rule)) << rule->id;
}

TEST(Jpeg2000Check, NoPrefixIsHealthy) {
  std::vector<Blob> samples = good_samples();
  samples.erase(samples.begin() + 5); // whole without its last box
  for (const Blob &sample : samples) test::expect_no_prefix_healthy(jpeg2000_format, sample);
}

TEST(Jpeg2000Check, ComparesSizesWithLimits) {
  Limits limits;
  limits.pixels = 199;
  for (Depth depth : {Depth::header, Depth::content}) {
    const Evidence evidence = test::check(jpeg2000_format, test::jp2(J2kWriter{}), depth, limits);
    EXPECT_TRUE(test::has(evidence, any::too_large));
    EXPECT_EQ(evidence.findings.verdict(), Verdict::unchecked);
  }
}

TEST(Jpeg2000Check, HugeSizesAreNoTrouble) {
  J2kWriter stream;
  Blob huge = stream.write();
  for (std::size_t at = 8; at < 16; ++at) huge = set_byte(huge, at, 0xff);
  for (std::size_t at = 24; at < 32; ++at) huge = set_byte(huge, at, 0xff);
  const Evidence evidence = test::check(jpeg2000_format, huge);
  EXPECT_EQ(evidence.facts.width, 0xffffffffu);
  EXPECT_FALSE(evidence.findings.empty());
}

TEST(Jpeg2000Check, IsSoundUnderMutation) {
  test::expect_sound_under_mutation(jpeg2000_format, good_samples(), 30'000, any_rules());
}

} // namespace
} // namespace datavet
