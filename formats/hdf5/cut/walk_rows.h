/// The rows of any dataset, element by element, as they are stored: to tell whether two files hold the same.
#pragma once

#include <functional>
#include <string>

#include "formats/hdf5/cut/chunk_rows.h"

namespace datavet::hdf5 {

struct RowsRead {
  int error = 0;       ///< errno of the source
  std::string trouble; ///< empty = all were given
};

/// Gives `use` the bytes of the rows in `kept`: chunked data (can_undo() holds of their filters) as ChunkRows::walk() does,
/// other data row by row; nothing of data that were never written or lie elsewhere. Data of no dimension are one row.
RowsRead walk_rows(const Source &source, const Superblock &superblock, const Dataset &dataset, Bytes fill,
                   const RowSet &kept, const Limits &limits, const std::function<void(Bytes)> &use);

/// The same of all data of a dataset, but as they are stored: the places of its chunks, and the bytes there.
RowsRead walk_stored(const Source &source, const Superblock &superblock, const Dataset &dataset, const Limits &limits,
                     const std::function<void(Bytes)> &use);

/// Rows that the dataset has.
inline std::uint64_t rows_of(const Dataset &dataset) {
  if (dataset.space.form == Dataspace::Class::null) return 0;
  return dataset.space.rank == 0 ? 1 : dataset.space.extent[0];
}

} // namespace datavet::hdf5
