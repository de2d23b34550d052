/// What a datatype means for who reads data of it.
#pragma once

#include <cstdint>
#include <string>

#include <datavet/finding.h>

#include "formats/hdf5/library.h"

namespace datavet::hdf5 {

struct TypeReport {
  std::uint64_t disk_size = 0; ///< bytes of an element in the file; libhdf5 only tells that in memory
  bool in_heap = false;        ///< part of each element lies in the file's global heap: strings, sequences
  const Rule *rule = nullptr;  ///< a rule that the type breaks, or null
  std::string detail;
};

/// Looks into every member and base of the type. `offset_size`: bytes of an address in this file.
TypeReport examine_type(hid_t type, std::size_t offset_size);

} // namespace datavet::hdf5
