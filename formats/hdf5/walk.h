/// Visits every object of a file once.
#pragma once

#include "formats/hdf5/reading.h"

namespace datavet::hdf5 {

/// Opens every group, dataset and committed type that hard links from `root` reach, reads their attributes
/// and data. Never leaves the file. Not H5Ovisit: in 1.10.8 it goes round for ever on a cycle of links
/// whose reference counts say 1.
void walk_objects(Object root, Reading &reading);

} // namespace datavet::hdf5
