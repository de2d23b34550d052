/// HDF5 files (Keras .h5 too): support.hdfgroup.org/documentation/hdf5/latest/_f_m_t4.html
/// The superblock and the root object are judged here, everything below them by libhdf5 in a worker.
#pragma once

#include "formats/format.h"

namespace datavet {

extern const Format hdf5_format;

} // namespace datavet
