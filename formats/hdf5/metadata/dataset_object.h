/// One dataset out of its object header.
#pragma once

#include <optional>

#include "formats/hdf5/metadata/dataset.h"
#include "formats/hdf5/metadata/object_header.h"
#include "formats/hdf5/metadata/shared_message.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

/// Reads all messages that describe the dataset, and holds them against each other. Nothing, and findings or
/// notes, when what is needed to get at its data is broken or not known. The path is survey.path.
std::optional<Dataset> read_dataset(Survey &survey, SharedMessages &shared, const ObjectHeader &header);

} // namespace datavet::hdf5
