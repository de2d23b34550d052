#include "formats/tiff/tiff.h"

#include <map>
#include <random>
#include <set>

#include "formats/tiff/decode.h"
#include "formats/tiff/rules.h"
#include "tests/formats/tiff/tiff_writer.h"
#include "tests/support/check.h"

namespace datavet::test {
namespace {

Evidence decode(const Blob &blob, Limits limits = {}) {
  GuardedBytes guarded{Bytes(blob)};
  Evidence evidence;
  tiff_decode({guarded.bytes(), nullptr}, limits, evidence);
  return evidence;
}

TiffPage grey() { return picture_page({}); }
TiffPage deflated() { return picture_page({.compression = 8}); }

TiffPage palette_page() {
  TiffPage page = grey();
  page.set({262, short_type, {3}}).set({320, short_type, std::vector<std::uint64_t>(3 * 256, 77)});
  return page;
}

/// The second directory of an Exif file: a JPEG thumbnail without dimensions.
TiffPage thumbnail_page() {
  TiffPage page;
  page.set({259, short_type, {6}}).set({513, long_type, {8}}).set({514, long_type, {4}});
  return page;
}

std::map<std::string, Blob> good_samples() {
  std::map<std::string, Blob> samples;
  for (ByteOrder order : {ByteOrder::little, ByteOrder::big})
    for (Flavour flavour : {Flavour::classic, Flavour::big})
      for (unsigned compression : {1u, 5u, 8u, 32773u, 32946u})
        for (unsigned tile : {0u, 16u}) {
          const TiffPicture picture{
              .samples = 3, .bits = tile == 0 ? 8u : 16u, .compression = compression, .tile = tile};
          samples[std::string(order == ByteOrder::little ? "II" : "MM") +
                  (flavour == Flavour::big ? " big" : "") + " compression " + std::to_string(compression) +
                  (tile > 0 ? " tiles" : " strips")] =
              write_tiff({picture_page(picture, order)}, order, flavour).bytes;
        }
  samples["alpha"] = write_tiff({picture_page({.samples = 4})}).bytes;
  samples["palette"] = write_tiff({palette_page()}).bytes;
  samples["one strip"] = write_tiff({picture_page({.rows_per_strip = 0xffff})}).bytes;
  samples["pages"] = write_tiff({grey(), deflated(), palette_page()}).bytes;
  samples["thumbnail"] = write_tiff({grey(), thumbnail_page()}).bytes;
  TiffPage parent = grey();
  parent.children = {picture_page({.width = 12, .height = 10}), picture_page({.width = 6, .height = 5})};
  samples["SubIFDs"] = write_tiff({parent}).bytes;
  return samples;
}

void poke(Blob &blob, std::uint64_t at, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    blob.at(at + static_cast<std::uint64_t>(i)) = static_cast<std::uint8_t>(value >> (8 * i));
}
Blob poked(Blob blob, std::uint64_t at, std::uint64_t value, int bytes = 4) {
  poke(blob, at, value, bytes);
  return blob;
}

/// A file that breaks a rule, and the offset of the finding.
struct Broken {
  const Rule &rule;
  Blob blob;
  std::uint64_t offset;
};

/// A page with one entry changed: the finding lies at that entry.
Broken changed(const Rule &rule, TiffPage page, TiffEntry entry) {
  const std::uint16_t tag = entry.tag;
  page.set(std::move(entry));
  const TiffFile file = write_tiff({page});
  return {rule, file.bytes, file.pages[0].entries.at(tag)};
}
/// A page that lacks an entry: the finding lies at the directory.
Broken without(const Rule &rule, TiffPage page, std::uint16_t tag) {
  const TiffFile file = write_tiff({page.remove(tag)});
  return {rule, file.bytes, file.pages[0].directory};
}

/// A grey page of `bytes` bytes of deflate in one strip.
TiffFile one_deflated_strip(const Blob &stream) {
  TiffPage page = picture_page({.compression = 8, .rows_per_strip = 64});
  page.pieces = {stream};
  return write_tiff({page});
}

std::vector<Broken> broken_directories() {
  using namespace tiff;
  const TiffFile good = write_tiff({grey()}), pages = write_tiff({grey(), grey()});
  const TiffFile big = write_tiff({grey()}, ByteOrder::little, Flavour::big);
  const TiffFile::Place &place = good.pages[0];
  const TiffFile planar = write_tiff({grey().set({284, short_type, {1}})}); // ResolutionUnit becomes one more
  TiffPage parent = grey();
  parent.children = {picture_page({.width = 12, .height = 10})};
  const TiffFile family = write_tiff({parent});
  const std::uint64_t software = place.entries.at(305), unit = place.entries.at(296);

  // Directories and their tables take 8 times the file and more: 200 pages share one table of offsets.
  TiffPage wide = picture_page({.width = 1, .height = 4000, .rows_per_strip = 1});
  std::vector<TiffPage> many(200, wide);
  TiffFile sharing = write_tiff({wide});
  const std::uint64_t table = sharing.pages[0].values.at(273), sizes = sharing.pages[0].values.at(279);
  for (TiffPage &page : many) {
    page.pieces.clear();
    page.set({273, long_type, {0}}).set({279, long_type, {0}});
  }
  many[0] = wide;
  sharing = write_tiff(many);
  for (std::size_t i = 1; i < sharing.pages.size(); ++i)
    for (const auto &[tag, at] : {std::pair<std::uint16_t, std::uint64_t>{273, table}, {279, sizes}}) {
      poke(sharing.bytes, sharing.pages[i].entries.at(tag) + 4, 4000, 4);
      poke(sharing.bytes, sharing.pages[i].entries.at(tag) + 8, at, 4);
    }

  std::vector<Broken> samples{
      {header, set_byte(good.bytes, 0, 'J'), 0},
      {header, set_byte(good.bytes, 2, 44), 0},
      {header, set_byte(big.bytes, 4, 4), 4},
      {ifd_outside, truncate(good.bytes, 6), 6},
      {ifd_outside, truncate(good.bytes, place.directory), place.directory},
      {ifd_outside, truncate(good.bytes, place.directory + 30), place.directory},
      {ifd_outside, truncate(good.bytes, good.bytes.size() - 1), place.next},
      {ifd_outside, poked(good.bytes, place.next, 0x7fffffff), good.bytes.size()},
      {ifd_missing, poked(good.bytes, 4, 0), 4},
      {ifd_count, poked(good.bytes, place.directory, 0, 2), place.directory},
      {ifd_count, poked(good.bytes, place.directory, 5000, 2), place.directory},
      {ifd_loop, poked(pages.bytes, pages.pages[1].next, pages.pages[0].directory), pages.pages[0].directory},
      {ifd_child, poked(family.bytes, family.pages[0].values.at(330), 0x7fffffff), family.bytes.size()},
      {ifd_child, poked(family.bytes, family.children[0].directory, 0, 2), family.children[0].directory},
      {entry_order, poked(good.bytes, unit, 0x9000, 2), software},
      {entry_type, poked(good.bytes, software + 2, 99, 2), software + 2},
      {entry_outside, poked(good.bytes, software + 8, 0x7fffffff), software},
      {entry_outside, poked(good.bytes, software + 4, 0xffffffff), software},
      {entry_outside, poked(big.bytes, big.pages[0].entries.at(305) + 4, ~std::uint64_t{0}, 8),
       big.pages[0].entries.at(305)},
      {entry_twice, poked(planar.bytes, planar.pages[0].entries.at(296), 284, 2),
       planar.pages[0].entries.at(296)},
      without(entry_required, grey(), 256),
      without(entry_required, grey(), 257),
      without(entry_required, grey(), 262),
      without(entry_required, picture_page({.samples = 3}), 258),
      {ifd_overlap, sharing.bytes, sharing.bytes.size()},
  };
  return samples;
}

std::vector<Broken> broken_images() {
  using namespace tiff;
  TiffPage raw_camera = grey(), sparse = grey(), empty = grey();
  raw_camera.set({50706, byte_type, {1, 4, 0, 0}});
  const TiffFile good = write_tiff({grey()});
  const TiffFile::Place &place = good.pages[0];
  const std::uint64_t offsets = place.values.at(273), counts = place.values.at(279);
  const Blob no_offset = poked(poked(good.bytes, offsets + 4, 0), counts + 4, 0);
  TiffPage fewer = grey(), more = grey();
  fewer.pieces.pop_back();
  more.pieces.push_back(more.pieces[0]);
  const TiffFile few = write_tiff({fewer}), many = write_tiff({more});
  TiffPage no_counts = deflated();
  TiffFile uncounted = write_tiff({no_counts});
  uncounted.bytes = poked(uncounted.bytes, uncounted.pages[0].entries.at(279), 280, 2); // MinSampleValue
  TiffPage wrong_tile = picture_page({.tile = 16});
  TiffPage huge = picture_page({.compression = 8, .rows_per_strip = 0xffff});
  huge.set({256, long_type, {100000}}).set({257, long_type, {100000}}).set({278, long_type, {100000}});
  TiffPage overlapping = picture_page({.width = 1, .height = 64, .compression = 32773, .rows_per_strip = 1});
  TiffFile overlap = write_tiff({overlapping});
  for (std::uint64_t i = 0; i < 64; ++i) {
    poke(overlap.bytes, overlap.pages[0].values.at(273) + 4 * i, 8 + i, 4);
    poke(overlap.bytes, overlap.pages[0].values.at(279) + 4 * i, 600, 4);
  }

  std::vector<Broken> samples{
      changed(entry_value, grey(), {256, short_type, {0}}),
      changed(entry_value, grey(), {256, short_type, {24, 24}}),
      changed(entry_value, grey(), {257, rational_type, {20}}),
      changed(entry_value, grey(), {258, byte_type, {8}}),
      changed(entry_value, grey(), {258, short_type, {65}}),
      changed(entry_value, grey(), {277, short_type, {0}}),
      changed(entry_value, grey(), {278, short_type, {0}}),
      changed(entry_value, grey(), {284, short_type, {3}}),
      changed(entry_value, grey(), {266, short_type, {3}}),
      changed(entry_value, grey(), {339, short_type, {9}}),
      changed(entry_value, grey(), {262, short_type, {7777}}),
      changed(entry_value, grey(), {282, byte_type, {1}}),
      changed(entry_hint, grey(), {274, short_type, {9}}),
      changed(entry_hint, grey(), {296, short_type, {77}}),
      {image_samples, write_tiff({grey().set({262, short_type, {2}})}).bytes,
       write_tiff({grey()}).pages[0].directory},
      changed(image_samples, picture_page({.samples = 3}), {258, short_type, {8, 8}}),
      without(image_extra, picture_page({.samples = 4}).set({262, short_type, {1}}), 338),
      changed(image_depths, picture_page({.samples = 3}), {258, short_type, {5, 6, 5}}),
      without(image_colour_map, palette_page(), 320),
      changed(image_colour_map, palette_page(), {320, short_type, std::vector<std::uint64_t>(90, 1)}),
      changed(image_compression, grey(), {259, short_type, {34712}}),
      changed(image_unknown_compression, grey(), {259, short_type, {4711}}),
      changed(image_raw, raw_camera, {50706, byte_type, {1, 4, 0, 0}}),
      changed(image_raw, grey(), {262, short_type, {32803}}),
      {strips_count, few.bytes, few.pages[0].entries.at(273)},
      {strips_excess, many.bytes, many.pages[0].entries.at(273)},
      {strips_no_counts, uncounted.bytes, uncounted.pages[0].directory},
      {strips_outside, poked(good.bytes, offsets + 4, 0x7fffffff), good.bytes.size()},
      {strips_outside, poked(good.bytes, offsets + 4, good.bytes.size() - 3), good.bytes.size() - 3},
      {strips_empty, poked(good.bytes, counts + 4, 0), place.pieces[1]},
      {strips_sparse, no_offset, 0},
      {strips_size, poked(good.bytes, counts + 4, 100), place.pieces[1]},
      {strips_overlap, overlap.bytes, 8 + 3},
      changed(tile_size, picture_page({.width = 15, .compression = 8, .tile = 16}), {322, short_type, {15}}),
  };
  samples.push_back({strips_ratio, write_tiff({huge}).bytes, write_tiff({huge}).pages[0].directory});
  return samples;
}

std::vector<Broken> broken_streams() {
  using namespace tiff;
  const Blob stream = zlib_encode(Blob(24 * 20, 7));
  const TiffFile short_strip = one_deflated_strip(zlib_encode(Blob(24 * 19, 7)));
  const TiffFile bad_sum = one_deflated_strip(flip_bit(stream, stream.size() - 1));
  const TiffFile cut = one_deflated_strip(truncate(stream, stream.size() - 2));
  const TiffFile damaged = one_deflated_strip(set_byte(stream, 2, 0xff));
  return {
      {deflate_damaged, short_strip.bytes, short_strip.pages[0].pieces[0]},
      {deflate_damaged, damaged.bytes, damaged.pages[0].pieces[0]},
      {deflate_checksum, bad_sum.bytes, bad_sum.pages[0].pieces[0]},
      {deflate_unfinished, cut.bytes, cut.pages[0].pieces[0]},
  };
}

std::vector<Broken> broken_samples() {
  std::vector<Broken> all = broken_directories();
  for (const std::vector<Broken> &some : {broken_images(), broken_streams()})
    for (const Broken &broken : some) all.push_back(broken);
  return all;
}

TEST(Tiff, RecognisesItsSignaturesOnly) {
  for (const auto &[name, blob] : good_samples()) EXPECT_TRUE(tiff_format.sniff(Bytes(blob))) << name;
  const Blob canon{'I', 'I', 42, 0, 16, 0, 0, 0, 'C', 'R', 2, 0};
  const Blob short_file{'I', 'I', 42};
  const Blob mixed{'I', 'M', 42, 0};
  for (const Blob &other : {canon, short_file, mixed}) EXPECT_FALSE(tiff_format.sniff(Bytes(other)));
}

TEST(Tiff, GoodSamplesHaveNoFinding) {
  for (const auto &[name, blob] : good_samples()) {
    SCOPED_TRACE(name);
    for (Depth depth : {Depth::header, Depth::structure, Depth::checksum, Depth::content, Depth::decode})
      expect_clean(tiff_format, blob, depth);
    const Evidence decoded = decode(blob);
    EXPECT_TRUE(decoded.findings.empty()) << describe(decoded);
  }
}

TEST(Tiff, TellsTheFacts) {
  TiffPage page = picture_page({.width = 40, .height = 30, .samples = 3, .bits = 16});
  const Facts facts = check(tiff_format, write_tiff({page.set({274, short_type, {6}}), grey()}).bytes).facts;
  EXPECT_EQ(facts.width, 40u);
  EXPECT_EQ(facts.height, 30u);
  EXPECT_EQ(facts.channels, 3u);
  EXPECT_EQ(facts.bits, 16u);
  EXPECT_EQ(facts.frames, 2u);
  EXPECT_EQ(facts.colour, Colour::rgb);
  EXPECT_EQ(facts.orientation, 6u);
  EXPECT_EQ(facts.decoded_bytes, 40u * 30 * 6);
}

TEST(Tiff, EachDamageGivesOneFindingAtItsPlace) {
  for (const Broken &broken : broken_samples()) {
    SCOPED_TRACE(broken.rule.id);
    Evidence evidence = check(tiff_format, broken.blob);
    std::vector<Finding> findings = evidence.findings.take();
    if (&broken.rule == &tiff::strips_ratio) // the page is larger than the limits, too
      std::erase_if(findings, [](const Finding &finding) { return finding.rule == &tiff::image_limit; });
    ASSERT_EQ(findings.size(), 1u) << describe(check(tiff_format, broken.blob));
    EXPECT_EQ(findings[0].rule->id, broken.rule.id) << findings[0].detail;
    // Where patience with overlaps ends depends on the size of the file.
    if (&broken.rule != &tiff::ifd_overlap && &broken.rule != &tiff::strips_overlap) {
      EXPECT_EQ(findings[0].offset, broken.offset) << findings[0].detail;
    }
    EXPECT_LE(findings[0].length, broken.blob.size() - findings[0].offset);
    EXPECT_FALSE(findings[0].detail.empty());
  }
}

TEST(Tiff, LimitsHoldBeforeAnythingIsAllocated) {
  Limits limits;
  limits.pixels = 100;
  const Blob good = write_tiff({grey()}).bytes;
  EXPECT_TRUE(has(check(tiff_format, good, Depth::header, limits), tiff::image_limit));
  EXPECT_TRUE(has(decode(good, limits), tiff::image_limit));
  limits = {};
  limits.nesting = 1;
  TiffPage parent = grey(), child = picture_page({.width = 12, .height = 10});
  child.children = {picture_page({.width = 6, .height = 5})};
  parent.children = {child};
  EXPECT_TRUE(
      has(check(tiff_format, write_tiff({parent}).bytes, Depth::structure, limits), tiff::ifd_nesting));
  EXPECT_FALSE(has(check(tiff_format, write_tiff({parent}).bytes), tiff::ifd_nesting));
}

TEST(Tiff, LibtiffReportsWhatItCannotDecode) {
  const TiffFile short_strip = write_tiff({picture_page({.compression = 5})});
  const std::uint64_t strip = short_strip.pages[0].pieces[1];
  const Evidence lzw = decode(zero(short_strip.bytes, strip, 40));
  ASSERT_TRUE(has(lzw, tiff::decode_error)) << describe(lzw);
  EXPECT_EQ(lzw.findings.list()[0].offset, strip);
  const Blob good = write_tiff({grey()}).bytes;
  EXPECT_TRUE(has(decode(truncate(good, good.size() - 40)), tiff::decode_open));
  EXPECT_TRUE(has(decode(write_tiff({grey().remove(256)}).bytes), tiff::decode_open));
  TiffPage jpeg2000 = grey();
  EXPECT_TRUE(
      has(decode(write_tiff({jpeg2000.set({259, short_type, {34712}})}).bytes), tiff::decode_unsupported));
}

/// A baseline JPEG of 16 x 16 grey pixels whose entropy-coded data ends too early: two tables of one code
/// each.
Blob tiny_jpeg(bool whole) {
  Blob jpeg{0xff, 0xd8, 0xff, 0xdb, 0, 67, 0};
  jpeg.insert(jpeg.end(), 64, 1);
  jpeg.insert(jpeg.end(), {0xff, 0xc0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0});
  for (const Blob &table : {Blob{0x00}, Blob{0x10}}) { // one code, '0': difference 0, or end of block
    jpeg.insert(jpeg.end(), {0xff, 0xc4, 0, 20, table[0], 1});
    jpeg.insert(jpeg.end(), 16, 0);
  }
  jpeg.insert(jpeg.end(), {0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0});
  if (whole) jpeg.push_back(0x00); // 4 blocks of 2 bits
  jpeg.insert(jpeg.end(), {0xff, 0xd9});
  return jpeg;
}

TEST(Tiff, JpegDataThatEndsEarlyIsDamage) {
  TiffPage page = picture_page({.width = 16, .height = 16, .rows_per_strip = 16});
  page.set({259, short_type, {7}});
  page.pieces = {tiny_jpeg(true)};
  const Evidence good = decode(write_tiff({page}).bytes);
  EXPECT_TRUE(good.findings.empty()) << describe(good);
  page.pieces = {tiny_jpeg(false)};
  const Evidence cut = decode(write_tiff({page}).bytes);
  EXPECT_TRUE(has(cut, tiff::decode_damage)) << describe(cut);
}

TEST(Tiff, PackBitsThatOverrunARowGiveAWarning) {
  TiffPage page = picture_page({.compression = 32773, .rows_per_strip = 64});
  Blob repetitions; // 24 x 20 bytes need 4 repetitions of 120; the last has 8 too many
  for (int i = 0; i < 4; ++i)
    repetitions.insert(repetitions.end(), {static_cast<std::uint8_t>(i < 3 ? 137 : 129), 5});
  page.pieces = {repetitions};
  const Evidence evidence = decode(write_tiff({page}).bytes);
  EXPECT_TRUE(has(evidence, tiff::decode_warning)) << describe(evidence);
}

TEST(Tiff, EveryRuleHasASampleThatBreaksIt) {
  std::set<std::string_view> broken{
      tiff::image_limit.id,  tiff::ifd_nesting.id,   tiff::decode_open.id, // the tests above
      tiff::decode_error.id, tiff::decode_damage.id, tiff::decode_warning.id, tiff::decode_unsupported.id};
  for (const Broken &sample : broken_samples()) broken.insert(sample.rule.id);
  for (const Rule *rule : tiff::all_rules) EXPECT_TRUE(broken.contains(rule->id)) << rule->id;
}

TEST(Tiff, NoPrefixIsHealthy) {
  for (const auto &[name, blob] : good_samples()) {
    SCOPED_TRACE(name);
    for (std::size_t size = 0; size < blob.size(); ++size)
      ASSERT_EQ(check(tiff_format, truncate(blob, size)).findings.verdict(), Verdict::corrupt) << size;
  }
}

TEST(Tiff, EveryBitOfADeflatedStripIsGuarded) {
  const TiffFile file = write_tiff({picture_page({.width = 16, .height = 8, .compression = 8})});
  const std::uint64_t strip = file.pages[0].pieces[0];
  const std::uint64_t size = file.pages[0].directory - strip;
  for (std::uint64_t at = 0; at + 200 < size; ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      const Evidence evidence = check(tiff_format, flip_bit(file.bytes, strip + at, bit), Depth::checksum);
      // The compression level in FLG, with FCHECK, is the one thing that may change; one bit breaks FCHECK.
      ASSERT_FALSE(evidence.findings.empty()) << at << "." << bit;
    }
}

TEST(Tiff, MutationsNeverCrashAndAnswerTheSame) {
  std::mt19937 random(11);
  std::vector<Blob> seeds;
  for (const auto &[name, blob] : good_samples()) seeds.push_back(blob);
  for (int round = 0; round < 30000; ++round) {
    Blob blob = seeds[random() % seeds.size()];
    const std::size_t directory = blob.size() - std::min<std::size_t>(blob.size(), 300);
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes)
      blob[random() % 3 == 0 ? random() % blob.size() : directory + random() % (blob.size() - directory)] =
          static_cast<std::uint8_t>(random() % 4 == 0 ? random() % 4 : random());
    if (random() % 16 == 0) blob = truncate(blob, random() % blob.size());
    const Evidence first = check(tiff_format, blob);
    ASSERT_EQ(describe(first), describe(check(tiff_format, blob)));
    for (const Finding &finding : first.findings.list()) {
      ASSERT_LE(finding.offset, blob.size()) << describe(first);
      ASSERT_LE(finding.length, blob.size() - finding.offset) << describe(first);
    }
    if (round % 8 == 0) {
      Limits limits;
      limits.pixels = 1 << 20;
      limits.decoded_bytes = 1 << 24;
      const Evidence decoded = decode(blob, limits);
      for (const Finding &finding : decoded.findings.list())
        ASSERT_LE(finding.offset, blob.size()) << describe(decoded);
    }
  }
}

} // namespace
} // namespace datavet::test
