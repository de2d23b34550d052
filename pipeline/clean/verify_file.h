/// A clean HDF5 file, held against its original: before it gets its name.
#pragma once

#include "formats/format.h"
#include "formats/hdf5/cut/row_cut.h"
#include "pipeline/clean/cutter.h"

namespace datavet {

/// `copy` is open for reading only. By our own code, not by that which wrote it: no rule of severity error is broken at depth
/// content, the objects are those of the original, every dataset holds the very rows that it shall hold, and libhdf5, in a
/// process of its own, reads what we cannot. refused = it does not.
StepResult verify_file(UniqueFd copy, const File &original, const hdf5::RowCut &cut, const Format &format,
                       const CutterOptions &options);

} // namespace datavet
