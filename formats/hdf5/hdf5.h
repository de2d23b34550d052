/// HDF5 files (Keras .h5 too): support.hdfgroup.org/documentation/hdf5/latest/_f_m_t4.html
/// Metadata, chunks and filters are judged here; what lies in heaps and behind rare filters by libhdf5 in a worker.
#pragma once

#include "formats/format.h"

namespace datavet {

extern const Format hdf5_format;

} // namespace datavet
