/// The messages that describe a dataset: dataspace, layout, filters, fill values, external files. Each
/// function gives false, and a finding or a note, when its message is broken or not known. `address` is where
/// the message lies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/hdf5/metadata/dataset.h"
#include "formats/hdf5/metadata/fields.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

/// FMT IV.A.2.b. Gives the number of elements too: 0 for a null space.
bool read_dataspace(Survey &survey, Fields &fields, std::uint64_t address, Dataspace &space,
                    std::uint64_t &elements);

/// FMT IV.A.2.i. Of a virtual dataset, `address` is of the global heap collection and `virtual_index` the
/// object in it.
bool read_layout(Survey &survey, Fields &fields, std::uint64_t address, Storage &storage,
                 std::uint32_t &virtual_index);

/// FMT IV.A.2.l.
bool read_filter_pipeline(Survey &survey, Fields &fields, std::uint64_t address,
                          std::vector<FilterStep> &filters);

/// FMT IV.A.2.e and f: the size of the value and the combination of flags.
bool check_fill_value(Survey &survey, Fields &fields, std::uint64_t address, bool old);

/// FMT IV.A.2.h: one file of the list, its name by its place in a local heap.
struct ExternalFiles {
  std::uint64_t heap = undefined_address;
  std::vector<std::uint64_t> names; ///< offsets in the heap
};
bool read_external_files(Survey &survey, Fields &fields, std::uint64_t address, ExternalFiles &files);

} // namespace datavet::hdf5
