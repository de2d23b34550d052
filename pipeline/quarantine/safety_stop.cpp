#include "pipeline/quarantine/safety_stop.h"

#include <string>

#include <fmt/format.h>

namespace datavet {

Result<void> check_safety_stop(const SafetyStop &stop, std::uint64_t bad_samples,
                               std::string_view what_comes) {
  if (stop.force) return {};
  const double share_limit =
      static_cast<double>(stop.dataset_samples) * static_cast<double>(stop.limit_share_percent) / 100;
  const bool too_large_a_share = stop.dataset_samples > 0 && static_cast<double>(bad_samples) > share_limit;
  if (bad_samples <= stop.limit_count && !too_large_a_share) return {};
  const std::string of_all = stop.dataset_samples > 0 ? fmt::format(" of {}", stop.dataset_samples) : "";
  return Error{
      Error::Kind::usage,
      fmt::format("{}{} samples {}, and more than {} % or {} need --force: look at the findings first, a "
                  "broken disk or decoder can look like this. Nothing was touched",
                  bad_samples, of_all, what_comes, stop.limit_share_percent, stop.limit_count)};
}

} // namespace datavet
