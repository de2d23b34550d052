/// The write-ahead journal as a file: append-only, one writer, durable before anything it announces.
#pragma once

#include <string>
#include <string_view>

#include <datavet/result.h>

#include "pipeline/io/unique_fd.h"
#include "pipeline/quarantine/journal_lines.h"

namespace datavet {

enum class JournalAccess {
  create, ///< to write; made when missing
  write,  ///< to write; must exist
  read,   ///< changes nothing; a missing journal (or folder, -1) reads as an empty one
};

class Journal {
public:
  /// Opens the journal in `folder`. To write: takes the lock (usage error when another process has it), and
  /// cuts the torn end of a write that was cut short.
  static Result<Journal> open(int folder, JournalAccess access);

  const JournalState &state() const { return state_; }

  /// What follows becomes durable with the next commit().
  void use_root(const std::string &root);
  /// Gives the operation its id and root; both are returned in the copy that state() holds.
  const Operation &intend(Operation operation);
  void done(std::uint64_t id) { note("done", id, {}, OperationState::quarantined); }
  void abandoned(std::uint64_t id, std::string_view why) {
    note("abandoned", id, why, OperationState::abandoned);
  }
  void restoring(std::uint64_t id) { note("restoring", id, {}, OperationState::restoring); }
  void restored(std::uint64_t id) { note("restored", id, {}, OperationState::restored); }
  void kept(std::uint64_t id, std::string_view why) { note("kept", id, why, OperationState::quarantined); }

  /// Writes and syncs. After an error nothing more may be done: the lines may or may not be on disk.
  Result<void> commit();

  /// A name for the temporary file of an operation, in whichever folder: no other journal uses it.
  std::string part_name(const Operation &operation) const;

private:
  Journal() = default;
  Result<void> lock();
  Result<void> load();
  Result<void> cut_torn_end(std::uint64_t file_size);
  void note(std::string_view event, std::uint64_t id, std::string_view why, OperationState state);

  UniqueFd file_;
  JournalState state_;
  std::string unwritten_;
};

} // namespace datavet
