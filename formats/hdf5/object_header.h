/// The prefix of an object header: FMT IV.A. The messages in it are left to libhdf5.
#pragma once

#include <cstdint>
#include <string_view>

#include <datavet/options.h>

#include "formats/evidence.h"
#include "formats/hdf5/superblock.h"
#include "formats/source.h"

namespace datavet::hdf5 {

/// Judges the header at `address` (counted from the superblock); `owner` names it in findings. The
/// checksum of a version 2 header is verified from Depth::checksum on.
void examine_object_header(const Source &source, const Superblock &superblock, std::uint64_t address,
                           std::string_view owner, const CheckOptions &options, Evidence &evidence);

} // namespace datavet::hdf5
