/// What filter 6, scale-offset, stores: each number less the smallest one, in as few bits as the largest
/// needs. H5Z_FILTER_SCALEOFFSET, H5Zscaleoffset.c.
#pragma once

#include <optional>
#include <span>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/filters/filter_chain.h"

namespace datavet::hdf5 {

/// True when these are parameters that the filter works with.
bool scale_offset_is_known(const FilterStep &step);
/// True when the filter leaves chunks alone: as many bits a number were asked for as it has.
/// scale_offset_is_known().
bool scale_offset_does_nothing(const FilterStep &step);

/// Decodes `in` into exactly `out`; neither for scale_offset_does_nothing() nor without
/// scale_offset_is_known(). Bytes behind the last number are passed over, as libhdf5 does.
std::optional<ChunkTrouble> decode_scale_offset(const FilterStep &step, Bytes in,
                                                std::span<std::uint8_t> out);

} // namespace datavet::hdf5
