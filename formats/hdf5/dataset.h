/// Reads the data of one dataset to its end.
#pragma once

#include <string>

#include "formats/hdf5/reading.h"

namespace datavet::hdf5 {

void examine_dataset(hid_t dataset, haddr_t address, const std::string &path, Reading &reading);

} // namespace datavet::hdf5
