/// References into datasets that lose rows: whole objects stay where they are, so references to them stay right; what
/// names rows, or ties a dimension to another dataset, may not.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "formats/hdf5/library.h"

namespace datavet::hdf5 {

/// Why the rows of the datasets at the addresses `cut` (sorted) may not go; empty = they may. Looks at
/// region references in every dataset and attribute of `objects`, at dimension scales (the attributes DIMENSION_LIST and
/// REFERENCE_LIST of H5DS and netCDF-4), and at virtual datasets that are made of datasets of this file.
std::string find_tie(hid_t file, std::span<const std::uint64_t> objects, std::span<const std::uint64_t> cut);

} // namespace datavet::hdf5
