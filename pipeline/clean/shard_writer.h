/// Writes the bytes of a shard to an open file, compressed as the shard was.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/deflate/wrapping.h"
#include "pipeline/quarantine/content_hash.h"

struct z_stream_s; // zlib's state; <zlib.h> stays in the .cpp

namespace datavet {

class ShardWriter {
public:
  /// Writes from where the file `file` stands; it is not owned. Throws std::bad_alloc like any container.
  ShardWriter(int file, Wrapping wrapping);
  ~ShardWriter();
  ShardWriter(const ShardWriter &) = delete;
  ShardWriter &operator=(const ShardWriter &) = delete;

  /// 0, or the errno of the write. After an error nothing more may be written.
  int write(Bytes plain);
  /// Ends the compressed stream and writes what was held back. 0 or an errno.
  int finish();

  /// What was handed to write().
  Content plain() const { return {plain_size_, plain_hash_.value()}; }
  /// What the file holds, once finish() has succeeded.
  Content stored() const { return {stored_size_, stored_hash_.value()}; }

private:
  struct Closer {
    void operator()(z_stream_s *stream) const;
  };

  int write_plain(Bytes bytes);
  int deflate_all(Bytes bytes, int flush);
  /// Writes the block out.
  int flush();

  int file_;
  std::unique_ptr<z_stream_s, Closer> stream_; ///< null = plain; on the heap: zlib's state points back to it
  std::vector<std::uint8_t> block_;
  std::size_t filled_ = 0; ///< of block_
  std::uint64_t plain_size_ = 0, stored_size_ = 0;
  ContentHash plain_hash_, stored_hash_;
};

} // namespace datavet
