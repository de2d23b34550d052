/// The rows of a chunked dataset: chunks by column and row of the grid, undone one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <datavet/options.h>

#include "formats/hdf5/cut/row_set.h"
#include "formats/hdf5/filters/filter_chain.h"
#include "formats/hdf5/metadata/dataset.h"
#include "formats/hdf5/superblock.h"
#include "formats/source.h"

namespace datavet::hdf5 {

/// A column is all chunks with the same coordinates but the first. Within a chunk the elements of one row lie together:
/// slice_bytes() of them.
class ChunkRows {
public:
  struct Stored {
    std::uint64_t column = 0, row = 0; ///< in chunks
    std::uint64_t offset = 0;          ///< in the file
    std::uint32_t size = 0, mask = 0;
  };

  /// All outlive it; plain() and walk() want can_undo(dataset.filters). `fill` = bytes of one element, empty = zeros.
  ChunkRows(const Source &source, const Superblock &superblock, const Dataset &dataset, Bytes fill, const Limits &limits);

  /// Reads the index: 32 bytes a chunk. False: trouble() says why. Chunks that the index itself has wrong are missing.
  bool load();

  std::uint64_t columns() const { return columns_; }
  std::uint64_t side() const { return dataset_.storage.chunk[0]; }
  std::uint64_t rows() const { return dataset_.space.extent[0]; }
  std::uint64_t slice_bytes() const { return slice_; }
  std::uint64_t chunk_bytes() const { return slice_ * side(); }
  /// The coordinates of the first element of a chunk.
  std::vector<std::uint64_t> origin(std::uint64_t column, std::uint64_t row) const;
  /// True when it reaches beyond the extent somewhere.
  bool is_partial(std::uint64_t column, std::uint64_t row, std::uint64_t rows) const;

  /// Null = never written. Cheap when asked in order.
  const Stored *find(std::uint64_t column, std::uint64_t row);
  const std::vector<Stored> &all() const { return chunks_; }
  /// The bytes as they are stored; valid until the next call. Nothing: trouble() says why.
  std::optional<Bytes> stored(const Stored &chunk);
  /// Its elements; the same. The last one is remembered.
  std::optional<Bytes> plain(const Stored &chunk);
  /// A slice of fill values.
  Bytes filler();

  /// Gives `use` the elements of the rows in `kept`, column by column, a row at a time; of rows of fill values, written or
  /// not, their number instead. False: trouble() says why.
  bool walk(const RowSet &kept, const std::function<void(Bytes)> &use);

  const std::string &trouble() const { return trouble_; }
  /// errno of a read that failed, 0 = it was not the disk.
  int error() const { return error_; }

private:
  const Source &source_;
  const Superblock &superblock_;
  const Dataset &dataset_;
  const Bytes fill_;
  const Limits &limits_;
  FilterChain chain_;
  std::uint64_t columns_ = 0, slice_ = 0;
  std::vector<Stored> chunks_;
  std::size_t last_ = 0; ///< found
  std::vector<std::uint8_t> buffer_, filler_;
  const Stored *undone_ = nullptr;
  Bytes plain_;
  std::string trouble_;
  int error_ = 0;
};

} // namespace datavet::hdf5
