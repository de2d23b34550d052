#include "formats/hdf5/hdf5.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "formats/hdf5/content/plan.h"
#include "formats/hdf5/rules.h"
#include "formats/hdf5/superblock.h"

namespace datavet {

namespace {

// The places that a 4 KiB head can hold: FMT II.A.
bool sniff(Bytes head) {
  for (std::uint64_t at : {0u, 512u, 1024u, 2048u})
    if (head.size() >= at + sizeof hdf5::signature &&
        std::ranges::equal(head.subspan(at, sizeof hdf5::signature), hdf5::signature))
      return true;
  return false;
}

/// One thread's share of the units.
class UnitWorker final : public WorkSharing::Worker {
public:
  UnitWorker(const Source &source, const hdf5::ContentPlan &plan, const CheckOptions &options)
      : checker_(source, plan, options) {}
  void run(std::size_t unit) override { checker_.run(unit, report); }

  hdf5::ContentReport report;

private:
  hdf5::UnitChecker checker_;
};

hdf5::ContentReport check_content(const Source &source, const hdf5::ContentPlan &plan, const CheckOptions &options,
                                  WorkSharing *sharing) {
  hdf5::ContentReport whole;
  const std::size_t units = plan.units().size();
  if (sharing == nullptr || units == 1) {
    hdf5::check_units(source, plan, 0, units, options, whole);
    return whole;
  }
  const auto make = [&] { return std::make_unique<UnitWorker>(source, plan, options); };
  for (const std::unique_ptr<WorkSharing::Worker> &worker : sharing->share(units, make))
    whole.merge(std::move(static_cast<UnitWorker &>(*worker).report));
  return whole;
}

void examine(const Source &source, const CheckOptions &options, Evidence &evidence) {
  hdf5::ContentPlan plan;
  hdf5::ContentReport report;
  if (hdf5::plan_content(source, options, evidence, plan)) report = check_content(source, plan, options, evidence.sharing);
  hdf5::conclude_content(plan, report, evidence);
}

constexpr std::string_view extensions[] = {"h5", "hdf5", "he5"};

} // namespace

const Format hdf5_format{
    .name = "hdf5",
    .title = "HDF5",
    .layout = Layout::random_access,
    .extensions = extensions,
    .rules = hdf5::all_rules,
    .sniff = sniff,
    .examine = examine,
    .decoder_family = "hdf5",
    .asks_decoder_from = Depth::content,
};

} // namespace datavet
