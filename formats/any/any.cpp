#include "formats/any/any.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "formats/any/kinds.h"
#include "formats/any/rules.h"

namespace datavet {

std::span<const Rule *const> any_rules() { return any::all_rules; }

namespace {

bool all_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

/// "89 50 4e 47": enough for a user to recognise it, never enough to fill a report.
std::string first_bytes(Bytes head) {
  Bytes shown = head.first(std::min<std::size_t>(head.size(), 8));
  return fmt::format("{:02x}", fmt::join(shown, " "));
}

} // namespace

void explain_unknown_content(Bytes head, std::uint64_t size, const Format &meant, Evidence &evidence) {
  if (size == 0 || head.empty()) {
    evidence.findings.add(any::empty, 0, 0, "the file has no bytes");
    return;
  }
  if (all_zero(head)) {
    // Only what was seen is claimed: data may follow after the head.
    if (head.size() >= size)
      evidence.findings.add(any::zeros, 0, size, fmt::format("all {} bytes are zero", size));
    else
      evidence.findings.add(any::unknown, 0, head.size(),
                            fmt::format("the first {} of {} bytes are zero", head.size(), size));
    return;
  }
  if (std::optional<any::Kind> kind = any::kind_of(head)) {
    evidence.findings.add(*kind->rule, 0, 0, fmt::format("{}, not {}", kind->what, meant.title));
    return;
  }
  if (std::optional<std::string> damage = any::damaged_signature(head)) {
    evidence.findings.add(any::unknown, 0, 0, *damage);
    return;
  }
  evidence.findings.add(
      any::unknown, 0, 0,
      fmt::format("begins with {}, which is no signature of {}", first_bytes(head), meant.title));
}

void explain_name_mismatch(const Format &found, std::string_view file_name, const Format &meant,
                           Evidence &evidence) {
  std::size_t dot = file_name.rfind('.');
  std::string_view extension = dot == std::string_view::npos ? std::string_view{} : file_name.substr(dot);
  constexpr std::size_t longest_shown = 16;
  if (extension.empty() || extension.size() > longest_shown)
    evidence.findings.add(any::name_mismatch, 0, 0,
                          fmt::format("the content is {}, the name says {}", found.title, meant.title));
  else
    evidence.findings.add(any::name_mismatch, 0, 0,
                          fmt::format("the content is {}, the name ends in {}", found.title, extension));
}

} // namespace datavet
