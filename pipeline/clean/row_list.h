/// The list of rows that a clean HDF5 file lacks: JSON, a line each.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "formats/hdf5/cut/row_cut.h"
#include "pipeline/quarantine/step.h"

namespace datavet {

/// Hands `write` the lines, ended, as long as it is done:
///   {"root", "path", "type": "dataset", "dataset", "rows_before", "rows_after", "damaged", "damaged_chunks", "stored_plain"}
///   {..., "type": "rows", "datasets", "first_row", "rows", "rows_before_in_copy", "rules", "chunks": [{"dataset", "offset",
///    "size", "rule"}, ...]}                 a line for each range that went; the first `most_chunks` of its bad chunks
///   {..., "type": "kept", "dataset"}        as many rows as one that lost some, in another group: not touched
/// Row r of the original, if it was kept, is row r - (rows of all ranges before it) of the copy; the first one
/// kept after a range is row rows_before_in_copy.
StepResult write_row_list(std::string_view root, std::string_view path, const hdf5::RowCut &cut,
                          const std::function<StepResult(std::string_view)> &write);

/// True when chunks that are written anew lose their compression: it is by a filter that can only be undone.
bool is_stored_plain(const hdf5::CutDataset &cut);

} // namespace datavet
