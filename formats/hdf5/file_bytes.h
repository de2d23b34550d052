/// Pieces of a file that is too large to be held in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "formats/evidence.h"
#include "formats/source.h"

namespace datavet::hdf5 {

/// Up to `length` bytes from `offset`: fewer only where the file ends. Nothing, and a finding, when the
/// disk fails. The caller bounds `length`.
std::optional<std::vector<std::uint8_t>> read_bytes(const Source &source, std::uint64_t offset,
                                                    std::uint64_t length, Evidence &evidence);

} // namespace datavet::hdf5
