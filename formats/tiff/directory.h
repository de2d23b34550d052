/// Image file directories (TIFF 6.0 section 2; BigTIFF): entries, and the numbers they hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/bytes/byte_reader.h"
#include "formats/evidence.h"

namespace datavet::tiff {

/// The bytes of a file in the byte order and offset width that its header declares.
struct FileView {
  Bytes bytes;
  ByteOrder order = ByteOrder::little;
  bool big = false; ///< BigTIFF: 8-byte offsets

  std::optional<std::uint64_t> u16(std::uint64_t at) const { return number<le16, be16>(at); }
  std::optional<std::uint64_t> u32(std::uint64_t at) const { return number<le32, be32>(at); }
  std::optional<std::uint64_t> u64(std::uint64_t at) const { return number<le64, be64>(at); }
  std::optional<std::uint64_t> offset(std::uint64_t at) const { return big ? u64(at) : u32(at); }
  bool holds(std::uint64_t at, std::uint64_t size) const {
    return at <= bytes.size() && size <= bytes.size() - at;
  }

private:
  template <class Little, class Big> std::optional<std::uint64_t> number(std::uint64_t at) const {
    if (!holds(at, sizeof(Little))) return std::nullopt;
    ByteReader reader(bytes, at);
    return order == ByteOrder::little ? std::uint64_t{*reader.read<Little>()}
                                      : std::uint64_t{*reader.read<Big>()};
  }
};

struct Entry {
  std::uint16_t tag;
  std::uint16_t type;
  std::uint64_t count;
  std::uint64_t at;       ///< of the entry itself
  std::uint64_t value_at; ///< of its first value; meaningless unless readable
  bool readable;          ///< the type is known and all values lie inside the file

  /// "tag 256 ImageWidth"
  std::string name() const;
};

struct Directory {
  std::uint64_t at;
  std::uint64_t size; ///< count, entries and the offset of the next directory
  std::uint64_t next; ///< offset of the next directory, 0 = none
  std::vector<Entry> entries;

  /// The first entry of this tag, as loaders take it; null when there is none.
  const Entry *find(std::uint16_t tag) const;
};

/// Integer value `index` of an entry: BYTE to LONG8 and the offsets, and signed ones that are not negative.
/// Nothing for other types, values outside the file, and indexes past the count.
std::optional<std::uint64_t> integer(const FileView &file, const Entry &entry, std::uint64_t index = 0);

/// Which rules a broken directory breaks: one of the chain, or one that another directory's tag points to.
enum class Kin { page, child };

/// Reads the directory at `at` and judges its shape: size, order, types, values inside the file.
/// Nothing when it cannot be read (reported).
std::optional<Directory> read_directory(const FileView &file, std::uint64_t at, Kin kin, Evidence &evidence);

} // namespace datavet::tiff
