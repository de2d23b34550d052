/// Copies the framed bytes of bad records out of their shard. The shard is only read.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "formats/deflate/inflate_stream.h"
#include "pipeline/io/file_identity.h"
#include "pipeline/quarantine/part.h"
#include "pipeline/quarantine/transfer.h"

namespace datavet {

/// Reads the plain bytes of a shard at growing offsets; a compressed shard is inflated once from its start,
/// however many records are read, as long as they come in order.
class ShardReader {
public:
  struct Read {
    Content content;
    StepResult problem;
  };

  /// Opens `path` beneath `root` and holds it to `identity`. The same file again keeps its position.
  StepResult open(int root, const std::string &path, const FileIdentity &identity, Wrapping wrapping);
  /// Takes the next bytes of a read. What is not done ends it.
  using Use = std::function<StepResult(Bytes)>;
  /// Reads up to `size` bytes at `offset`, fewer where the stream ends or is damaged, and hands them on piece by
  /// piece.
  Read read(std::uint64_t offset, std::uint64_t size, const Use &use);
  /// The same; writes them to the file `into` unless that is negative.
  Read read(std::uint64_t offset, std::uint64_t size, int into);
  const struct stat &status() const { return source_.status; }

private:
  /// The next plain bytes; none at the end.
  Attempt<Bytes> next(std::uint64_t most);
  Attempt<Bytes> inflate_next(std::uint64_t most);
  /// Reads more compressed bytes. 0 or an errno.
  int refill();
  void rewind();
  /// Skips to a plain offset. 0 or the errno of a read.
  int seek(std::uint64_t offset);

  std::string path_;
  FileIdentity identity_;
  Wrapping wrapping_ = Wrapping::none;
  SourceFile source_;
  std::optional<InflateStream> stream_;
  std::uint64_t position_ = 0; ///< plain bytes given so far
  std::vector<std::uint8_t> plain_;
  std::vector<std::uint8_t> fresh_;
  std::vector<std::uint8_t> compressed_;
  Bytes unused_;                  ///< the end of compressed_ that the stream has not used up
  std::uint64_t file_offset_ = 0; ///< of the compressed bytes to be read next
  bool file_ended_ = false;
};

/// How the report spells it: "", "gzip" or "zlib".
Wrapping wrapping_named(std::string_view name);

/// Writes the record to a new file, verified like any copy; `content` is what it must hold.
StepResult copy_record(ShardReader &shard, std::uint64_t offset, std::uint64_t size, const Target &to,
                       const Content &content);

} // namespace datavet
