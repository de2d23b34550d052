/// What the program tells its caller. Unknown codes must be treated as failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <datavet/report.h>
#include <datavet/result.h>

namespace datavet::cli {

enum ExitCode : int {
  exit_clean = 0,      ///< nothing at or above --fail-on
  exit_findings = 1,
  exit_usage = 2,      ///< usage or configuration: nothing was scanned, or no file matched
  exit_incomplete = 3, ///< a file or root could not be read; wins over findings
  exit_bug = 101,
  exit_interrupted = 130,
};

inline int exit_code_of(const Error &error) {
  if (error.kind == Error::Kind::bug) return exit_bug;
  return error.kind == Error::Kind::usage ? exit_usage : exit_incomplete;
}

/// How many bad samples a run may have.
struct Tolerance {
  std::uint64_t count = 0;
  double share = 0; ///< of all samples
  /// "12" or "0.1%"; nullopt when it is neither.
  static std::optional<Tolerance> parse(std::string_view text);
};

struct ExitPolicy {
  enum class FailOn : unsigned char { error, warning, never };
  FailOn fail_on = FailOn::error;
  Tolerance tolerance;
  bool sampled = false;   ///< only a share of the files was asked for: none of them is no mistake
  bool exit_zero = false; ///< findings do not fail the run; trouble does
};

int exit_code_for(const Summary &summary, const ExitPolicy &policy, bool interrupted);

} // namespace datavet::cli
