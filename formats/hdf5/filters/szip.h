/// What filter 4, szip, stores: CCSDS 121.0, as libaec decodes it. H5Zszip.c, sz_compat.c of libaec.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/filters/filter_chain.h"

namespace datavet::hdf5 {

/// True when these are parameters that H5Pset_szip allows.
bool szip_is_known(const FilterStep &step);

/// Decodes `in` into exactly `out`; `planes` is room for as much. szip_is_known() holds. libaec takes some 20
/// KiB beside.
std::optional<ChunkTrouble> decode_szip(const FilterStep &step, Bytes in, std::span<std::uint8_t> out,
                                        std::vector<std::uint8_t> &planes);

} // namespace datavet::hdf5
