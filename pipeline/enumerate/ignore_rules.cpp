#include "pipeline/enumerate/ignore_rules.h"

#include <optional>

namespace datavet {

namespace {

/// A bracket expression at the start of `glob`: how long it is, and whether it holds `letter`.
/// Nullopt when it is not closed, and is then an ordinary '['.
struct Bracket {
  std::size_t length;
  bool holds;
};
std::optional<Bracket> match_bracket(std::string_view glob, char letter) {
  std::size_t at = 1;
  bool negated = at < glob.size() && (glob[at] == '!' || glob[at] == '^');
  if (negated) ++at;
  bool holds = false;
  for (bool first = true; at < glob.size(); first = false) {
    if (glob[at] == ']' && !first) return Bracket{at + 1, holds != negated};
    char low = glob[at++];
    char high = low;
    if (at + 1 < glob.size() && glob[at] == '-' && glob[at + 1] != ']') {
      high = glob[at + 1];
      at += 2;
    }
    holds |= low <= letter && letter <= high;
  }
  return std::nullopt;
}

/// One glob element that stands for exactly one character, against `letter`; nullopt = no match.
std::optional<std::size_t> match_one(std::string_view glob, char letter) {
  if (letter != '/' && glob[0] == '?') return 1;
  if (letter != '/' && glob[0] == '[')
    if (std::optional<Bracket> bracket = match_bracket(glob, letter))
      return bracket->holds ? std::optional(bracket->length) : std::nullopt;
  if (glob[0] == '\\' && glob.size() > 1) return glob[1] == letter ? std::optional<std::size_t>(2) : std::nullopt;
  return glob[0] == letter ? std::optional<std::size_t>(1) : std::nullopt;
}

} // namespace

// Two-level backtracking: the last '*' may grow within its name, the last '**' across names. Each level
// forgets the one before it, so the time is bounded by |glob| x |path| squared at worst, never exponential.
bool glob_matches(std::string_view glob, std::string_view path) {
  constexpr std::size_t none = std::string_view::npos;
  std::size_t g = 0, p = 0;
  std::size_t star_glob = none, star_path = 0, deep_glob = none, deep_path = 0;
  while (p < path.size() || g < glob.size()) {
    if (g < glob.size() && glob.substr(g).starts_with("**")) {
      std::size_t after = g + 2;
      // gitignore(5): "a/**/b" matches "a/b" too, so the slash belongs to the stars.
      bool whole_name = g == 0 || glob[g - 1] == '/';
      if (whole_name && after < glob.size() && glob[after] == '/') ++after;
      deep_glob = g = after;
      deep_path = p;
      star_glob = none;
      continue;
    }
    if (g < glob.size() && glob[g] == '*') {
      star_glob = ++g;
      star_path = p;
      continue;
    }
    if (g < glob.size() && p < path.size())
      if (std::optional<std::size_t> step = match_one(glob.substr(g), path[p])) {
        g += *step;
        ++p;
        continue;
      }
    if (star_glob != none && star_path < path.size() && path[star_path] != '/') {
      g = star_glob;
      p = ++star_path;
      continue;
    }
    if (deep_glob != none && deep_path < path.size()) {
      g = deep_glob;
      p = ++deep_path;
      star_glob = none;
      continue;
    }
    return false;
  }
  return true;
}

void IgnoreRules::add_line(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
  if (line.empty() || line[0] == '#') return;
  Pattern pattern;
  if (line[0] == '!') {
    pattern.negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    pattern.folders_only = true;
    line.remove_suffix(1);
  }
  pattern.anchored = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return;
  pattern.glob = line;
  patterns_.push_back(std::move(pattern));
}

IgnoreRules::Answer IgnoreRules::match(std::string_view path, bool is_folder) const {
  if (patterns_.empty()) return Answer::no_match; // as for most files
  std::string_view name = path.substr(path.rfind('/') + 1); // npos + 1 = 0
  for (auto pattern = patterns_.rbegin(); pattern != patterns_.rend(); ++pattern) {
    if (pattern->folders_only && !is_folder) continue;
    if (glob_matches(pattern->glob, pattern->anchored ? path : name))
      return pattern->negated ? Answer::kept : Answer::ignored;
  }
  return Answer::no_match;
}

} // namespace datavet
