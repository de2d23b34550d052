// Random damage: never a crash, never two answers, never an offset outside, never more reading than is allowed.
#include <algorithm>
#include <atomic>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "formats/hdf5/content/plan.h"
#include "formats/hdf5/hdf5.h"
#include "tests/formats/hdf5/mutants.h"
#include "tests/support/check.h"
#include "tests/support/guarded_bytes.h"

namespace datavet::test {
namespace {

/// Counts what is read, and how often.
class Meter final : public Source {
public:
  explicit Meter(Bytes file) : memory_(file) {}
  std::uint64_t size() const override { return memory_.size(); }
  Read read(std::uint64_t offset, std::span<std::uint8_t> into) const override {
    const Read got = memory_.read(offset, into);
    bytes += got.count;
    return got;
  }
  mutable std::uint64_t bytes = 0;

private:
  MemorySource memory_;
};

/// In units of a report of their own, in any order.
std::string in_pieces(const Source &source, const CheckOptions &options, std::mt19937 &random) {
  Evidence evidence;
  hdf5::ContentPlan plan;
  hdf5::ContentReport whole;
  if (hdf5::plan_content(source, options, evidence, plan)) {
    std::vector<std::size_t> order(plan.units().size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::shuffle(order, random);
    for (const std::size_t unit : order) {
      hdf5::ContentReport report;
      hdf5::check_units(source, plan, unit, unit + 1, options, report);
      whole.merge(std::move(report));
    }
  }
  hdf5::conclude_content(plan, whole, evidence);
  return describe(evidence);
}

TEST(Hdf5Mutants, AreJudgedOnceAndForAll) {
  std::mt19937 random(2026);
  const std::vector<Blob> files = good_files();
  for (const Blob &file : files) expect_clean(hdf5_format, file);
  const Depth depths[] = {Depth::structure, Depth::checksum, Depth::content, Depth::content};
  unsigned unhealthy = 0;
  const unsigned count = mutants_wanted(4'000);
  for (unsigned round = 0; round < count; ++round) {
    const Blob file = mutant(files, random);
    const GuardedBytes guarded{Bytes(file)};
    const Meter meter(guarded.bytes());
    const CheckOptions options{depths[random() % 4], {}}; // checksums of metadata are not judged at structure: deeper damage
    Evidence evidence;
    hdf5_format.examine(meter, options, evidence);
    // Metadata no more than 64 times (metadata/survey.h), each index twice, the data twice, windows of the walk.
    ASSERT_LE(meter.bytes, std::max<std::uint64_t>(68 * file.size(), 4 << 20) + (16 << 20)) << round;
    ASSERT_LE(evidence.findings.list().size(), Findings::kept);
    for (const Finding &finding : evidence.findings.list()) {
      ASSERT_LE(finding.offset, file.size()) << round << describe(evidence);
      ASSERT_LE(finding.length, file.size() - finding.offset) << round << describe(evidence);
    }
    if (round % 4 == 0) {
      ASSERT_EQ(describe(evidence), in_pieces(meter, options, random)) << round;
    }
    unhealthy += evidence.findings.any_at_least(Severity::warning);
  }
  EXPECT_GT(unhealthy, count / 2);
}

} // namespace
} // namespace datavet::test
