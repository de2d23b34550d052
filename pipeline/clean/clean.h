/// Writes the shards of a dataset anew without their bad records, and its HDF5 files without their bad rows, into a
/// folder of its own. What a target holds and how it gets there: clean_shard.h, clean_file.h. No original is opened for writing, and no file in the
/// target is overwritten.
///
/// A call may be killed at any moment: under a final name stands a file that is whole, or nothing, and the
/// same call again does the rest. One process works in a target at a time. Nothing here prints.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <datavet/result.h>

#include "pipeline/clean/clean_file.h"
#include "pipeline/clean/clean_shard.h"
#include "pipeline/quarantine/quarantine.h"

namespace datavet {

struct CleanOptions {
  std::string root;      ///< the folder that the paths of shards are relative to
  std::string directory; ///< the target; made when missing (its parent must exist)
  RangeIndex index = RangeIndex::none;
  bool dry_run = false;              ///< find out everything, write nothing
  bool force = false;                ///< go past the safety stop
  std::uint64_t dataset_samples = 0; ///< of the scan; 0 = not known
  CutterOptions cutter;              ///< for HDF5 files
};

/// Each shard and each file is counted once; in a dry run, as it would be.
struct CleanOutcome {
  std::uint64_t written = 0;            ///< clean shards (with RangeIndex::of_original: indexes)
  std::uint64_t written_files = 0;      ///< clean HDF5 files
  std::uint64_t already_done = 0;       ///< shards of which all stood in the target, the very same
  std::uint64_t without_good = 0;       ///< no good record: only dead letters were written
  std::uint64_t changed_since_scan = 0; ///< not what was scanned any more: left alone
  std::uint64_t vanished = 0;
  std::uint64_t refused = 0;      ///< no regular file, a taken name, a report that contradicts the shard
  std::uint64_t failed = 0;       ///< could not be read
  std::uint64_t good_records = 0; ///< of the shards written and those done before
  std::uint64_t bad_records = 0;
  std::uint64_t good_rows = 0; ///< of HDF5 files, the same
  std::uint64_t bad_rows = 0;
  QuarantineNotes shards; ///< what became of each shard that was written, would be, or stood there
  QuarantineNotes problems;
};

/// The safety stop counts the records of shards; the rows of each HDF5 file have one of their own, and a file that is
/// stopped is refused.
/// An Error of kind usage = nothing was touched. An Error of kind incomplete = stopped half-way (a full disk,
/// an I/O error, a target that may not be written); what was written before stands, and the same call goes on
/// from there.
Result<CleanOutcome> clean(std::span<const ShardToClean> shards, const CleanOptions &options,
                           std::span<const FileToClean> files = {});

} // namespace datavet
