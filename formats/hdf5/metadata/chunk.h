/// One stored chunk of a dataset, as every kind of chunk index lists it.
#pragma once

#include <array>
#include <cstdint>

#include <datavet/finding.h>

#include "formats/hdf5/metadata/dataset.h"

namespace datavet::hdf5 {

struct Chunk {
  std::uint64_t address = 0; ///< of its bytes, counted from the superblock
  std::uint64_t size = 0;    ///< bytes stored, after the filters
  std::uint32_t mask = 0;    ///< bit n: filter n was not applied to this chunk; all = none was (unfiltered edges)
  std::array<std::uint64_t, most_dimensions> origin{}; ///< of its first element; multiples of the chunk's sides
};

/// Receives the chunks of a dataset in the order of its index. Called millions of times.
class ChunkSink {
public:
  virtual ~ChunkSink() = default;
  virtual void chunk(const Chunk &chunk) = 0;
  /// An entry whose chunk cannot be read, as `rule` says; every one, though findings name the first ones only. `rows`
  /// are what its coordinates claim.
  virtual void bad_chunk(const Chunk &, const Rule &, const RowRange &) {}
};

} // namespace datavet::hdf5
