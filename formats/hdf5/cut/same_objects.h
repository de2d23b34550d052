/// Whether a copy has the objects of its original, in the same places, and no more than the rows are fewer.
#pragma once

#include <string>
#include <vector>

#include "formats/hdf5/cut/row_cut.h"

namespace datavet::hdf5 {

/// A dataset of both files, and the rows of the original that the copy has.
struct Counterpart {
  Dataset original, copy;
  RowSet kept;
  bool is_cut = false;
};

/// `copy` was made by taking `cut` out of `original`. A sentence about the first difference; empty = there is none, and
/// `pairs` lists all datasets.
std::string compare_objects(const Source &original, const Source &copy, const RowCut &cut, const Limits &limits,
                            std::vector<Counterpart> &pairs);

} // namespace datavet::hdf5
