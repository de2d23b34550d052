#include "scanner/cli/exit_code.h"

#include <charconv>

namespace datavet::cli {

std::optional<Tolerance> Tolerance::parse(std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  Tolerance tolerance;
  const char *end = text.data() + text.size();
  if (percent) {
    auto [stop, error] = std::from_chars(text.data(), end, tolerance.share);
    if (error != std::errc() || stop != end || !(tolerance.share >= 0 && tolerance.share <= 100)) return std::nullopt;
    tolerance.share /= 100;
  } else {
    auto [stop, error] = std::from_chars(text.data(), end, tolerance.count);
    if (error != std::errc() || stop != end) return std::nullopt;
  }
  return tolerance;
}

int exit_code_for(const Summary &summary, const ExitPolicy &policy, bool interrupted) {
  if (interrupted) return exit_interrupted;
  if (!summary.complete || summary.trouble > 0) return exit_incomplete;
  if (summary.samples == 0) return policy.sampled && summary.ignored > 0 ? exit_clean : exit_usage;
  std::uint64_t bad = summary.count(Verdict::corrupt);
  // What is unchecked for want of support counts as a warning; for trouble, it made the run incomplete above.
  if (policy.fail_on == ExitPolicy::FailOn::warning) bad += summary.count(Verdict::suspect) + summary.count(Verdict::unchecked);
  if (policy.fail_on == ExitPolicy::FailOn::never || policy.exit_zero || bad == 0) return exit_clean;
  const auto allowed = static_cast<double>(policy.tolerance.count) + policy.tolerance.share * static_cast<double>(summary.samples);
  return static_cast<double>(bad) > allowed ? exit_findings : exit_clean;
}

} // namespace datavet::cli
