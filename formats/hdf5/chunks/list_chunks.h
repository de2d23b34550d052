/// Lists the chunks of a dataset from its chunk index. FMT III.A (B-trees), VII.C (fixed array), VII.D
/// (extensible array), IV.A.2.i (single chunk, implicit).
#pragma once

#include <cstdint>

#include <datavet/options.h>

#include "formats/evidence.h"
#include "formats/hdf5/metadata/address_space.h"
#include "formats/hdf5/metadata/chunk.h"
#include "formats/hdf5/metadata/dataset.h"

namespace datavet::hdf5 {

struct ChunkListing {
  std::uint64_t listed = 0; ///< chunks given to the sink
  std::uint64_t beyond = 0; ///< chunks outside the extent: not given to it
  std::uint64_t bad = 0;    ///< chunks that cannot be read: not given to it, each a finding
  bool whole = true;        ///< every piece of the index could be read
};

/// Gives `sink` each chunk inside the extent whose bytes lie inside the file and are as many as can be, in
/// the order of the index; where a tree is out of order it may give one place twice. Chunks that were never
/// written (fill values) are no trouble and are not given. Judges the index from Depth::structure on, its
/// checksums from Depth::checksum on; findings name the dataset, the rows, and the place in the file.
///
/// `dataset.storage` is chunked. Any contents of it and of the file are safe; time and memory are bounded by
/// the file's size: 64 MiB for the chunks' places, and an index is read once.
ChunkListing list_chunks(AddressSpace &space, const Dataset &dataset, const CheckOptions &options,
                         ChunkSink &sink, Evidence &evidence);

/// Bytes of a chunk before its filters; nothing when 64 bits cannot count them, or a side is 0.
std::optional<std::uint64_t> chunk_bytes(const Storage &storage);

} // namespace datavet::hdf5
