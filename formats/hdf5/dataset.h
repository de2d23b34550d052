/// Reads the data of one dataset to its end.
#pragma once

#include <string>
#include <string_view>

#include "formats/hdf5/reading.h"

namespace datavet::hdf5 {

void examine_dataset(hid_t dataset, haddr_t address, const std::string &path, Reading &reading);

/// " (outside the dataset's folder)" when a file name that is stored in the sample leads out of it.
std::string_view leaves_folder(std::string_view file_name);

} // namespace datavet::hdf5
