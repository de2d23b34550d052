/// Runs a format on bytes between guard pages, and says what a test expects of the findings.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "formats/format.h"
#include "tests/support/damage.h"
#include "tests/support/guarded_bytes.h"

namespace datavet::test {

/// "hdf5.dataset.unprotected" is said of nearly every file that a test makes, and has tests of its own.
inline void leave_out_unprotected(Evidence &evidence) {
  std::vector<Finding> findings = evidence.findings.take();
  for (Finding &finding : findings)
    if (finding.rule->id != "hdf5.dataset.unprotected") evidence.findings.add(std::move(finding));
}

/// check() for a sample in memory, examine() for a random-access format; without hdf5.dataset.unprotected.
inline Evidence check(const Format &format, const Blob &blob, Depth depth = Depth::content, Limits limits = {}) {
  GuardedBytes guarded{Bytes(blob)};
  Evidence evidence;
  CheckOptions options{depth, limits};
  if (format.examine != nullptr)
    format.examine(MemorySource(guarded.bytes()), options, evidence);
  else
    format.check(guarded.bytes(), options, evidence);
  leave_out_unprotected(evidence);
  return evidence;
}

/// "/images: chunk at (32), rows 32 to 47: ...", as reports show it.
inline std::string words_of(const Finding &finding) {
  return finding.part.empty() ? finding.detail : finding.part + ": " + finding.detail;
}

inline std::string describe(const Evidence &evidence) {
  std::string text;
  for (const Finding &finding : evidence.findings.list())
    text += std::string(finding.rule->id) + " at " + std::to_string(finding.offset) + " +" +
            std::to_string(finding.length) + ": " + words_of(finding) + "\n";
  return text.empty() ? "no finding\n" : text;
}

inline bool has(const Evidence &evidence, const Rule &rule) {
  for (const Finding &finding : evidence.findings.list())
    if (finding.rule == &rule) return true;
  return false;
}

inline void expect_clean(const Format &format, const Blob &blob, Depth depth = Depth::content) {
  Evidence evidence = check(format, blob, depth);
  EXPECT_TRUE(evidence.findings.empty()) << describe(evidence);
}

/// Exactly one finding: this rule, at this offset.
inline void expect_finding(const Format &format, const Blob &blob, const Rule &rule, std::uint64_t offset,
                           Depth depth = Depth::content) {
  Evidence evidence = check(format, blob, depth);
  ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].rule->id, rule.id) << describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].offset, offset) << describe(evidence);
}

} // namespace datavet::test
