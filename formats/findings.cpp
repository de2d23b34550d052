#include "formats/findings.h"

#include <algorithm>
#include <utility>

namespace datavet {

void Findings::add(const Rule &rule, std::uint64_t offset, std::uint64_t length, std::string detail) {
  add(Finding{&rule, offset, length, std::move(detail)});
}

void Findings::add(Finding finding) {
  if (list_.size() < kept) {
    list_.push_back(std::move(finding));
    return;
  }
  ++not_kept_;
  auto mildest = std::min_element(list_.begin(), list_.end(), [](const Finding &a, const Finding &b) {
    return a.rule->severity < b.rule->severity;
  });
  if (mildest->rule->severity < finding.rule->severity) *mildest = std::move(finding);
}

bool Findings::any_at_least(Severity severity) const {
  return std::any_of(list_.begin(), list_.end(),
                     [&](const Finding &finding) { return finding.rule->severity >= severity; });
}

void Findings::clear() {
  list_.clear();
  not_kept_ = 0;
}

void Findings::shift(std::uint64_t base) {
  for (Finding &finding : list_) finding.offset += base;
}

std::vector<Finding> Findings::take() {
  not_kept_ = 0;
  return std::exchange(list_, {});
}

} // namespace datavet
