/// The chunked datasets of a copy without their bad rows, by libhdf5. For a worker process only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <datavet/options.h>

#include "formats/hdf5/cut/row_set.h"
#include "formats/hdf5/cut/target.h"
#include "formats/source.h"

namespace datavet::hdf5 {

struct CutJob {
  struct Part {
    std::uint64_t address = 0; ///< of the dataset's object header
    bool index_is_bad = false; ///< the copy's dataset has no chunk index
    RowSet dropped;
  };
  std::vector<Part> parts; ///< all datasets that lose rows, also those that are not chunked
};

struct CutEnd {
  enum class Kind : std::uint8_t { done, refused, read_failed, write_failed };
  Kind kind = Kind::done;
  int error = 0; ///< errno of what failed; 0 = it was not the disk
  std::string why;
};

/// `original` is sound but for the rows that go. `target` holds what write_skeleton() makes. `alive` is called from time
/// to time. Memory: three chunks, 32 bytes a chunk of the dataset in hand, and what libhdf5 takes.
CutEnd cut_chunks(const Source &original, Target &target, const CutJob &job, const Limits &limits,
                  const std::function<void()> &alive);

/// Starts libhdf5, which cut_chunks() does as well: before the process gives up its rights.
void prepare_to_cut();

} // namespace datavet::hdf5
