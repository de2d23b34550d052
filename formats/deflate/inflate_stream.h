/// Inflates a gzip or zlib stream of any length in bounded memory (one 32 KiB window), and tells how it
/// ended.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "formats/bytes/bytes.h"
#include "formats/deflate/wrapping.h"

struct z_stream_s; // zlib's state; <zlib.h> stays in the .cpp

namespace datavet {

/// Whether the compressed stream goes on behind the bytes given.
enum class More : std::uint8_t { may_follow, nothing_follows };

/// Every checksum that the stream has is compared: header CRC, CRC-32 and ISIZE of each gzip member,
/// Adler-32 of zlib. A gzip stream may have several members one behind the other (RFC 1952 2.2), as
/// `cat a.gz b.gz` and block-wise writers make it; TensorFlow reads on as well.
class InflateStream {
public:
  enum class Outcome : std::uint8_t {
    running,   ///< wants more compressed bytes, or more room
    ended,     ///< complete, every checksum right, nothing behind it
    trailing,  ///< complete, every checksum right, but bytes follow that do not begin another member
    truncated, ///< the compressed bytes end before the stream does
    damaged,   ///< not deflate data, or a checksum is wrong: message() says what
  };

  struct Step {
    std::uint64_t consumed; ///< compressed bytes used up; trailing bytes are not used up
    std::uint64_t produced; ///< plain bytes written
    Outcome outcome;        ///< what is not `running` is final: further calls do nothing
  };

  /// `wrapping` is gzip or zlib, not none. Throws std::bad_alloc like any container.
  explicit InflateStream(Wrapping wrapping);
  ~InflateStream();
  InflateStream(InflateStream &&) noexcept;
  InflateStream &operator=(InflateStream &&) noexcept;

  /// Inflates until the compressed bytes are used up, `plain` is full, or the stream is over. While it is
  /// running, what was not consumed must be given again, first. Plain bytes produced by the very step
  /// that finds damage were inflated before it and are good as far as deflate can tell.
  Step feed(Bytes compressed, More more, std::span<std::uint8_t> plain);

  Outcome outcome() const { return outcome_; }
  Wrapping wrapping() const { return wrapping_; }
  /// Compressed bytes read so far. Once over: where the stream ends, or where damage was noticed (the
  /// damage itself lies there or before: a flipped bit may show only in the checksum at the end).
  std::uint64_t compressed_offset() const { return compressed_offset_; }
  /// Plain bytes given so far.
  std::uint64_t plain_offset() const { return plain_offset_; }
  /// zlib's own words when damaged: "invalid distance too far back", "incorrect data check".
  std::string_view message() const { return message_; }

private:
  struct Closer {
    void operator()(z_stream_s *stream) const;
  };

  void inflate_some(Bytes compressed, std::span<std::uint8_t> plain);

  std::unique_ptr<z_stream_s, Closer> stream_; // on the heap: zlib's state points back to it
  Wrapping wrapping_;
  Outcome outcome_ = Outcome::running;
  bool member_ended_ = false; // between two gzip members, or behind the zlib stream
  std::uint64_t compressed_offset_ = 0;
  std::uint64_t plain_offset_ = 0;
  std::string_view message_;
};

} // namespace datavet
