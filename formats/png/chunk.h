/// A chunk: length, type, data, CRC (PNG 3rd ed. 5.3).
#pragma once

#include <cstdint>
#include <string>

#include "formats/bytes/bytes.h"
#include "formats/bytes/endian.h"

namespace datavet::png {

constexpr std::uint32_t type_of(const char (&letters)[5]) {
  std::uint32_t type = 0;
  for (int i = 0; i < 4; ++i) type = type << 8 | static_cast<std::uint8_t>(letters[i]);
  return type;
}

inline constexpr std::uint32_t ihdr = type_of("IHDR"), plte = type_of("PLTE"), idat = type_of("IDAT"),
                               iend = type_of("IEND"), actl = type_of("acTL"), fctl = type_of("fcTL"),
                               fdat = type_of("fdAT");

struct ChunkHeader {
  be32 length; ///< of the data
  be32 type;
};
static_assert(sizeof(ChunkHeader) == 8 && alignof(ChunkHeader) == 1);

/// Bytes that a chunk adds to its data: length, type and CRC.
inline constexpr std::uint64_t chunk_frame = 12;
/// PNG 3rd ed. 5.3: the length "must not exceed 2^31-1".
inline constexpr std::uint32_t longest_chunk = 0x7fffffff;

struct Chunk {
  std::uint64_t offset = 0; ///< of its length field
  std::uint32_t type = 0;
  Bytes data;

  std::uint64_t data_offset() const { return offset + sizeof(ChunkHeader); }
  std::uint64_t size() const { return data.size() + chunk_frame; }
};

/// PNG 3rd ed. 5.4: bit 5 of the first byte is the ancillary bit, of the third the reserved bit.
constexpr bool is_ancillary(std::uint32_t type) { return (type & 0x20000000u) != 0; }
constexpr bool has_reserved_bit(std::uint32_t type) { return (type & 0x00002000u) != 0; }

constexpr bool is_letter(std::uint32_t byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}
constexpr bool is_chunk_type(std::uint32_t type) {
  return is_letter(type >> 24) && is_letter(type >> 16 & 0xff) && is_letter(type >> 8 & 0xff) &&
         is_letter(type & 0xff);
}

/// "IDAT"; other bytes than letters as \xNN.
std::string name_of_type(std::uint32_t type);

} // namespace datavet::png
