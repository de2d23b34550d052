/// Turns findings into verdicts: the policy, apart from the facts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/messages.h"

namespace datavet {

/// Which rules count. Prefixes end at a dot: "jpeg" and "jpeg.scan" cover jpeg.scan.eoi, "jpeg.sc" does not.
struct RuleSelection {
  std::vector<std::string> select; ///< empty = all
  std::vector<std::string> ignore; ///< wins over select

  bool counts(std::string_view rule_id) const;
};

/// Drops the findings that do not count and judges the rest. What says that a sample could not be examined is
/// never dropped: nobody may take it for healthy.
DecidedBatchPtr decide(const RuleSelection &selection, CheckedBatchPtr batch);

} // namespace datavet
