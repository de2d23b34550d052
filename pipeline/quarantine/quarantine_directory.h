/// The folder of a quarantine: how it is recognised, and what is refused as one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <datavet/result.h>

#include "pipeline/io/unique_fd.h"

namespace datavet {

inline constexpr std::string_view quarantine_journal_name = "datavet-quarantine.jsonl";

/// True when the folder holds a datavet quarantine journal: such a folder is never scanned.
bool is_quarantine_directory(int folder);
/// The same by path; a symbolic link is no quarantine directory.
bool is_quarantine_directory(const std::string &path);

struct QuarantineFolder {
  UniqueFd folder;          ///< not open: it does not exist yet (dry run only)
  std::string path_in_root; ///< empty when it lies outside
};

enum class WhenMissing { make, pretend };

/// Opens the folder `directory` to set samples of `root` (an absolute path without symbolic links) aside in.
/// All errors are of kind usage and say what to do. Refused: a symbolic link, a folder of another user, the
/// root itself or a folder above it, a folder inside the root that holds other things, one that cannot be
/// written.
Result<QuarantineFolder> open_quarantine_folder(const std::string &directory, const std::string &root,
                                                WhenMissing when_missing);

/// Of the file system that the folder is, or would be, on; 0 when that cannot be told.
std::uint64_t device_of_quarantine(const std::string &directory);

/// Opens an existing quarantine directory: no symbolic link, owned by this user, with a journal.
Result<UniqueFd> open_existing_quarantine(const std::string &directory);

/// Absolute, without symbolic links; a usage error when there is no such folder.
Result<std::string> real_folder_path(const std::string &path);

} // namespace datavet
