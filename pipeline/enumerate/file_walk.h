/// Lists the files of the roots, folder by folder, each folder sorted by name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <datavet/result.h>
#include <datavet/scan.h>

#include "pipeline/enumerate/ignore_rules.h"
#include "pipeline/messages.h"

namespace datavet {

struct WalkCounts {
  std::uint64_t files = 0;
  std::uint64_t ignored = 0;       ///< hidden, excluded, ignored, or not in the sample
  std::uint64_t links_skipped = 0; ///< symbolic links not followed, and loops of followed ones
  std::uint64_t folders_unreadable = 0;
  std::vector<std::string> problems; ///< the first 20, in words
};

/// Memory: the names of one folder and of the folders above it.
class FileWalk {
public:
  /// Opens every root. An error names the first that is not there or cannot be opened (usage).
  static Result<FileWalk> open(const ScanOptions &options);

  /// The next names, nullopt at the end.
  std::optional<FileGroup> next();

  const WalkCounts &counts() const { return counts_; }
  /// Absolute paths, one for each root that FileGroup's folders refer to.
  const std::vector<std::string> &roots() const { return roots_; }

private:
  struct Ignores {
    IgnoreRules rules;
    std::string base; ///< the folder they are relative to, as Folder::path
  };
  struct PendingFolder {
    std::shared_ptr<const Folder> parent; ///< null: `folder` is open already
    std::shared_ptr<const Folder> folder;
    std::string name;
    std::vector<std::shared_ptr<const Ignores>> ignores;
  };

  explicit FileWalk(const ScanOptions &options) : options_(options) {}
  Result<void> add_root(const std::string &path);
  Result<void> add_listed_file(const std::string &path);
  /// The folder is opened once, however many of its files are named.
  Result<std::shared_ptr<const Folder>> root_folder(const std::string &path);
  void add_named_file(std::shared_ptr<const Folder> folder, const std::string &name, bool regular);
  Result<void> check_overlap() const;
  void list(PendingFolder pending);
  std::shared_ptr<const Folder> open_folder(const PendingFolder &pending);
  void load_ignore_file(const Folder &folder, std::vector<std::shared_ptr<const Ignores>> &ignores);
  bool left_out(const std::string &path, std::string_view name, bool is_folder,
                const std::vector<std::shared_ptr<const Ignores>> &ignores) const;
  bool in_sample(const std::string &path) const;
  bool first_visit(int folder_fd);
  void problem(std::string text);

  ScanOptions options_;
  IgnoreRules excludes_;
  std::vector<std::string> roots_;
  std::vector<std::shared_ptr<const Folder>> root_folders_; ///< of roots_
  std::vector<std::string> walked_roots_;                   ///< those that are folders, each ending in '/'
  std::shared_ptr<FileNames> named_;  ///< of the group in ready_ that named files are still added to
  std::vector<FileGroup> ready_;      ///< groups of the folder listed last, in reverse
  std::vector<PendingFolder> folders_; ///< folders to list, next at the back
  std::set<std::pair<std::uint64_t, std::uint64_t>> visited_; ///< (device, inode), with follow_links only
  WalkCounts counts_;
};

} // namespace datavet
