/// The collector of one sample's findings: bounded, whatever the input.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <datavet/finding.h>
#include <datavet/verdict.h>

namespace datavet {

/// Keeps at most `kept` findings and counts the rest. A more severe finding is never dropped for a
/// milder one, so the verdict of the kept findings is the verdict of all.
class Findings {
public:
  static constexpr std::size_t kept = 64;

  void add(const Rule &rule, std::uint64_t offset, std::uint64_t length = 0, std::string detail = {});
  /// Same, for a finding that comes from elsewhere (a worker).
  void add(Finding finding);

  std::span<const Finding> list() const { return list_; }
  bool empty() const { return list_.empty(); }
  std::uint64_t not_kept() const { return not_kept_; }
  /// True when a finding of at least this severity was added.
  bool any_at_least(Severity severity) const;
  Verdict verdict() const { return judge(list_); }

  /// Makes ready for the next sample; keeps the memory.
  void clear();
  /// Moves every finding by `base` bytes: from offsets in a sample to offsets in its file.
  void shift(std::uint64_t base);
  std::vector<Finding> take();

private:
  std::vector<Finding> list_;
  std::uint64_t not_kept_ = 0;
};

} // namespace datavet
