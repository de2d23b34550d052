// Our check against libjpeg-turbo on the same mutants: each kind of disagreement is named here.
#include <csetjmp>
#include <cstdio>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>
#include <jerror.h>
#include <jpeglib.h>

#include "formats/jpeg/decode.h"
#include "formats/jpeg/jpeg.h"
#include "formats/jpeg/rules.h"
#include "tests/formats/jpeg/damages.h"
#include "tests/formats/jpeg/good_jpegs.h"
#include "tests/formats/jpeg/mutate.h"
#include "tests/support/check.h"

namespace datavet::test {

namespace {

/// What libjpeg alone says, by its own source manager and without datavet's code.
struct Opinion {
  bool asked = true; ///< not about sizes that would take long
  bool failed = false;
  std::set<int> warnings;
};

struct PlainDecoder {
  jpeg_decompress_struct libjpeg;
  jpeg_error_mgr errors;
  std::jmp_buf give_up;
  bool too_large;
  int codes[64];
  int code_count;
};

PlainDecoder &owner(j_common_ptr libjpeg) { return *static_cast<PlainDecoder *>(libjpeg->client_data); }

bool run(PlainDecoder &decoder, const Blob &sample) {
  if (setjmp(decoder.give_up) != 0) return false;
  jpeg_create_decompress(&decoder.libjpeg);
  jpeg_mem_src(&decoder.libjpeg, sample.data(), static_cast<unsigned long>(sample.size()));
  jpeg_read_header(&decoder.libjpeg, TRUE);
  if (decoder.libjpeg.image_width * std::uint64_t{decoder.libjpeg.image_height} > 16'000'000) {
    decoder.too_large = true;
    return true;
  }
  if (decoder.libjpeg.num_components == 4) decoder.libjpeg.out_color_space = JCS_CMYK;
  jpeg_start_decompress(&decoder.libjpeg);
  JSAMPARRAY row = decoder.libjpeg.mem->alloc_sarray(
      reinterpret_cast<j_common_ptr>(&decoder.libjpeg), JPOOL_IMAGE,
      decoder.libjpeg.output_width * static_cast<JDIMENSION>(decoder.libjpeg.output_components), 1);
  while (decoder.libjpeg.output_scanline < decoder.libjpeg.output_height)
    jpeg_read_scanlines(&decoder.libjpeg, row, 1);
  jpeg_finish_decompress(&decoder.libjpeg);
  return true;
}

Opinion opinion_of_libjpeg(const Blob &sample) {
  PlainDecoder decoder{};
  decoder.libjpeg.err = jpeg_std_error(&decoder.errors);
  decoder.errors.error_exit = [](j_common_ptr libjpeg) { std::longjmp(owner(libjpeg).give_up, 1); };
  decoder.errors.emit_message = [](j_common_ptr libjpeg, int level) {
    PlainDecoder &self = owner(libjpeg);
    if (level < 0 && self.code_count < 64) self.codes[self.code_count++] = self.errors.msg_code;
  };
  decoder.libjpeg.client_data = &decoder;
  Opinion opinion;
  opinion.failed = !run(decoder, sample);
  opinion.asked = !decoder.too_large;
  opinion.warnings = {decoder.codes, decoder.codes + decoder.code_count};
  jpeg_destroy_decompress(&decoder.libjpeg);
  return opinion;
}

std::vector<Blob> small_good_jpegs() {
  std::vector<Blob> seeds;
  for (const GoodJpeg &good : good_jpegs())
    if (good.bytes.size() < 20'000) seeds.push_back(good.bytes);
  return seeds;
}

/// Errors of ours about which libjpeg, asked in the plain way, says nothing at all.
const std::map<std::string_view, std::string_view> refused_by_us_alone = {
    {"jpeg.metadata.short", "Pillow's Image.open raises on it; libjpeg does not read that metadata"},
    {"jpeg.marker.unknown", "TEM before the first scan: libjpeg skips it, Pillow raises 'no marker found'"},
    {"jpeg.scans.component", "libjpeg fills a component without a scan with grey, silently"},
    {"jpeg.scan.code", "with 512 bytes a block at hand libjpeg-turbo takes an invalid code for a zero"},
    {"jpeg.scan.symbol", "libjpeg takes a zero-sized symbol for EOB, and impossible sizes as they come"},
    {"jpeg.scan.coefficient", "libjpeg drops or misplaces coefficients past the end of the band"},
    {"jpeg.scan.dc_value", "libjpeg clamps or wraps the samples"},
    {"jpeg.scan.eob_run", "libjpeg forgets the rest of a run at the end of the scan"},
    {"jpeg.scan.extra", "libjpeg reports skipped bytes only if it looks for a marker there"},
};

bool accepts_silently(const Opinion &opinion) {
  return opinion.asked && !opinion.failed && opinion.warnings.empty();
}

TEST(JpegDifferential, WhatWeRefuseAndLibjpegAcceptsSilentlyIsNamedAndHappens) {
  std::mt19937 random(7);
  const std::vector<Blob> seeds = small_good_jpegs();
  std::map<std::string_view, int> alone;
  for (const Damage &damage : damages()) {
    const Evidence ours = check(jpeg_format, damage.sample, Depth::content, damage.limits);
    if (ours.findings.any_at_least(Severity::error) && accepts_silently(opinion_of_libjpeg(damage.sample)))
      ++alone[damage.rule];
  }
  int refused = 0;
  for (int round = 0; round < 30'000; ++round) {
    const Blob mutant = mutate(seeds[static_cast<std::size_t>(round) % seeds.size()], random);
    const Evidence ours = check(jpeg_format, mutant);
    if (!ours.findings.any_at_least(Severity::error)) continue;
    ++refused;
    const Opinion theirs = opinion_of_libjpeg(mutant);
    if (!accepts_silently(theirs)) continue;
    for (const Finding &finding : ours.findings.list())
      if (finding.rule->severity == Severity::error) {
        ++alone[finding.rule->id];
        EXPECT_TRUE(refused_by_us_alone.contains(finding.rule->id)) << "round " << round << "\n"
                                                                    << describe(ours);
      }
  }
  EXPECT_GT(refused, 5'000);
  for (const auto &[rule, reason] : refused_by_us_alone)
    EXPECT_TRUE(alone.contains(rule)) << rule << ": " << reason;
  for (const auto &[rule, times] : alone)
    std::printf("refused by us alone: %s, %d times\n", std::string(rule).c_str(), times);
}

TEST(JpegDifferential, WhatLibjpegRefusesOrWarnsOfWeRefuse) {
  std::mt19937 random(11);
  const std::vector<Blob> seeds = small_good_jpegs();
  int structural = 0;
  for (int round = 0; round < 20'000; ++round) {
    const Blob mutant = mutate(seeds[static_cast<std::size_t>(round) % seeds.size()], random);
    const Opinion theirs = opinion_of_libjpeg(mutant);
    const Evidence ours = check(jpeg_format, mutant);
    const Verdict verdict = ours.findings.verdict();
    if (verdict == Verdict::corrupt || verdict == Verdict::unchecked) continue;
    Evidence decoded;
    jpeg_decode({.bytes = mutant}, Limits{}, decoded);
    // An error of libjpeg is about structure, so our own check should have found it.
    EXPECT_FALSE(theirs.failed) << "round " << round << "\n" << describe(ours) << describe(decoded);
    structural += theirs.failed ? 1 : 0;
    // The decoder passes over these: check() must have said the same.
    const auto said = [&](int code) { return theirs.warnings.contains(code); };
    EXPECT_TRUE(!said(JWRN_NOT_SEQUENTIAL) || has(ours, jpeg::sos_sequential)) << describe(ours);
    EXPECT_TRUE(!said(JWRN_JFIF_MAJOR) || has(ours, jpeg::jfif_fields)) << describe(ours);
    EXPECT_TRUE(!said(JWRN_ADOBE_XFORM) || has(ours, jpeg::adobe_fields)) << describe(ours);
    EXPECT_FALSE(said(JWRN_BOGUS_PROGRESSION)) << describe(ours);
    // We call nothing sound in which it finds damage; nor does its worker find any, whatever it is fed with.
    const bool damage =
        said(JWRN_HIT_MARKER) || said(JWRN_HUFF_BAD_CODE) || said(JWRN_JPEG_EOF) || said(JWRN_MUST_RESYNC);
    EXPECT_FALSE(damage) << "round " << round << "\n" << describe(ours) << describe(decoded);
    EXPECT_NE(decoded.findings.verdict(), Verdict::corrupt) << "round " << round << "\n"
                                                            << describe(ours) << describe(decoded);
    EXPECT_TRUE(!said(JWRN_EXTRANEOUS_DATA) || verdict == Verdict::suspect) << describe(ours);
  }
  EXPECT_EQ(structural, 0);
}

} // namespace

} // namespace datavet::test
