#include "formats/hdf5/hdf5.h"

#include <algorithm>
#include <string_view>

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

void examine(const Source &source, const CheckOptions &options, Evidence &evidence) {
  hdf5::ContentPlan plan;
  hdf5::ContentReport report;
  if (hdf5::plan_content(source, options, evidence, plan))
    hdf5::check_units(source, plan, 0, plan.units().size(), options, report);
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
