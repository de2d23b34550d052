/// Blosc 1 buffers: what filter 32001 stores. README_CHUNK_FORMAT.rst of c-blosc, and blosc.c.
#pragma once

#include <optional>
#include <vector>

#include "formats/hdf5/filters/codecs.h"
#include "formats/hdf5/filters/filter_chain.h"

namespace datavet::hdf5 {

/// Decodes `in` into exactly `out`; `block` is room for one block. `in_order` false: the bytes may come in
/// any order.
std::optional<ChunkTrouble> decode_blosc(Bytes in, std::span<std::uint8_t> out, bool in_order, Codecs &codecs,
                                         std::vector<std::uint8_t> &block);

} // namespace datavet::hdf5
