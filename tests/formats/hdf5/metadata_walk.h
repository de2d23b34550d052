/// Walks over the metadata of a file in memory, and keeps what it gives.
#pragma once

#include <string>
#include <vector>

#include "formats/hdf5/metadata/walk.h"
#include "formats/hdf5/superblock.h"
#include "tests/support/damage.h"
#include "tests/support/guarded_bytes.h"

namespace datavet::test {

struct MetadataSeen final : hdf5::MetadataSink {
  void group(const std::string &path, std::uint64_t) override { groups.push_back(path); }
  void dataset(hdf5::Dataset dataset) override { datasets.push_back(std::move(dataset)); }

  std::vector<std::string> groups;
  std::vector<hdf5::Dataset> datasets;
  Evidence evidence;
  bool whole = false;           ///< what walk_metadata() said
  std::uint64_t bytes_read = 0; ///< of the source
};

inline MetadataSeen walk(const Blob &file, CheckOptions options = {}) {
  const GuardedBytes guarded{Bytes(file)};
  const MemorySource source(guarded.bytes());
  MetadataSeen seen;
  Evidence aside; // what is wrong with the superblock is another test's business
  const std::optional<hdf5::Superblock> superblock = hdf5::examine_superblock(source, aside);
  if (!superblock) return seen;
  hdf5::AddressSpace space(source, *superblock);
  seen.whole = hdf5::walk_metadata(space, options, seen, seen.evidence);
  seen.bytes_read = space.bytes_read();
  return seen;
}

} // namespace datavet::test
