/// One HDF5 file, written anew without its bad rows.
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/clean/clean_shard.h"
#include "pipeline/clean/cutter.h"

namespace datavet {

struct FileToClean {
  std::string path; ///< bytes, relative to the root
  FileIdentity identity;
  const Format *format = nullptr; ///< HDF5; not owned
  std::string rules;              ///< ids that the report names, comma-separated; may be cut short
  bool rules_are_all = true;
};

struct CleanFileOptions {
  RangeIndex index = RangeIndex::none; ///< rows have no byte ranges: of_original is refused
  bool dry_run = false;
  bool force = false; ///< leave out even many of the rows
  CutterOptions cutter;
};

/// Of the rows that datasets have in common each counts once.
struct CleanedFile {
  std::uint64_t good = 0, bad = 0;     ///< rows
  std::uint64_t datasets = 0;          ///< that lose rows
  std::uint64_t elsewhere = 0;         ///< datasets with as many rows that keep them
  std::uint64_t stored_plain = 0;      ///< datasets some of whose chunks lose their compression
  bool without_good = false;           ///< datasets would have no row left: only the list is written
};

/// Writes beneath the target folder:
///   <path>                           the file without its bad rows
///   dead-letter/<path>.rows.jsonl    which rows of which datasets are not in it, and why: row_list.h
/// As clean_shard() does: verified under temporary names, then named, the file last. The original is only read.
StepResult clean_file(const CleanFolders &folders, const FileToClean &file, const CleanFileOptions &options,
                      CleanedFile &cleaned);

} // namespace datavet
