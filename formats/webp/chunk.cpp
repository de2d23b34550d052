#include "formats/webp/chunk.h"

#include <fmt/format.h>

#include "formats/webp/rules.h"

namespace datavet::webp {

std::string Chunk::name_text() const {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(name >> shift & 0xff);
  return text;
}

bool Chunk::is_named_in_ascii() const {
  for (char letter : name_text())
    if (letter < 0x20 || letter > 0x7e) return false;
  return true;
}

std::optional<Chunk> ChunkWalk::next(Evidence &evidence) {
  if (broken_ || reader_.at_end()) return std::nullopt;
  const std::uint64_t at = offset();
  if (reader_.remaining() < 8) {
    broken_ = true;
    if (!cut_)
      evidence.findings.add(
          chunk_size, at, reader_.remaining(),
          fmt::format("{} bytes are left, too few for a chunk header", reader_.remaining()));
    return std::nullopt;
  }
  const std::uint32_t name = *reader_.read<be32>();
  const std::uint32_t size = *reader_.read<le32>();
  Chunk chunk{name, at, {}};
  std::optional<Bytes> payload = reader_.take(size);
  if (!payload) {
    broken_ = true;
    if (!cut_)
      evidence.findings.add(chunk_size, at, reader_.remaining() + 8,
                            fmt::format("chunk '{}' of {} bytes, but only {} bytes are left",
                                        chunk.name_text(), size, reader_.remaining()));
    return std::nullopt;
  }
  chunk.payload = *payload;
  if (size % 2 == 0) return chunk;
  std::optional<std::uint8_t> padding = reader_.u8();
  if (!padding && !cut_)
    evidence.findings.add(chunk_unpadded, at, 8 + std::uint64_t{size},
                          fmt::format("chunk '{}' of {} bytes ends its container", chunk.name_text(), size));
  if (padding && *padding != 0)
    evidence.findings.add(chunk_padding, offset() - 1, 1,
                          fmt::format("0x{:02x} after chunk '{}'", *padding, chunk.name_text()));
  return chunk;
}

} // namespace datavet::webp
