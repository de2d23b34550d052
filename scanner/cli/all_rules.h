/// Every rule there is, grouped as the documentation shows them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <datavet/finding.h>

namespace datavet::cli {

struct RuleGroup {
  std::string_view name;  ///< "png"
  std::string_view title; ///< "PNG and APNG"
  std::span<const Rule *const> rules;
};

std::vector<RuleGroup> all_rules();

/// The page docs/rules.md; a test holds the file equal to it.
std::string rules_page();

} // namespace datavet::cli
