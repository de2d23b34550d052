/// What a report says of a shard, held against the shard: before anything is written.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <datavet/verdict.h>

#include "pipeline/clean/shard_walk.h"
#include "pipeline/quarantine/content_hash.h"

namespace datavet {

/// A record that a report calls bad.
struct BadRecord {
  std::uint64_t ordinal = 0; ///< 0-based
  std::uint64_t offset = 0;  ///< of its first byte, in the plain stream
  Verdict verdict = Verdict::corrupt;
  std::string rules; ///< ids, comma-separated
};

/// Sorted by ordinal and offset, each place once.
using BadRecords = std::vector<BadRecord>;
BadRecords in_order(BadRecords records);

/// The index of the record at that very place.
std::optional<std::size_t> find(const BadRecords &bad, const FramedSample &sample);

struct Survey {
  std::uint64_t good = 0; ///< records
  Content good_content;   ///< of their framed bytes, one behind the other
  /// For each bad record the bytes that exist of it. Where the shard ends with a hole, the hole takes all
  /// that is left of the stream.
  std::vector<std::uint64_t> bad_sizes;
  WalkEnd end;

  std::uint64_t bad_with_bytes() const;
};

/// Reads the shard. refused = report and shard contradict each other: a record named bad that is not there,
/// or one that is broken and not named. Good is what is not named, is framed, and obeys its format's rules to
/// its checksums.
StepResult survey_shard(const std::shared_ptr<const File> &file, Wrapping wrapping, const Format &format,
                        const BadRecords &bad, Survey &survey);

} // namespace datavet
