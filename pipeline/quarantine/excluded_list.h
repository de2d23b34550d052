/// The lists of bad samples that still lie in the dataset, for loaders and for rsync or tar to leave out:
///   excluded.txt           a path a line; as sha256sum writes names: a line that begins with \ holds \\, \n,
///   \r excluded.nul           the same paths, each ended by a NUL excluded-records.tsv   path (a tab in it
///   as \t), number, offset and size of bad records
/// Paths are relative to the root; absolute when the quarantine serves several roots.
#pragma once

#include <string>

#include <datavet/result.h>

#include "pipeline/quarantine/journal_lines.h"

namespace datavet {

struct ExcludedLists {
  std::string text, nul, records;
};
ExcludedLists excluded_lists(const JournalState &state);

/// Writes each list anew, whole or not at all. A list that would be empty is written only over an older one.
Result<void> write_excluded_lists(const JournalState &state, int quarantine_folder);

} // namespace datavet
