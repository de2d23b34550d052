#include <datavet/verdict.h>

namespace datavet {

Verdict judge(std::span<const Finding> findings) {
  bool damaged = false, hindered = false, warned = false;
  for (const Finding &finding : findings) {
    if (finding.rule->severity == Severity::note) continue;
    if (hinders_examination(finding.rule->fault))
      hindered = true;
    else if (finding.rule->severity == Severity::error)
      damaged = true;
    else
      warned = true;
  }
  if (damaged) return Verdict::corrupt;
  if (hindered) return Verdict::unchecked;
  return warned ? Verdict::suspect : Verdict::healthy;
}

bool is_trouble(std::span<const Finding> findings) {
  for (const Finding &finding : findings)
    if (finding.rule->severity != Severity::note && hinders_examination(finding.rule->fault) &&
        finding.rule->fault != Fault::unsupported)
      return true;
  return false;
}

} // namespace datavet
