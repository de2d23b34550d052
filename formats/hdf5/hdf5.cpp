#include "formats/hdf5/hdf5.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "formats/hdf5/metadata/address_space.h"
#include "formats/hdf5/metadata/walk.h"
#include "formats/hdf5/rules.h"
#include "formats/hdf5/superblock.h"

namespace datavet {

namespace {

// The places that a 4 KiB head can hold: FMT II.A.
bool sniff(Bytes head) {
  for (std::uint64_t at : {0u, 512u, 1024u, 2048u})
    if (head.size() >= at + sizeof hdf5::signature &&
        std::ranges::equal(head.subspan(at, sizeof hdf5::signature), hdf5::signature))
      return true;
  return false;
}

/// Nobody here looks at the data yet.
class Objects final : public hdf5::MetadataSink {
public:
  void group(const std::string &, std::uint64_t) override {}
  void dataset(hdf5::Dataset) override {}
};

void examine(const Source &source, const CheckOptions &options, Evidence &evidence) {
  std::optional<hdf5::Superblock> superblock = hdf5::examine_superblock(source, evidence);
  if (!superblock || options.depth < Depth::structure) return;
  hdf5::AddressSpace space(source, *superblock);
  Objects objects;
  hdf5::walk_metadata(space, options, objects, evidence);
}

constexpr std::string_view extensions[] = {"h5", "hdf5", "he5"};

} // namespace

const Format hdf5_format{
    .name = "hdf5",
    .title = "HDF5",
    .layout = Layout::random_access,
    .extensions = extensions,
    .rules = hdf5::all_rules,
    .sniff = sniff,
    .examine = examine,
    .decoder_family = "hdf5",
    .asks_decoder_from = Depth::content,
};

} // namespace datavet
