/// RIFF chunks (RFC 9649 2.3): a name, a size, a payload, and a padding byte after an odd payload.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "formats/bytes/byte_reader.h"
#include "formats/evidence.h"

namespace datavet::webp {

/// The four characters of a chunk's name as they lie on disk.
constexpr std::uint32_t fourcc(const char (&name)[5]) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(name[0])) << 24 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(name[1])) << 16 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(name[2])) << 8 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(name[3]));
}

struct Chunk {
  std::uint32_t name;   ///< fourcc("VP8X")
  std::uint64_t offset; ///< of its header, from the start of the sample
  Bytes payload;

  std::uint64_t payload_offset() const { return offset + 8; }
  std::string name_text() const;
  bool is_named_in_ascii() const;
};

/// Steps through the chunks of a payload. What does not fit is reported, and ends the walk.
class ChunkWalk {
public:
  /// Walks `bytes`, which lie at `offset` of the sample. `cut` = they end early and that is reported
  /// already: a chunk that reaches past their end is then no news.
  ChunkWalk(Bytes bytes, std::uint64_t offset, bool cut) : reader_(bytes), offset_(offset), cut_(cut) {}

  std::optional<Chunk> next(Evidence &evidence);
  /// Where the next chunk starts, from the start of the sample.
  std::uint64_t offset() const { return offset_ + reader_.offset(); }
  std::uint64_t remaining() const { return reader_.remaining(); }
  /// True after a chunk that did not fit.
  bool broken() const { return broken_; }

private:
  ByteReader reader_;
  std::uint64_t offset_;
  bool cut_;
  bool broken_ = false;
};

} // namespace datavet::webp
