/// What is made of the findings of one sample.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <datavet/finding.h>

namespace datavet {

/// In order of badness: a larger value is worse news.
enum class Verdict : std::uint8_t {
  healthy,   ///< no finding above a note
  suspect,   ///< warnings only
  unchecked, ///< could not be judged; a finding says why
  corrupt,   ///< at least one error
};

constexpr std::string_view name_of(Verdict verdict) {
  switch (verdict) {
  case Verdict::healthy: return "healthy";
  case Verdict::suspect: return "suspect";
  case Verdict::unchecked: return "unchecked";
  case Verdict::corrupt: return "corrupt";
  }
  return "unknown";
}

/// A finding of this fault says "not examined", not "damaged".
constexpr bool hinders_examination(Fault fault) {
  return fault == Fault::unreadable || fault == Fault::over_limit || fault == Fault::unsupported ||
         fault == Fault::timed_out;
}

/// The policy, pure and total. Notes never count. An error whose fault is damage makes a sample
/// corrupt; else anything that hindered the examination makes it unchecked; else a warning suspect.
Verdict judge(std::span<const Finding> findings);

/// True when the sample is unchecked for trouble (reading, sandbox, time, memory) and not merely for
/// want of support: the run is then incomplete (exit code 3).
bool is_trouble(std::span<const Finding> findings);

} // namespace datavet
