/// A broken decoder or an unmounted disk must not empty a dataset.
#pragma once

#include <cstdint>
#include <string_view>

#include <datavet/result.h>

namespace datavet {

struct SafetyStop {
  bool force = false;                ///< go past it
  std::uint64_t dataset_samples = 0; ///< of the scan; 0 = not known: only limit_count holds
  std::uint64_t limit_share_percent = 5;
  std::uint64_t limit_count = 1000;
};

/// An error (usage) when more of the samples are bad than is likely; `what_comes` says what would become of
/// them.
Result<void> check_safety_stop(const SafetyStop &stop, std::uint64_t bad_samples,
                               std::string_view what_comes);

} // namespace datavet
