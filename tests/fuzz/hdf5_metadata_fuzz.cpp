// The walk over metadata without its checksums: damage gets past them into the parsers behind.
#include <cassert>

#include "formats/hdf5/metadata/walk.h"
#include "formats/hdf5/superblock.h"

namespace {

using namespace datavet;

struct Counting final : hdf5::MetadataSink {
  void group(const std::string &, std::uint64_t) override { ++groups; }
  void dataset(hdf5::Dataset dataset) override {
    assert(dataset.space.rank <= hdf5::most_dimensions && dataset.storage.rank <= hdf5::most_dimensions);
    ++datasets;
  }
  std::uint64_t groups = 0, datasets = 0;
};

std::size_t walk(const Source &source, Depth depth) {
  Evidence aside, evidence;
  Outline outline;
  evidence.outline = &outline;
  // Any superblock will do: most inputs have none that is sound.
  hdf5::Superblock superblock;
  superblock.offset_size = superblock.length_size = 8;
  superblock.root = 96;
  superblock.end = source.size();
  if (const std::optional<hdf5::Superblock> read = hdf5::examine_superblock(source, aside))
    superblock = *read;
  hdf5::AddressSpace space(source, superblock);
  Counting sink;
  hdf5::walk_metadata(space, {depth, {}}, sink, evidence);
  for (const Finding &finding : evidence.findings.list())
    assert(finding.offset <= source.size() && finding.length <= source.size() - finding.offset);
  return evidence.findings.list().size();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const MemorySource source({data, size});
  // Depth::structure does not look at checksums.
  const std::size_t once = walk(source, Depth::structure), twice = walk(source, Depth::structure);
  assert(once == twice);
  walk(source, Depth::content);
  return 0;
}
