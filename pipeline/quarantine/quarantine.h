/// Sets bad samples aside so that nothing is ever lost, and puts them back.
///
/// A quarantine directory holds
///   datavet-quarantine.jsonl    the journal: every intention is on disk before it is carried out
///   files/<path>                files that were moved, copied or linked, in the tree of the dataset
///   records/<path>#<n>.record   copies of the framed bytes of bad records; their shard is never touched
///   excluded.txt .nul           bad files that still lie in the dataset: what a loader must leave out
///   excluded-records.tsv        bad records, by shard, number, offset and size
///
/// A call may be killed at any moment: the next one in the same directory finishes or undoes what was begun.
/// One process works in a directory at a time. Nothing here prints, and no path leaves the root: names are
/// resolved beneath it without following a symbolic link.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <datavet/report.h>
#include <datavet/result.h>

#include "pipeline/io/file_identity.h"
#include "pipeline/quarantine/quarantine_directory.h"

namespace datavet {

struct QuarantineItem {
  std::string path;                               ///< bytes, relative to the root
  FileIdentity identity;                          ///< of the file (for a record: of its shard) as scanned
  std::optional<std::uint64_t> content_hash = {}; ///< XXH3-64 of the whole file as scanned, when known
  std::optional<RecordPlace> record = {};         ///< a record inside a shard; none = the file itself
  std::string reason;                             ///< "png.chunk.crc,..."
};

enum class QuarantineMode : std::uint8_t {
  move, ///< the file leaves the dataset
  copy, ///< a verified copy is made
  link, ///< a hard link is made; the same file system only
  list, ///< nothing but the exclusion lists is written
};

struct QuarantineOptions {
  std::string root;      ///< the folder that item paths are relative to
  std::string directory; ///< the quarantine directory; made when missing (its parent must exist)
  QuarantineMode mode = QuarantineMode::move;
  bool dry_run = false;              ///< find out everything, write nothing
  bool force = false;                ///< go past the safety stop
  std::uint64_t dataset_samples = 0; ///< of the scan; 0 = not known: only limit_count holds
  std::uint64_t limit_share_percent = 5;
  std::uint64_t limit_count = 1000;
};

/// One item that needs a word. Both texts may hold bytes of names: escape before printing.
struct QuarantineNote {
  std::string path;
  std::string reason;
};

/// Bounded: the first 1,000 are kept, the rest counted.
struct QuarantineNotes {
  static constexpr std::size_t kept = 1000;
  std::vector<QuarantineNote> list;
  std::uint64_t not_kept = 0;

  void add(std::string path, std::string reason) {
    if (list.size() < kept)
      list.push_back({std::move(path), std::move(reason)});
    else
      ++not_kept;
  }
};

/// Each item is counted once; in a dry run, as it would be.
struct QuarantineOutcome {
  std::uint64_t done = 0;               ///< moved, copied, linked; records copied
  std::uint64_t listed = 0;             ///< named in the exclusion lists only
  std::uint64_t already_done = 0;       ///< by an earlier run, or named twice
  std::uint64_t changed_since_scan = 0; ///< not what was scanned any more: left alone
  std::uint64_t vanished = 0;
  std::uint64_t refused =
      0; ///< no regular file, a path through a symbolic link or out of the root, a taken name
  std::uint64_t failed = 0;       ///< could not be read
  bool fell_back_to_list = false; ///< files of a read-only dataset were listed instead of moved
  QuarantineNotes problems;       ///< also: hard links elsewhere, an owner that could not be kept
  QuarantineNotes planned;        ///< dry run: what would be done with each item
};

/// Sets the items aside. An Error of kind usage = nothing was touched. An Error of kind incomplete =
/// stopped half-way (a full disk, an I/O error), nothing lost, and the same call goes on from there.
Result<QuarantineOutcome> quarantine(std::span<const QuarantineItem> items, const QuarantineOptions &options);

struct RestoreOptions {
  std::string directory;
  bool dry_run = false;
  std::vector<std::string> only; ///< paths as journaled, or folders of them; empty = all
};

struct RestoreOutcome {
  std::uint64_t restored = 0; ///< back at the old place, or no longer excluded
  std::uint64_t occupied = 0; ///< another file lies at the old place: it is never overwritten
  std::uint64_t changed = 0;  ///< not the bytes that were quarantined any more: left alone
  std::uint64_t vanished = 0; ///< no longer in the quarantine
  std::uint64_t refused = 0;  ///< the old place cannot be reached or written
  std::uint64_t failed = 0;   ///< could not be read
  QuarantineNotes problems;
  QuarantineNotes planned; ///< dry run: what would be put back
};

/// Puts everything back where it was, byte- and mtime-identical, and makes missing folders again.
/// Errors as for quarantine().
Result<RestoreOutcome> restore(const RestoreOptions &options);

} // namespace datavet
