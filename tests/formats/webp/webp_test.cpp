#include "formats/webp/webp.h"

#include <array>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "formats/webp/decode.h"
#include "formats/webp/rules.h"
#include "tests/formats/webp/webp_maker.h"
#include "tests/support/check.h"

namespace datavet::test {
namespace {

using enum WebpKind;

Evidence decode(const Blob &blob, Limits limits = {}) {
  GuardedBytes guarded{Bytes(blob)};
  Evidence evidence;
  webp_decode({guarded.bytes(), nullptr}, limits, evidence);
  return evidence;
}

Blob icc() { return chunk("ICCP", Blob(128, 7)); }
Blob exif() { return chunk("EXIF", Blob(31, 'e')); }
Blob xmp() { return chunk("XMP ", Blob(20, 'x')); }

std::map<std::string, Blob> good_samples() {
  std::map<std::string, Blob> samples{
      {"lossy", encode_webp(lossy, 33, 20)},
      {"lossy with alpha", encode_webp(lossy_alpha, 40, 30)},
      {"lossless", encode_webp(lossless, 31, 17)},
      {"lossless with alpha", encode_webp(lossless_alpha, 16, 16)},
      {"one pixel", encode_webp(lossless, 1, 1)},
      {"metadata", extended_webp(lossy, 24, 24, has_icc | has_exif | has_xmp, {icc()}, {exif(), xmp()})},
      {"announced, opaque", extended_webp(lossless, 24, 24, has_alpha)},
  };
  return samples;
}

/// Every rule of check(), with a file that breaks it and the offset of the finding.
struct Broken {
  const Rule &rule;
  Blob blob;
  std::uint64_t offset;
};

Blob frame(int width, int height, WebpKind kind = lossy) {
  return image_chunks(encode_webp(kind, width, height));
}

/// The ALPH chunk of a file, alone.
Blob alpha_chunk() {
  Blob images = frame(16, 16, lossy_alpha);
  const std::size_t size = images[4] | images[5] << 8;
  return truncate(images, 8 + size + size % 2);
}
Blob alpha_free(const Blob &images) { return erase(images, 0, alpha_chunk().size()); }

Blob simple(const Blob &images) { return riff({images}); }

std::vector<Broken> broken_samples() {
  using namespace webp;
  const Blob good = encode_webp(lossy, 32, 32);
  const Blob still = extended_webp(lossy, 16, 16, 0);
  const Blob animated = animated_webp(32, 32, 2);
  const Blob alpha_still = frame(16, 16, lossy_alpha);
  const std::size_t alpha_size = alpha_chunk().size();
  const Blob odd = chunk("EXIF", Blob(3, 'e'));
  const Blob unpadded = erase(extended_webp(lossy, 16, 16, has_exif, {}, {odd}),
                              extended_webp(lossy, 16, 16, has_exif, {}, {odd}).size() - 1, 1);
  const auto with_riff_size = [](Blob blob) {
    const std::size_t size = blob.size() - 8;
    for (unsigned i = 0; i < 4; ++i) blob[4 + i] = static_cast<std::uint8_t>(size >> (8 * i));
    return blob;
  };
  const Blob canvas_too_large =
      riff({chunk("VP8X", {0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), frame(16, 16)});
  Blob raw_alpha{0};
  raw_alpha.resize(1 + 16 * 16 - 2, 9);

  // RFC 6386 9.1: the size of the first partition lies in the upper 19 bits of the tag; nothing follows it.
  const std::uint32_t first_partition =
      static_cast<std::uint32_t>(good[20] | good[21] << 8 | good[22] << 16) >> 5;
  const Blob no_tokens(good.begin() + 20, good.begin() + 20 + 10 + first_partition);

  return {
      {riff_truncated, truncate(good, good.size() - 2), good.size() - 2},
      {riff_truncated, truncate(good, 9), 9},
      {riff_signature, flip_bit(good, 1), 0},
      {riff_size, set_byte(set_byte(good, 4, 4), 5, 0), 4},
      {riff_trailing, append(good, {1, 2, 3, 4}), good.size()},
      {chunk_size, with_riff_size(truncate(good, good.size() - 2)), 12},
      {chunk_size, with_riff_size(append(still, {'E', 'X', 'I'})), still.size()},
      {chunk_unpadded, with_riff_size(unpadded), unpadded.size() - 11},
      {chunk_padding, set_byte(extended_webp(lossy, 16, 16, has_exif, {}, {odd}), unpadded.size(), 1),
       unpadded.size()},
      {chunk_unknown, extended_webp(lossy, 16, 16, 0, {chunk("ABCD", Blob(4, 1))}), 30},
      {chunk_name, extended_webp(lossy, 16, 16, 0, {chunk("AB\1D", Blob(4, 1))}), 30},
      {chunk_order, extended_webp(lossy, 16, 16, has_icc, {}, {icc()}), still.size()},
      {chunk_duplicate, extended_webp(lossy, 16, 16, has_exif, {exif(), exif()}), 30 + exif().size()},
      {first_chunk, riff({exif(), frame(16, 16)}), 12},
      {image_missing, riff({vp8x(has_exif, 16, 16), exif()}), 12},
      {image_missing, riff({vp8x(has_animation, 16, 16), anim(), anmf(0, 0, 16, 16, 1, {})}), 12 + 18 + 14},
      {image_second, extended_webp(lossy, 16, 16, 0, {}, {frame(16, 16)}), still.size()},
      {image_second,
       riff({vp8x(has_animation, 16, 16), anim(),
             anmf(0, 0, 16, 16, 1, append(frame(16, 16), frame(16, 16)))}),
       12 + 18 + 14 + 24 + frame(16, 16).size()},
      {image_canvas, riff({vp8x(0, 17, 16), frame(16, 16)}), 30},
      {image_limit, riff({vp8x(has_animation, 65536, 16384), anim(), anmf(0, 0, 16, 16, 1, frame(16, 16))}),
       24},
      {simple_extra, riff({frame(16, 16), exif()}), 12 + frame(16, 16).size()},
      {simple_extra, with_riff_size(append(riff({frame(16, 16), chunk("ICMT", {})}), {'a', 'b'})),
       12 + frame(16, 16).size() + 8},
      {chunk_size, with_riff_size(append(good, {0})), good.size()},
      {vp8x_size, riff({chunk("VP8X", Blob(12, 0)), frame(16, 16)}), 12},
      {vp8x_flags, set_byte(still, 20, 0x40), 20},
      {vp8x_reserved, set_byte(still, 22, 1), 21},
      {vp8x_canvas, canvas_too_large, 24},
      {vp8x_second, extended_webp(lossy, 16, 16, 0, {vp8x(0, 16, 16)}), 30},
      {vp8x_metadata, extended_webp(lossy, 16, 16, has_icc), 20},
      {vp8x_metadata, extended_webp(lossy, 16, 16, 0, {}, {exif()}), 20},
      {vp8x_alpha, riff({vp8x(0, 16, 16), alpha_still}), 20},
      {vp8x_animation, riff({vp8x(has_animation, 16, 16), frame(16, 16)}), 30},
      {vp8x_animation, set_byte(animated, 20, 0), 44},
      {anim_missing, erase(with_riff_size(erase(animated, 30, 14)), 0, 0), 30},
      {anim_size,
       riff({vp8x(has_animation, 16, 16), chunk("ANIM", Blob(4, 0)), anmf(0, 0, 16, 16, 1, frame(16, 16))}),
       30},
      {anim_loaders, animated, 12},
      {anmf_size, riff({vp8x(has_animation, 16, 16), anim(), chunk("ANMF", Blob(8, 0))}), 44},
      {anmf_bounds, riff({vp8x(has_animation, 16, 16), anim(), anmf(2, 0, 16, 16, 1, frame(16, 16))}), 44},
      {anmf_bounds, riff({vp8x(has_animation, 32, 32), anim(), anmf(0, 0, 16, 16, 1, frame(33, 16))}), 68},
      {anmf_frame, riff({vp8x(has_animation, 32, 32), anim(), anmf(0, 0, 32, 32, 1, frame(16, 16))}), 68},
      {anmf_reserved,
       set_byte(riff({vp8x(has_animation, 16, 16), anim(), anmf(0, 0, 16, 16, 1, frame(16, 16))}), 67, 4),
       67},
      {alph_order, riff({vp8x(has_alpha, 16, 16), alpha_free(alpha_still), alpha_chunk()}),
       30 + alpha_still.size() - alpha_size},
      {alph_order, riff({vp8x(has_alpha, 16, 16), alpha_chunk(), alpha_still}), 30},
      {alph_order, riff({vp8x(has_alpha, 16, 16), alpha_chunk()}), 30},
      {alph_header, set_byte(riff({vp8x(has_alpha, 16, 16), alpha_still}), 38, 0x02), 38},
      {alph_size, riff({vp8x(has_alpha, 16, 16), chunk("ALPH", raw_alpha), alpha_free(alpha_still)}), 38},
      {vp8_header, flip_bit(good, 20), 20},    // not a key frame
      {vp8_header, set_byte(good, 23, 0), 20}, // start code
      {vp8_header, zero(good, 26, 2), 20},     // no width
      {vp8_header, simple(chunk("VP8 ", {0x10, 0})), 20},
      {vp8_partitions, simple(chunk("VP8 ", no_tokens)), 12 + 8 + no_tokens.size()},
      {vp8l_header, set_byte(encode_webp(lossless, 16, 16), 20, 0x2e), 20},
      {vp8l_header, flip_bit(encode_webp(lossless, 16, 16), 24, 7), 20},
  };
}

TEST(Webp, RecognisesItsSignatureOnly) {
  const Blob good = encode_webp(lossy, 8, 8);
  EXPECT_TRUE(webp_format.sniff(Bytes(good)));
  EXPECT_FALSE(webp_format.sniff(Bytes(good).first(11)));
  const Blob wave{'R', 'I', 'F', 'F', 4, 0, 0, 0, 'W', 'A', 'V', 'E'};
  EXPECT_FALSE(webp_format.sniff(Bytes(wave)));
}

TEST(Webp, GoodSamplesHaveNoFinding) {
  for (const auto &[name, blob] : good_samples()) {
    SCOPED_TRACE(name);
    for (Depth depth : {Depth::header, Depth::structure, Depth::content, Depth::decode})
      expect_clean(webp_format, blob, depth);
    const Evidence decoded = decode(blob);
    EXPECT_TRUE(decoded.findings.empty()) << describe(decoded);
  }
}

TEST(Webp, TellsTheFacts) {
  const Facts still = check(webp_format, encode_webp(lossy, 33, 20)).facts;
  EXPECT_EQ(still.width, 33u);
  EXPECT_EQ(still.height, 20u);
  EXPECT_EQ(still.channels, 3u);
  EXPECT_EQ(still.frames, 1u);
  EXPECT_EQ(still.decoded_bytes, 33u * 20 * 3);
  const Facts clear = check(webp_format, encode_webp(lossless_alpha, 16, 9)).facts;
  EXPECT_EQ(clear.colour, Colour::rgba);
  const Blob animated = animated_webp(32, 24, 3);
  EXPECT_EQ(check(webp_format, animated).facts.frames, 3u);
  EXPECT_EQ(decode(animated).facts.frames, 3u);
}

TEST(Webp, AnAnimationIsDecodedFrameByFrame) {
  const Blob animated = animated_webp(32, 32, 3);
  const Evidence good = decode(animated);
  EXPECT_TRUE(good.findings.empty()) << describe(good);
  const Evidence checked = check(webp_format, animated);
  EXPECT_EQ(checked.findings.verdict(), Verdict::suspect) << describe(checked);
}

TEST(Webp, EachDamageGivesOneFindingAtItsPlace) {
  for (const Broken &broken : broken_samples()) {
    SCOPED_TRACE(broken.rule.id);
    Evidence evidence = check(webp_format, broken.blob);
    std::vector<Finding> findings = evidence.findings.take();
    // What else is said of any animation, and of any chunk that the specification does not know.
    std::erase_if(findings, [&](const Finding &finding) {
      return finding.rule != &broken.rule &&
             (finding.rule == &webp::anim_loaders || finding.rule == &webp::chunk_unknown);
    });
    ASSERT_EQ(findings.size(), 1u) << describe(check(webp_format, broken.blob));
    EXPECT_EQ(findings[0].rule->id, broken.rule.id) << findings[0].detail;
    EXPECT_EQ(findings[0].offset, broken.offset) << findings[0].detail;
    EXPECT_LE(findings[0].length, broken.blob.size() - findings[0].offset);
    EXPECT_FALSE(findings[0].detail.empty());
  }
}

TEST(Webp, EveryRuleHasASampleThatBreaksIt) {
  std::set<std::string_view> broken{webp::decode_container.id, webp::decode_image.id}; // the tests below
  for (const Broken &sample : broken_samples()) broken.insert(sample.rule.id);
  for (const Rule *rule : webp::all_rules) EXPECT_TRUE(broken.contains(rule->id)) << rule->id;
}

TEST(Webp, NoPrefixIsHealthy) {
  for (const auto &[name, blob] : good_samples()) {
    SCOPED_TRACE(name);
    for (std::size_t size = 0; size < blob.size(); ++size)
      ASSERT_EQ(check(webp_format, truncate(blob, size)).findings.verdict(), Verdict::corrupt) << size;
  }
}

TEST(Webp, LibwebpRefusesWhatItCannotDecode) {
  const Blob good = encode_webp(lossless, 64, 64);
  EXPECT_TRUE(has(decode(truncate(good, good.size() - 2)), webp::decode_container));
  const Blob broken = zero(good, 30, 20); // the Huffman codes at the start of the stream
  EXPECT_TRUE(has(decode(broken), webp::decode_image)) << describe(decode(broken));
  const Blob animated =
      riff({vp8x(has_animation, 64, 64), anim(), anmf(0, 0, 64, 64, 40, frame(64, 64, lossy)),
            anmf(0, 0, 64, 64, 40, frame(64, 64, lossless))});
  const std::size_t second = 44 + 24 + frame(64, 64, lossy).size() + 24;
  const Evidence evidence = decode(zero(animated, second + 18, 20));
  ASSERT_TRUE(has(evidence, webp::decode_image)) << describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].offset, second) << describe(evidence);
}

TEST(Webp, ALargeImageIsNotDecoded) {
  Limits limits;
  limits.pixels = 100;
  EXPECT_TRUE(has(decode(encode_webp(lossless, 16, 16), limits), webp::image_limit));
  EXPECT_EQ(check(webp_format, encode_webp(lossless, 16, 16), Depth::header, limits).findings.verdict(),
            Verdict::unchecked);
}

TEST(Webp, TheOutlineNamesEveryChunk) {
  const Blob blob = extended_webp(lossy, 24, 24, has_exif, {}, {exif()});
  Outline outline;
  Evidence evidence;
  evidence.outline = &outline;
  webp_format.check(Bytes(blob), {}, evidence);
  std::string names;
  for (const Segment &segment : outline.segments()) names += segment.name + "|";
  EXPECT_EQ(names, "RIFF|VP8X|VP8 |EXIF|");
}

TEST(Webp, MutationsNeverCrashAndAnswerTheSame) {
  std::mt19937 random(7);
  std::vector<Blob> seeds;
  for (const auto &[name, blob] : good_samples()) seeds.push_back(blob);
  seeds.push_back(animated_webp(16, 16, 3));
  for (int round = 0; round < 30000; ++round) {
    Blob blob = seeds[random() % seeds.size()];
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes)
      blob[random() % (random() % 2 == 0 ? std::min<std::size_t>(blob.size(), 64) : blob.size())] =
          static_cast<std::uint8_t>(random());
    if (random() % 8 == 0) blob = truncate(blob, random() % blob.size());
    const Evidence first = check(webp_format, blob);
    ASSERT_EQ(describe(first), describe(check(webp_format, blob)));
    for (const Finding &finding : first.findings.list()) {
      ASSERT_LE(finding.offset, blob.size()) << describe(first);
      ASSERT_LE(finding.length, blob.size() - finding.offset) << describe(first);
    }
    // Our check and the demuxer agree: what Pillow refuses is found without asking libwebp.
    if (!first.findings.any_at_least(Severity::error)) {
      Limits limits;
      limits.pixels = 1 << 16;
      ASSERT_FALSE(has(decode(blob, limits), webp::decode_container))
          << describe(first)
          << testing::PrintToString(truncate(blob, std::min<std::size_t>(blob.size(), 80)));
    }
  }
}

} // namespace
} // namespace datavet::test
