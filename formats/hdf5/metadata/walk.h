/// Our own walk over all metadata that hard links reach from the root, before libhdf5 sees the file.
#pragma once

#include <cstdint>
#include <string>

#include <datavet/options.h>

#include "formats/evidence.h"
#include "formats/hdf5/metadata/address_space.h"
#include "formats/hdf5/metadata/dataset.h"

namespace datavet::hdf5 {

/// Receives the objects of a file, each once, in the order of the walk.
class MetadataSink {
public:
  virtual ~MetadataSink() = default;
  /// `address` of its object header.
  virtual void group(const std::string &path, std::uint64_t address) = 0;
  /// Only datasets whose dataspace, datatype and layout are sound and known; for each other one there is a
  /// finding or a note. Contiguous data lie inside the file.
  virtual void dataset(Dataset dataset) = 0;
};

/// Judges object headers, messages, groups, heaps and trees, from Depth::checksum on their checksums too.
/// Chunk indexes are left to who receives the datasets. Bounded: every structure is read once, no more than
/// 64 times the file's size in all, memory within a small multiple of the file's size. True when everything
/// was read and understood.
bool walk_metadata(AddressSpace &space, const CheckOptions &options, MetadataSink &sink, Evidence &evidence);

} // namespace datavet::hdf5
