// The description of the structure: what an entropy decoder will rely on.
#include <gtest/gtest.h>
#include <jpeglib.h>

#include "formats/any/rules.h"
#include "formats/jpeg/entropy/segments.h"
#include "formats/jpeg/jpeg.h"
#include "formats/jpeg/parse.h"
#include "formats/jpeg/rules.h"
#include "formats/jpeg/standard_tables.h"
#include "tests/formats/jpeg/good_jpegs.h"
#include "tests/formats/jpeg/pieces.h"
#include "tests/support/check.h"

namespace datavet::test {

namespace {

using jpeg::EntropySegment;
using jpeg::HuffmanTable;
using jpeg::Scan;
using jpeg::Structure;

Structure parsed(const Blob &sample) {
  Evidence evidence;
  return jpeg::parse(sample, CheckOptions{}, evidence);
}

TEST(JpegStructure, DescribesFrameAndGeometry) {
  const Structure structure = parsed(make_jpeg({.width = 97, .height = 33}));
  ASSERT_TRUE(structure.complete);
  const jpeg::Frame &frame = *structure.frame;
  EXPECT_EQ(frame.width, 97);
  EXPECT_EQ(frame.height, 33);
  EXPECT_EQ(frame.mcus_wide, 7u); // 97 / 16
  EXPECT_EQ(frame.mcus_high, 3u);
  ASSERT_EQ(frame.components.size(), 3u);
  EXPECT_EQ(frame.components[0].blocks_wide, 13u);
  EXPECT_EQ(frame.components[0].blocks_high, 5u);
  EXPECT_EQ(frame.components[1].blocks_wide, 7u); // 49 samples: A.1.1 rounds up before dividing by 8
  EXPECT_EQ(frame.components[1].blocks_high, 3u); // 17 samples
  ASSERT_EQ(structure.scans.size(), 1u);
  EXPECT_EQ(structure.scans[0].blocks_in_mcu, 6u);
  EXPECT_EQ(structure.scans[0].mcus, 21u);
}

TEST(JpegStructure, NamesTheBytesOfEveryScan) {
  for (const GoodJpeg &good : good_jpegs()) {
    SCOPED_TRACE(good.name);
    const Structure structure = parsed(good.bytes);
    ASSERT_TRUE(structure.complete);
    EXPECT_EQ(structure.end, good.bytes.size());
    for (std::size_t i = 0; i < structure.scans.size(); ++i) {
      const Scan &scan = structure.scans[i];
      const Piece data = piece(good.bytes, entropy_coded, i);
      EXPECT_EQ(scan.offset, piece(good.bytes, 0xDA, i).offset);
      EXPECT_EQ(scan.entropy.offset, data.offset);
      EXPECT_EQ(scan.entropy.length, data.length);
      EXPECT_EQ(scan.segments, restarts_in(good.bytes, data).size() + 1);
      EXPECT_EQ(scan.segments, scan.expected_segments());
    }
  }
}

TEST(JpegStructure, SegmentsOfAScanCanBeWalkedAgain) {
  const Blob sample = make_jpeg({.restart_interval = 2});
  const Scan scan = parsed(sample).scans.at(0);
  std::uint64_t at = scan.entropy.offset, segments = 0;
  for (; at <= scan.entropy.end(); ++segments) at = jpeg::entropy_segment_at(sample, at).marker_offset + 2;
  EXPECT_EQ(segments, scan.segments);
}

TEST(JpegStructure, EntropySegmentsEndAtMarkersOnly) {
  const auto segment = [](const Blob &bytes) { return jpeg::entropy_segment_at(bytes, 0); };
  EXPECT_EQ(segment({1, 0xFF, 0, 2, 0xFF, 0xD9}).bytes.length, 4u);
  EXPECT_EQ(segment({1, 0xFF, 0, 2, 0xFF, 0xD9}).marker, 0xD9);
  EXPECT_EQ(segment({1, 0xFF, 0xFF, 0xFF, 0xD0}).bytes.length, 1u); // fill bytes belong to the marker
  EXPECT_EQ(segment({1, 0xFF, 0xFF, 0xFF, 0xD0}).marker_offset, 3u);
  EXPECT_EQ(segment({1, 2, 0xFF}).marker, 0);
  EXPECT_EQ(segment({1, 2, 0xFF}).marker_offset, 3u);
  EXPECT_EQ(segment({1, 2}).bytes.length, 2u);
  EXPECT_EQ(segment({}).marker_offset, 0u);
}

TEST(JpegStructure, KeepsTheTablesInForceAtEachScan) {
  const Structure structure = parsed(make_jpeg({.progressive = true}));
  ASSERT_EQ(structure.scans.size(), 10u);
  EXPECT_GE(structure.scans[0].components[0].dc_table, 0);
  EXPECT_EQ(structure.scans[0].components[0].ac_table, -1);
  // Each AC scan of jpeg_simple_progression has a table of its own at destination 0 or 1.
  const std::int32_t second = structure.scans[1].components[0].ac_table;
  const std::int32_t fifth = structure.scans[4].components[0].ac_table;
  ASSERT_GE(second, 0);
  ASSERT_GE(fifth, 0);
  EXPECT_NE(second, fifth);
  EXPECT_EQ(structure.scans[6].components[0].dc_table, -1); // a DC refinement has no codes
}

TEST(JpegStructure, StandardTablesAreLibjpegs) {
  jpeg_compress_struct libjpeg;
  jpeg_error_mgr errors;
  libjpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&libjpeg);
  libjpeg.input_components = 3;
  libjpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&libjpeg);
  for (unsigned destination : {0u, 1u})
    for (HuffmanTable::Class table_class : {HuffmanTable::dc, HuffmanTable::ac}) {
      const HuffmanTable ours = jpeg::standard_table(table_class, destination);
      const JHUFF_TBL *theirs = table_class == HuffmanTable::dc ? libjpeg.dc_huff_tbl_ptrs[destination]
                                                                : libjpeg.ac_huff_tbl_ptrs[destination];
      EXPECT_TRUE(std::equal(ours.counts.begin(), ours.counts.end(), theirs->bits + 1));
      EXPECT_TRUE(std::equal(ours.values.begin(), ours.values.begin() + ours.size, theirs->huffval));
    }
  jpeg_destroy_compress(&libjpeg);
}

TEST(JpegFacts, TellWhatAPictureIs) {
  using Colour = JpegWishes::Colour;
  const auto facts = [](const JpegWishes &wishes) { return check(jpeg_format, make_jpeg(wishes)).facts; };
  const Facts plain = facts({.width = 97, .height = 33});
  EXPECT_EQ(plain.width, 97u);
  EXPECT_EQ(plain.height, 33u);
  EXPECT_EQ(plain.channels, 3u);
  EXPECT_EQ(plain.bits, 8u);
  EXPECT_EQ(plain.frames, 1u);
  EXPECT_EQ(plain.decoded_bytes, 97u * 33 * 3);
  EXPECT_EQ(plain.colour, datavet::Colour::ycbcr);
  EXPECT_FALSE(plain.progressive);
  EXPECT_EQ(plain.orientation, 0);
  EXPECT_TRUE(facts({.progressive = true}).progressive);
  EXPECT_EQ(facts({.exif_orientation = 8}).orientation, 8);
  EXPECT_EQ(facts({.colour = Colour::grey}).colour, datavet::Colour::grey);
  EXPECT_EQ(facts({.colour = Colour::rgb}).colour, datavet::Colour::rgb);
  EXPECT_EQ(facts({.colour = Colour::cmyk}).colour, datavet::Colour::cmyk);
  EXPECT_EQ(facts({.colour = Colour::ycck}).colour, datavet::Colour::ycck);
}

TEST(JpegFacts, AreKnownAtHeaderDepth) {
  const Blob sample = make_jpeg();
  const Blob cut = truncate(sample, piece(sample, 0xC0).end());
  const Evidence evidence = check(jpeg_format, cut, Depth::header);
  EXPECT_TRUE(evidence.findings.empty()) << describe(evidence);
  EXPECT_EQ(evidence.facts.width, 96u);
}

TEST(JpegOutline, ListsEverySegmentInOrder) {
  const Blob sample = make_jpeg({.exif_orientation = 1});
  Outline outline;
  Evidence evidence;
  evidence.outline = &outline;
  jpeg_format.check(sample, CheckOptions{}, evidence);
  std::string names;
  std::uint64_t covered = 0;
  for (const Segment &segment : outline.segments()) {
    names += segment.name + " ";
    EXPECT_EQ(segment.offset, covered) << segment.name;
    covered = segment.offset + segment.length;
  }
  EXPECT_EQ(names, "SOI APP0 APP1 DQT DQT SOF0 DHT DHT DHT DHT SOS entropy-coded data EOI ");
  EXPECT_EQ(covered, sample.size());
}

TEST(JpegSniff, AsksForThreeBytes) {
  EXPECT_TRUE(jpeg_format.sniff(Blob{0xFF, 0xD8, 0xFF}));
  EXPECT_FALSE(jpeg_format.sniff(Blob{0xFF, 0xD8}));
  EXPECT_FALSE(jpeg_format.sniff(Blob{0xFF, 0xD8, 0x00, 0xE0}));
  EXPECT_FALSE(jpeg_format.sniff(Blob{}));
}

TEST(JpegZeros, AHoleIsFoundButAFlatPictureIsNot) {
  Blob holed = make_jpeg({.width = 400, .height = 400, .quality = 95});
  const std::size_t data = piece(holed, entropy_coded).offset;
  const std::size_t hole = (data / 512 + 4) * 512;
  ASSERT_LT(hole + 8192, piece(holed, entropy_coded).end());
  const Evidence evidence = check(jpeg_format, zero(holed, hole, 8192));
  ASSERT_TRUE(has(evidence, any::zero_run)) << describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].offset, hole);
  // The flat good sample holds as many zero bytes, all of them data: GoodSamplesBreakNone judges it.
  const Blob flat = make_jpeg({.width = 2048, .height = 2048, .optimised = true, .noise = 0, .flat = true});
  const Blob zeros(4096, 0);
  EXPECT_NE(std::search(flat.begin(), flat.end(), zeros.begin(), zeros.end()), flat.end());
}

} // namespace

} // namespace datavet::test
