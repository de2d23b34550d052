/// The records that are unlike the rest of their dataset.
#pragma once

#include <vector>

#include <datavet/finding.h>
#include <datavet/schema.h>

#include "pipeline/schema/schema_sketch.h"

namespace datavet {

struct UnlikeRecord {
  RecordAt place;
  std::vector<Finding> findings; ///< rules any.unlike.*
};

/// Sorted by place; at most Places::most for each way of being unlike. Empty when the records are too few or too
/// various to say what is usual.
std::vector<UnlikeRecord> unlike_records(const SchemaSketch &sketch);

/// The features that the sketch has seen, sorted by name.
DatasetSchema schema_of(const SchemaSketch &sketch);

} // namespace datavet
