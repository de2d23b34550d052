#include "pipeline/decide.h"

#include <algorithm>

namespace datavet {

namespace {

bool covers(const std::vector<std::string> &prefixes, std::string_view id) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string &prefix) {
    return id.starts_with(prefix) && (id.size() == prefix.size() || id[prefix.size()] == '.');
  });
}

bool is_hindrance(const Rule &rule) {
  return rule.severity != Severity::note && hinders_examination(rule.fault) && rule.fault != Fault::unsupported;
}

} // namespace

bool RuleSelection::counts(std::string_view rule_id) const {
  return (select.empty() || covers(select, rule_id)) && !covers(ignore, rule_id);
}

DecidedBatchPtr decide(const RuleSelection &selection, CheckedBatchPtr batch) {
  const bool all = selection.select.empty() && selection.ignore.empty();
  for (SampleResult &result : batch->results) {
    if (!all) std::erase_if(result.findings, [&](const Finding &finding) { return !is_hindrance(*finding.rule) && !selection.counts(finding.rule->id); });
    result.verdict = judge(result.findings);
  }
  return batch;
}

} // namespace datavet
