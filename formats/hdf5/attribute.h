/// Reads the attributes of one object.
#pragma once

#include <string>

#include "formats/hdf5/reading.h"

namespace datavet::hdf5 {

void examine_attributes(hid_t object, haddr_t address, const std::string &path, Reading &reading);

} // namespace datavet::hdf5
