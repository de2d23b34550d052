/// FMT IV.A.2.d, Datatype.
#pragma once

#include <cstdint>

#include "formats/hdf5/metadata/dataset.h"
#include "formats/hdf5/metadata/fields.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

/// Reads one datatype with all the types it is made of. False, and a finding or a note about the message at
/// `address`, when it is broken or not known. `fields` is left behind it.
bool read_datatype(Survey &survey, Fields &fields, std::uint64_t address, Datatype &type);

} // namespace datavet::hdf5
