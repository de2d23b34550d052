/// Which paths a scan leaves out: patterns in gitignore syntax (gitignore(5)), from .datavetignore files
/// and --exclude. A .gitignore is not read: datasets are normally git-ignored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace datavet {

/// The patterns of one file, relative to the folder it lies in.
class IgnoreRules {
public:
  /// Adds one line; comments and blank lines add nothing.
  void add_line(std::string_view line);
  bool empty() const { return patterns_.empty(); }

  enum class Answer : unsigned char { no_match, ignored, kept };
  /// `path` is relative to the folder of the rules, without a leading '/'. The last match wins.
  Answer match(std::string_view path, bool is_folder) const;

private:
  struct Pattern {
    std::string glob;
    bool negated = false;     ///< '!': keeps what an earlier pattern ignored
    bool folders_only = false; ///< trailing '/'
    bool anchored = false;    ///< holds a '/': matches the whole path, not the last name
  };
  std::vector<Pattern> patterns_;
};

/// Matches one path against a glob: '*' and '?' stop at '/', '**' does not, [a-z] sets, '\' quotes.
bool glob_matches(std::string_view glob, std::string_view path);

} // namespace datavet
