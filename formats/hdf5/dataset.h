/// Reads what our own code leaves of one dataset: elements in the heap, and all data of a dataset that it cannot undo
/// or did not understand.
#pragma once

#include <string>

#include "formats/hdf5/reading.h"

namespace datavet::hdf5 {

void examine_dataset(hid_t dataset, haddr_t address, const std::string &path, Reading &reading);

} // namespace datavet::hdf5
