/// What the walks of all kinds of chunk index share: reading its pieces once, and saying what is wrong with
/// them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/bytes/endian.h"
#include "formats/hdf5/chunks/chunk_judge.h"
#include "formats/hdf5/chunks/grid.h"
#include "formats/hdf5/chunks/rules.h"

namespace datavet::hdf5 {

/// Little-endian number of 1 to 8 bytes. The caller has checked that they are there.
inline std::uint64_t little_endian(const std::uint8_t *at, unsigned width) {
  if (width == 8) return reinterpret_cast<const le64 *>(at)->value();
  std::uint64_t number = 0;
  for (unsigned i = width; i-- > 0;) number = number << 8 | at[i];
  return number;
}
inline std::uint32_t little_endian_32(const std::uint8_t *at) {
  return reinterpret_cast<const le32 *>(at)->value();
}
inline std::uint16_t little_endian_16(const std::uint8_t *at) {
  return reinterpret_cast<const le16 *>(at)->value();
}

/// FMT I: an address whose bits are all set is undefined, whatever its width.
inline std::uint64_t stored_address(const std::uint8_t *at, unsigned width) {
  const std::uint64_t address = little_endian(at, width);
  return width < 8 && address == (std::uint64_t{1} << (8 * width)) - 1 ? undefined_address : address;
}

/// floor(log2(number)), 0 for 0: H5VM_log2_gen.
inline unsigned log2_floor(std::uint64_t number) {
  return number == 0 ? 0 : static_cast<unsigned>(std::bit_width(number)) - 1;
}

class IndexWalk {
public:
  IndexWalk(AddressSpace &addresses, const Dataset &of, const CheckOptions &options, const Grid &its_grid,
            std::uint64_t bytes, ChunkJudge &its_judge, ChunkListing &result, Evidence &evidence)
      : space(addresses), dataset(of), grid(its_grid), chunk_bytes(bytes), judge(its_judge), listing(result),
        checks_sums_(options.depth >= Depth::checksum), evidence_(evidence),
        budget_(std::min(addresses.superblock().end, addresses.source().size())) {}

  AddressSpace &space;
  const Dataset &dataset;
  const Grid &grid;
  const std::uint64_t chunk_bytes;
  ChunkJudge &judge;
  ChunkListing &listing;

  /// The rows [first, end) that the piece in hand leads to: for findings.
  std::uint64_t first_row = 0, end_row = countless;

  /// A piece of the index, read for the first time; valid until the next read. Nothing, with a finding, when
  /// it does not lie inside the file, is too large, or more pieces were read than can lie in the file.
  std::optional<Bytes> read(std::uint64_t address, std::uint64_t length, std::string_view what);
  /// True when a piece is known to fit into the file; else a finding.
  bool fits(std::uint64_t address, std::uint64_t length, std::string_view what);
  /// The signature `name`, version 0, and a type (client). A finding when they are otherwise.
  bool begins(Bytes piece, std::uint64_t address, std::string_view name, unsigned type);
  /// The last four bytes are the checksum of those before. A finding when not; always true below
  /// Depth::checksum.
  bool checksum_holds(Bytes piece, std::uint64_t address, std::string_view what);

  void complain(const Rule &rule, std::uint64_t address, std::uint64_t length, std::string_view detail);
  /// Said, without anything being lost.
  void remark(const Rule &rule, std::uint64_t address, std::string_view detail);

  unsigned offset_size() const { return space.offset_size(); }
  unsigned length_size() const { return space.length_size(); }

private:
  RowRange rows() const;

  const bool checks_sums_;
  Evidence &evidence_;
  std::uint64_t
      budget_; ///< bytes of index that may still be read: together its pieces are no larger than the file
  bool exhausted_ = false;
};

/// How an array index stores a chunk: FMT VII.C, VII.D, filtered and non-filtered dataset chunks.
class ArrayElement {
public:
  /// Nothing, with a finding at the index's header `owner`, when `size` bytes cannot be an element of the
  /// dataset's index.
  static std::optional<ArrayElement> make(IndexWalk &walk, std::uint64_t owner, unsigned size);

  unsigned size() const { return size_; }
  /// False when the chunk was never written.
  bool read(const std::uint8_t *at, Chunk &chunk) const {
    chunk.address = stored_address(at, offset_size_);
    if (chunk.address == undefined_address) return false;
    if (size_bytes_ > 0) {
      chunk.size = little_endian(at + offset_size_, size_bytes_);
      chunk.mask = little_endian_32(at + offset_size_ + size_bytes_);
    } else {
      chunk.size = chunk_bytes_;
      chunk.mask = 0;
    }
    return true;
  }

private:
  unsigned size_ = 0, offset_size_ = 0,
           size_bytes_ = 0; ///< size_bytes_: of the chunk's stored size, 0 = not stored
  std::uint64_t chunk_bytes_ = 0;
};

/// Bytes in which an index stores the size of a filtered chunk. H5D__farray_crt_context and others: one more
/// than the size of a chunk needs, as filters may enlarge it.
unsigned stored_size_bytes(std::uint64_t chunk_bytes);

/// Lists elements [first, first + count) of an array index, as far as they lie in the grid.
void list_elements(IndexWalk &walk, const ArrayElement &element, Bytes elements, std::uint64_t first,
                   std::uint64_t count);
/// The rows of those elements.
void set_rows(IndexWalk &walk, std::uint64_t first, std::uint64_t count);

// One kind of index each. `dataset.storage.address` is defined.
void walk_btree_v1(IndexWalk &walk);
void walk_btree_v2(IndexWalk &walk);
void walk_fixed_array(IndexWalk &walk);
void walk_extensible_array(IndexWalk &walk);
void walk_implicit(IndexWalk &walk);
void walk_single(IndexWalk &walk);

} // namespace datavet::hdf5
