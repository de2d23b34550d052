/// One record beside a schema that the user fixed.
#pragma once

#include <span>

#include <datavet/schema.h>

#include "formats/findings.h"
#include "pipeline/schema/record_traits.h"

namespace datavet {

/// Adds a finding (rules any.schema.*) for each way in which the record, at `offset` + `size`, is not what the schema
/// says. `dataset.features` is sorted by name.
void compare(const DatasetSchema &dataset, std::span<const FeatureTrait> features, std::uint64_t offset, std::uint64_t size,
             Findings &findings);

/// True when compare() would add nothing: for records by the million.
bool agrees(const DatasetSchema &dataset, std::span<const FeatureTrait> features);

} // namespace datavet
