/// Opens and reads files into a buffer, recognises them, and frames the samples of shards.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <datavet/options.h>

#include "formats/registry.h"
#include "pipeline/messages.h"

namespace datavet {

struct FillOptions {
  Registry formats;
  std::vector<const Format *> only{}; ///< judge these formats only; empty = all
  CheckOptions check{};
  /// A shard is read in windows of this size: larger than a core's level-2 cache, and the check reads
  /// from memory what was just copied.
  std::size_t shard_window = 256 << 10;
  /// Look at every file before and after it is read: for a sink that wants to hear of all. Otherwise a file is read
  /// at once, and looked at where something is found in it (confirm.h).
  bool stamp_all = false;
  /// The most that a buffer may grow to for two large samples that are judged side by side; 0 = for one only.
  std::uint64_t pair_bytes = 0;
};

/// What became of a cursor after one buffer.
enum class CursorState : unsigned char {
  done,       ///< every name of its group was dealt with
  unfinished, ///< goes on with the next buffer
  parked,     ///< the next sample is larger than a buffer and may not grow one now
};

/// Asked before a buffer grows to hold one large sample of so many bytes; false = not now.
using MayGrow = std::function<bool(std::uint64_t)>;

/// Fills the empty `batch` from where `cursor` stands, as far as its buffer holds; advances the cursor. Does not
/// throw for anything a file can do. Thread-safe: every call has its own cursor and batch.
CursorState fill(const FillOptions &options, FileCursor &cursor, SampleBatch &batch, const MayGrow &may_grow);

} // namespace datavet
