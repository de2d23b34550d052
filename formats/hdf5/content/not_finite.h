/// NaN and infinity among floating-point numbers. IEEE 754, 3.4.
#pragma once

#include <cstdint>

#include "formats/hdf5/content/report.h"
#include "formats/hdf5/content/runs.h"

namespace datavet::hdf5 {

/// Adds what is not finite in a run of binary16, binary32 or binary64 (`element_size` 2, 4 or 8) numbers.
void count_not_finite(const Run &run, std::uint64_t element_size, bool big_endian, NotFinite &count);

} // namespace datavet::hdf5
