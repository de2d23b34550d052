/// Everything about an item that can be found out without writing.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "pipeline/quarantine/journal_lines.h"
#include "pipeline/quarantine/quarantine.h"
#include "pipeline/quarantine/record_copy.h"
#include "pipeline/quarantine/step.h"
#include "pipeline/quarantine/transfer.h"

namespace datavet {

/// The two folders that a run works between.
struct WorkingFolders {
  std::string root_path; ///< absolute, without symbolic links
  UniqueFd root;
  QuarantineFolder quarantine;
};

/// An operation that passed every test, and how the bytes of its record are read.
struct Prepared {
  Operation operation;
  Wrapping wrapping = Wrapping::none;
};

class Preparation {
public:
  /// All are borrowed. Notes of what is worth knowing go to `outcome`.
  Preparation(const QuarantineOptions &options, const WorkingFolders &folders, const JournalState &journal,
              QuarantineOutcome &outcome);

  /// Done: `prepared` may be announced. Any other step says why not.
  StepResult prepare(const QuarantineItem &item, Prepared &prepared);

  /// True when the file is the one that `identity` was taken from. Renaming and linking change ctime: of
  /// files that datavet itself renamed or linked (one with several names, or one that was restored) it is not
  /// asked.
  bool is_same_file(const FileIdentity &now, const FileIdentity &identity) const;

private:
  void note_touched(const Operation &operation);
  bool is_done_already(const std::string &key, const Operation &operation) const;
  bool is_still_set_aside(const Operation &operation) const;
  StepResult prepare_file(const QuarantineItem &item, Operation &operation);
  StepResult prepare_record(const QuarantineItem &item, Operation &operation);
  StepResult prepare_move(const Place &place, const SourceFile &source, Operation &operation);
  StepResult read_content(const QuarantineItem &item, const SourceFile &source, Content &content) const;
  StepResult check_place_is_free(const Operation &operation) const;

  const QuarantineOptions &options_;
  const WorkingFolders &folders_;
  const JournalState &journal_;
  QuarantineOutcome &outcome_;
  std::unordered_map<std::string, std::uint64_t> known_; ///< item_key -> id of its last operation
  std::set<std::pair<std::uint64_t, std::uint64_t>>
      touched_; ///< (device, inode) of files that datavet renamed or linked
  ShardReader shard_;
};

/// As notes name it: the path, and the number of a record behind a '#'.
std::string shown_name(const std::string &path, const std::optional<std::uint64_t> &ordinal);

} // namespace datavet
