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
  std::vector<const Format *> only; ///< judge these formats only; empty = all
  CheckOptions check;
  /// A shard is read in windows of this size: larger than a core's level-2 cache, and the check reads
  /// from memory what was just copied.
  std::size_t shard_window = 256 << 10;
};

/// What became of a cursor after one buffer.
enum class CursorState : unsigned char {
  done,       ///< every name of its group was dealt with
  unfinished, ///< goes on with the next buffer
  parked,     ///< the next sample is larger than a buffer and may not grow one now
};

struct Filled {
  SampleBatchPtr batch;
  CursorState cursor;
};

/// Asked before a buffer grows to hold one large sample of so many bytes; false = not now.
using MayGrow = std::function<bool(std::uint64_t)>;

/// Fills `buffer` from where `cursor` stands, as far as it holds; advances the cursor. Does not throw
/// for anything a file can do. Thread-safe: every call has its own cursor and buffer.
Filled fill(const FillOptions &options, FileCursor &cursor, BufferPtr buffer, const MayGrow &may_grow);

} // namespace datavet
