/// What filter 32008 stores: bits moved in blocks, and perhaps each block compressed. bitshuffle.c,
/// bshuf_h5filter.c.
#pragma once

#include <optional>
#include <vector>

#include "formats/hdf5/filters/codecs.h"
#include "formats/hdf5/filters/filter_chain.h"

namespace datavet::hdf5 {

/// True when these are parameters that the filter works with.
bool bitshuffle_is_known(const FilterStep &step);
/// True when its blocks are compressed.
bool bitshuffle_compresses(const FilterStep &step);

/// Decodes `in` into exactly `out`; `block` is room for one block. `in_order` false: the bytes may come in
/// any order.
std::optional<ChunkTrouble> decode_bitshuffle(const FilterStep &step, Bytes in, std::span<std::uint8_t> out,
                                              bool in_order, Codecs &codecs,
                                              std::vector<std::uint8_t> &block);

} // namespace datavet::hdf5
