/// One shard, written anew without its bad records.
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/clean/survey.h"
#include "pipeline/io/file_identity.h"

namespace datavet {

/// Byte ranges of good records, for readers that seek: a line "offset size" each, framing included.
enum class RangeIndex : std::uint8_t {
  none,
  of_clean,   ///< beside each clean shard, of its records
  of_original ///< instead of a clean shard: where the good records lie in the original
};

struct ShardToClean {
  std::string path; ///< bytes, relative to the root
  FileIdentity identity;
  const Format *format = nullptr; ///< layout records; not owned
  BadRecords bad;                 ///< in any order; may be empty: the stream around good records is bad
};

/// Where shards are read and written.
struct CleanFolders {
  int root = -1;
  int target = -1;       ///< -1: it does not exist yet (dry run only)
  std::string root_path; ///< absolute, for the provenance
};

struct CleanedShard {
  std::uint64_t good = 0;
  std::uint64_t bad = 0;
  bool stream_is_bad = false; ///< its compressed stream is damaged, cut or followed by more bytes
  bool no_index = false; ///< one was asked for, and the shard is compressed: its records cannot be sought
};

/// Writes beneath the target folder, of what there is:
///   <path>                                  the good records, byte-identical, compressed as the shard was
///   dead-letter/<path>                      the bad ones: records of a TFRecord shard
///   dead-letter/<path>.provenance.jsonl     a line for each bad record
///   <path>.idx                              the byte ranges
/// Each is verified under a temporary name, then all are named, the clean shard last. done, or already_done
/// when all stand there already; else nothing of it is there that was not whole. The shard is only read.
StepResult clean_shard(const CleanFolders &folders, const ShardToClean &shard, RangeIndex index, bool dry_run,
                       CleanedShard &cleaned);

inline constexpr std::string_view dead_letter_folder = "dead-letter/";

} // namespace datavet
