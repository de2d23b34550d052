/// Applies the filters of a dataset to the elements of a chunk, as libhdf5's own code does.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/metadata/dataset.h"

namespace datavet::hdf5 {

/// True when all of these can be applied: shuffle, deflate, Fletcher-32. Of other filters only the undoing is known:
/// they are left out, which the chunk's filter mask says, and every reader of HDF5 copes with that.
bool can_apply(std::span<const FilterStep> filters);

class ChunkEncoder {
public:
  /// `filters` outlive it, and are such as can_undo() knows.
  explicit ChunkEncoder(std::span<const FilterStep> filters) : filters_(filters) {}

  struct Encoded {
    Bytes bytes;            ///< valid until the next call
    std::uint32_t mask = 0; ///< bit n: filter n was left out
  };
  /// std::bad_alloc may come out.
  Encoded apply(Bytes elements);

private:
  std::span<const FilterStep> filters_;
  std::vector<std::uint8_t> buffers_[2];
};

} // namespace datavet::hdf5
