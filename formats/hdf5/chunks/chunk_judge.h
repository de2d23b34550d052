/// Judges each chunk that an index lists, by itself and beside the others, and hands on the good ones.
#pragma once

#include <cstdint>
#include <string>

#include "formats/evidence.h"
#include "formats/hdf5/chunks/byte_ranges.h"
#include "formats/hdf5/chunks/grid.h"
#include "formats/hdf5/chunks/list_chunks.h"

namespace datavet::hdf5 {

class ChunkJudge {
public:
  /// All outlive it. `bytes` of a chunk before the filters.
  ChunkJudge(const AddressSpace &space, const Dataset &dataset, const Grid &grid, std::uint64_t bytes,
             ChunkSink &sink, ChunkListing &listing, Evidence &evidence);

  /// An allocated chunk whose origin may be any numbers. Called millions of times.
  void take(Chunk &chunk);
  /// One whose origin comes from the grid: inside the extent, at multiples.
  void take_placed(Chunk &chunk);
  void beyond_extent(std::uint64_t address);

  /// The places of all chunks that were handed on.
  ByteRanges &ranges() { return ranges_; }
  /// Adds what is said once for a dataset.
  void finish();

  /// "chunk at (32, 0), rows 32 to 47"
  std::string place_of(const Chunk &chunk) const;

private:
  /// As the chunk says: damaged coordinates lead beyond the extent.
  RowRange rows_of(const Chunk &chunk) const;
  bool lies_on_grid(const Chunk &chunk);
  bool is_partial(const Chunk &chunk) const;
  bool size_is_possible(const Chunk &chunk) const;
  void bad(const Rule &rule, const Chunk &chunk, std::string_view detail);

  const AddressSpace &space_;
  const Dataset &dataset_;
  const Grid &grid_;
  ChunkSink &sink_;
  ChunkListing &listing_;
  Evidence &evidence_;
  const unsigned rank_;
  const std::uint64_t bytes_;
  const std::uint64_t room_;     ///< bytes that addresses can name
  std::uint64_t least_ = 1;      ///< bytes that the filters must leave
  std::uint32_t compressor_ = 0; ///< mask bit of the one deflate filter that `least_` comes from
  const std::uint32_t known_;    ///< mask bits of filters
  Coordinates last_{};           ///< an origin on the grid
  std::uint64_t strange_masks_ = 0, beyond_at_ = undefined_address;
  ByteRanges ranges_;
};

} // namespace datavet::hdf5
