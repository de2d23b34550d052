/// FMT IV.A.2.m, Attribute.
#pragma once

#include <cstdint>
#include <string>

#include "formats/hdf5/metadata/dataset.h"
#include "formats/hdf5/metadata/fields.h"
#include "formats/hdf5/metadata/shared_message.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

struct Attribute {
  std::string name;
  Datatype type;
  Dataspace space;
  std::uint64_t elements = 0;
  Bytes value; ///< elements x type.size bytes, inside the message
};

/// Reads one attribute from `message`, which lies at `address`. False, and a finding or a note, when it is
/// broken or not known.
bool read_attribute(Survey &survey, SharedMessages &shared, Bytes message, std::uint64_t address,
                    Attribute &attribute);

} // namespace datavet::hdf5
