#include "formats/jpeg/tiff_block.h"

#include <array>

#include "formats/bytes/byte_reader.h"

namespace datavet::jpeg {

std::optional<TiffBlock> TiffBlock::open(Bytes bytes) {
  if (bytes.size() < 8) return std::nullopt;
  const bool little = bytes[0] == 'I' && bytes[1] == 'I', big = bytes[0] == 'M' && bytes[1] == 'M';
  if (!little && !big) return std::nullopt;
  TiffBlock block(bytes, little ? ByteOrder::little : ByteOrder::big);
  if (block.u16(2) != 42) return std::nullopt;
  return block;
}

std::optional<std::uint16_t> TiffBlock::u16(std::uint64_t at) const {
  if (!holds(at, 2)) return std::nullopt;
  ByteReader reader(bytes_, at);
  return order_ == ByteOrder::little ? reader.read<le16>()->value() : reader.read<be16>()->value();
}

std::optional<std::uint32_t> TiffBlock::u32(std::uint64_t at) const {
  if (!holds(at, 4)) return std::nullopt;
  ByteReader reader(bytes_, at);
  return order_ == ByteOrder::little ? reader.read<le32>()->value() : reader.read<be32>()->value();
}

TiffEntry tiff_entry_at(const TiffBlock &block, std::uint64_t at) {
  // TIFF 6.0 section 2: BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL,
  // FLOAT, DOUBLE; 13, IFD, comes from TIFF Technical Note 1.
  static constexpr std::array<std::uint8_t, 14> sizes = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
  TiffEntry entry;
  entry.tag = block.u16(at).value_or(0);
  entry.type = block.u16(at + 2).value_or(0);
  entry.count = block.u32(at + 4).value_or(0);
  entry.size = entry.type < sizes.size() ? std::uint64_t{sizes[entry.type]} * entry.count : 0;
  entry.value_offset = entry.size <= 4 ? at + 8 : block.u32(at + 8).value_or(0);
  return entry;
}

} // namespace datavet::jpeg
