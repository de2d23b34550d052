/// libhdf5 reads a whole file through our own driver. For a worker process only: on hostile input it
/// crashes, hangs and swells. Nothing here opens a file.
#pragma once

#include <string>

#include "formats/decoder.h"

namespace datavet {

/// Needs input.source. Findings are those that examine() cannot make: a refusal by libhdf5 to open a file
/// that examine() calls damaged is not repeated.
void hdf5_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence);
void hdf5_warm_up();
std::string hdf5_version();

inline constexpr Decoder hdf5_decoder{"hdf5", "libhdf5", hdf5_decode, hdf5_warm_up, hdf5_version};

} // namespace datavet
