/// A TIFF header and its IFDs inside a marker segment: the frame of both Exif and the MPF index.
#pragma once

#include <cstdint>
#include <optional>

#include "formats/bytes/bytes.h"
#include "formats/bytes/endian.h"

namespace datavet::jpeg {

/// TIFF 6.0 section 2. Offsets count from the header; every read is checked.
class TiffBlock {
public:
  /// Nullopt unless `bytes` start with II*\0 or MM\0* and an offset.
  static std::optional<TiffBlock> open(Bytes bytes);

  Bytes bytes() const { return bytes_; }
  std::uint32_t first_ifd() const { return *u32(4); }
  std::optional<std::uint16_t> u16(std::uint64_t at) const;
  std::optional<std::uint32_t> u32(std::uint64_t at) const;
  bool holds(std::uint64_t at, std::uint64_t length) const {
    return at <= bytes_.size() && length <= bytes_.size() - at;
  }

private:
  TiffBlock(Bytes bytes, ByteOrder order) : bytes_(bytes), order_(order) {}

  Bytes bytes_;
  ByteOrder order_;
};

/// One of the 12-byte entries of an IFD.
struct TiffEntry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint32_t count = 0;
  std::uint64_t size = 0;         ///< bytes of the value; 0 = the type is unknown
  std::uint64_t value_offset = 0; ///< where the value lies: in the entry, or where the entry points
};

/// The entry at `at`, which must lie inside the block (12 bytes).
TiffEntry tiff_entry_at(const TiffBlock &block, std::uint64_t at);

} // namespace datavet::jpeg
