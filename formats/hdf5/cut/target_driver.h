/// A file driver of libhdf5 that reads and writes one Target, and no other file: the other half of sample_driver.h.
#pragma once

#include "formats/hdf5/cut/target.h"
#include "formats/hdf5/library.h"

namespace datavet::hdf5 {

/// What happened to the target while libhdf5 had it: the first errno, and requests for other files.
struct TargetTrouble {
  int error = 0;
  unsigned refused = 0;
};

inline constexpr const char *target_name = "@target";

/// File access properties with which H5Fopen(target_name, H5F_ACC_RDWR) works on `target`. Both outlive the file.
Properties target_access(Target &target, TargetTrouble &trouble);

} // namespace datavet::hdf5
