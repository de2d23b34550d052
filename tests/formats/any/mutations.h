/// What every check promises, whatever it is given.
#pragma once

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "formats/format.h"
#include "tests/support/check.h"
#include "tests/support/damage.h"

namespace datavet::test {

inline bool same(const Evidence &one, const Evidence &other) {
  std::span<const Finding> left = one.findings.list(), right = other.findings.list();
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (left[i].rule != right[i].rule || left[i].offset != right[i].offset ||
        left[i].length != right[i].length || left[i].detail != right[i].detail)
      return false;
  return true;
}

/// Twice the same answer, offsets inside the sample, and only rules that the format or any file has.
inline void expect_sound_answer(const Format &format, const Blob &blob,
                                std::span<const Rule *const> shared_rules) {
  const Evidence evidence = check(format, blob);
  ASSERT_TRUE(same(evidence, check(format, blob)));
  for (const Finding &finding : evidence.findings.list()) {
    ASSERT_LE(finding.offset, blob.size()) << describe(evidence);
    const auto listed = [&](std::span<const Rule *const> rules) {
      return std::find(rules.begin(), rules.end(), finding.rule) != rules.end();
    };
    ASSERT_TRUE(listed(format.rules) || listed(shared_rules)) << finding.rule->id;
  }
}

inline Blob mutate(Blob blob, std::mt19937 &random) {
  auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  const std::size_t changes = 1 + below(4);
  for (std::size_t i = 0; i < changes && !blob.empty(); ++i) {
    // Half of the changes go into the headers, where most of the meaning is.
    const std::size_t at = below(below(2) == 0 ? blob.size() : std::min<std::size_t>(blob.size(), 80));
    switch (below(5)) {
    case 0: blob = flip_bit(blob, at, static_cast<unsigned>(below(8))); break;
    case 1: blob = set_byte(blob, at, static_cast<std::uint8_t>(below(256))); break;
    case 2: blob = set_byte(blob, at, below(2) == 0 ? 0x00 : 0xff); break;
    case 3: blob = truncate(blob, at); break;
    default: blob = erase(blob, at, std::min<std::size_t>(blob.size() - at, 1 + below(4))); break;
    }
  }
  return blob;
}

inline void expect_sound_under_mutation(const Format &format, const std::vector<Blob> &seeds, unsigned rounds,
                                        std::span<const Rule *const> shared_rules) {
  std::mt19937 random(20240607);
  for (unsigned round = 0; round < rounds; ++round) {
    expect_sound_answer(format, mutate(seeds[round % seeds.size()], random), shared_rules);
    if (testing::Test::HasFatalFailure()) return;
  }
}

/// A sample that was cut anywhere is never healthy.
inline void expect_no_prefix_healthy(const Format &format, const Blob &blob) {
  for (std::size_t size = 0; size < blob.size(); ++size) {
    const Evidence evidence = check(format, truncate(blob, size));
    ASSERT_NE(evidence.findings.verdict(), Verdict::healthy) << "prefix of " << size << " of " << blob.size();
  }
}

} // namespace datavet::test
