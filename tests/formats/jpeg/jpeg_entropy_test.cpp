// The scan data: our decoders against the reference decoder of the tests, verdict and place.
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "formats/jpeg/entropy/scan_data.h"
#include "formats/jpeg/jpeg.h"
#include "formats/jpeg/parse.h"
#include "formats/jpeg/rules.h"
#include "tests/formats/jpeg/good_jpegs.h"
#include "tests/formats/jpeg/mutate.h"
#include "tests/formats/jpeg/pieces.h"
#include "tests/formats/jpeg/reference_decoder.h"
#include "tests/support/check.h"

namespace datavet::test {

namespace {

using namespace jpeg;

const char *name_of(ScanFault::Kind kind) {
  constexpr const char *names[] = {"none",     "missing", "code",  "symbol",  "coefficient",
                                   "dc_value", "eob_run", "extra", "padding", "last bits"};
  return names[static_cast<std::size_t>(kind)];
}

std::string describe_outcome(const ScanDataOutcome &outcome) {
  std::string text = "clean";
  if (outcome.spoiled)
    text = std::string(name_of(outcome.spoiled->kind)) + " at " + std::to_string(outcome.spoiled->offset) +
           ", scan " + std::to_string(outcome.spoiled->scan) + ", MCU " +
           std::to_string(outcome.spoiled->mcu) + ", " + std::to_string(outcome.spoiled->segments) +
           " segments, " + std::to_string(outcome.spoiled->lost) + " lost";
  const auto add = [&](const char *name, const ScanDataOutcome::LeftOver &left) {
    if (left.times > 0)
      text += std::string(", ") + name + " at " + std::to_string(left.offset) + " x " +
              std::to_string(left.times);
  };
  add("padding", outcome.padding);
  add("last bits", outcome.last_bits);
  return text;
}

/// Pictures whose structure is sound, to be checked together.
class Together {
public:
  void add(Blob sample) {
    Evidence evidence;
    Structure structure = parse(sample, {Depth::structure, {}}, evidence);
    if (!structure.complete) return;
    samples_.push_back(std::make_unique<Blob>(std::move(sample)));
    structures_.push_back(std::make_unique<Structure>(std::move(structure)));
  }
  std::size_t size() const { return samples_.size(); }

  /// Compares all with the oracle, and returns how many were spoiled.
  int compare() {
    std::vector<Picture> pictures;
    std::vector<std::unique_ptr<GuardedBytes>> guarded;
    for (std::size_t i = 0; i < size(); ++i) {
      guarded.push_back(std::make_unique<GuardedBytes>(Bytes(*samples_[i])));
      pictures.push_back({guarded[i]->bytes(), structures_[i].get(), {}});
    }
    check_scan_data(pictures);
    int spoiled = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      EXPECT_EQ(describe_outcome(pictures[i].outcome), reference_outcome(*samples_[i], *structures_[i]));
      spoiled += pictures[i].outcome.spoiled ? 1 : 0;
    }
    samples_.clear();
    structures_.clear();
    return spoiled;
  }

private:
  std::vector<std::unique_ptr<Blob>> samples_;
  std::vector<std::unique_ptr<Structure>> structures_;
};

TEST(JpegEntropy, GoodSamplesAreClean) {
  Together together;
  for (const GoodJpeg &good : good_jpegs()) together.add(good.bytes);
  ASSERT_EQ(together.size(), good_jpegs().size());
  EXPECT_EQ(together.compare(), 0);
}

TEST(JpegEntropy, MutantsFareAsWithTheReferenceDecoder) {
  // DATAVET_MUTANTS: how many, for a longer run.
  const char *wanted = std::getenv("DATAVET_MUTANTS");
  const long rounds = wanted != nullptr ? std::atol(wanted) : 20'000;
  std::mt19937 random(wanted != nullptr ? static_cast<unsigned>(rounds) : 3u);
  std::vector<Blob> seeds;
  for (const GoodJpeg &good : good_jpegs())
    if (good.bytes.size() < 20'000) seeds.push_back(good.bytes);
  Together together;
  long compared = 0, spoiled = 0;
  for (long round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
    together.add(mutate(seeds[static_cast<std::size_t>(round) % seeds.size()], random));
    if (together.size() < 1 + static_cast<std::size_t>(round % 7)) continue;
    compared += static_cast<long>(together.size());
    spoiled += together.compare();
  }
  std::printf("%ld of %ld mutants compared, %ld spoiled\n", compared, rounds, spoiled);
  EXPECT_GT(compared, rounds / 4);
  EXPECT_GT(spoiled, rounds / 10);
}

TEST(JpegEntropy, EveryFlippedBitOfASmallScan) {
  for (const bool progressive : {false, true}) {
    const Blob good =
        make_jpeg({.width = 48, .height = 32, .quality = 60, .progressive = progressive, .noise = 20});
    const std::size_t begin = piece(good, entropy_coded).offset;
    Together together;
    int spoiled = 0;
    for (std::size_t at = begin; at + 2 < good.size(); ++at)
      for (unsigned bit = 0; bit < 8; ++bit) {
        together.add(flip_bit(good, at, bit));
        if (together.size() == 16) spoiled += together.compare();
      }
    spoiled += together.compare();
    EXPECT_GT(spoiled, 100);
  }
}

TEST(JpegEntropy, ManyRestartIntervalsOfALargePicture) {
  Blob picture = make_jpeg({.width = 1600, .height = 1200, .restart_interval = 7});
  const Piece data = piece(picture, entropy_coded);
  std::mt19937 random(5);
  Together together;
  for (int i = 0; i < 20; ++i) {
    const std::size_t at = data.offset + random() % data.length;
    together.add(set_byte(picture, at, static_cast<std::uint8_t>(random() % 255)));
  }
  together.add(picture);
  EXPECT_GT(together.compare(), 0);
}

TEST(JpegEntropy, TheLossIsTold) {
  const Blob good = make_jpeg({.width = 640, .height = 480, .horizontal = 1, .vertical = 1});
  const Piece data = piece(good, entropy_coded);
  const Blob cut = erase(good, data.offset + data.length / 2, data.length - data.length / 2);
  const Evidence evidence = check(jpeg_format, cut);
  ASSERT_TRUE(has(evidence, scan_missing)) << describe(evidence);
  const std::string &detail = evidence.findings.list()[0].detail;
  EXPECT_NE(detail.find("of 4800 on, row 2"), std::string::npos) << detail;
  EXPECT_NE(detail.find("% lost"), std::string::npos) << detail;
  // The same for a file that ends there.
  const Evidence ended = check(jpeg_format, truncate(good, data.offset + data.length / 2));
  ASSERT_TRUE(has(ended, eoi_missing)) << describe(ended);
  EXPECT_NE(ended.findings.list()[0].detail.find("% lost"), std::string::npos) << describe(ended);
}

TEST(JpegEntropy, CompanyDoesNotChangeAVerdict) {
  std::mt19937 random(9);
  std::vector<Blob> samples;
  for (const GoodJpeg &good : good_jpegs()) samples.push_back(mutate(good.bytes, random));
  std::vector<Evidence> together(samples.size());
  std::vector<SampleToCheck> all;
  for (std::size_t i = 0; i < samples.size(); ++i) all.push_back({samples[i], &together[i]});
  jpeg_format.check_many(all, {});
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Evidence alone;
    jpeg_format.check(samples[i], {}, alone);
    EXPECT_EQ(describe(together[i]), describe(alone));
  }
}

} // namespace

} // namespace datavet::test
