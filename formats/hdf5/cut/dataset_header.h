/// What of a dataset's object header says how many rows there are, and where it stands: to be written anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/hdf5/metadata/address_space.h"
#include "formats/hdf5/metadata/dataset.h"

namespace datavet::hdf5 {

/// Bytes that take the place of others in a file.
struct Patch {
  std::uint64_t offset = 0; ///< in the file
  std::vector<std::uint8_t> bytes;
};

/// The fill value message (FMT IV.A.2.e, f): an element's bytes as they are stored; empty = zeros. Nothing when the
/// header cannot be read again.
std::optional<std::vector<std::uint8_t>> read_fill_value(AddressSpace &space, const Dataset &dataset);

/// The header's blocks with `rows` as the first extent and, where the data are compact or contiguous, `bytes` as their
/// size; `compact` takes the place of compact data. Checksums are made anew. An empty list and `why`, when that cannot
/// be done: messages that lie elsewhere, layouts from before HDF5 1.6.
std::vector<Patch> with_rows(AddressSpace &space, const Dataset &dataset, std::uint64_t rows, std::uint64_t bytes,
                             const std::vector<std::uint8_t> &compact, std::string &why);

/// The header's blocks with a chunk index that does not exist, as in a dataset that was never written. Else as above.
std::vector<Patch> without_index(AddressSpace &space, const Dataset &dataset, std::string &why);

} // namespace datavet::hdf5
