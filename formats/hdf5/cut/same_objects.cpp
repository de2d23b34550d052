#include "formats/hdf5/cut/same_objects.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "formats/hdf5/cut/walk_rows.h"
#include "formats/hdf5/metadata/address_space.h"
#include "formats/hdf5/metadata/walk.h"
#include "formats/hdf5/names.h"

namespace datavet::hdf5 {

namespace {

class Objects final : public MetadataSink {
public:
  void group(const std::string &path, std::uint64_t address) override { groups[path] = address; }
  void dataset(Dataset dataset) override { datasets.push_back(std::move(dataset)); }
  std::map<std::string, std::uint64_t> groups;
  std::vector<Dataset> datasets;
};

bool list_objects(const Source &source, const Limits &limits, Objects &objects) {
  Evidence unheard;
  const std::optional<Superblock> superblock = examine_superblock(source, unheard);
  if (!superblock) return false;
  AddressSpace space(source, *superblock);
  walk_metadata(space, {Depth::checksum, limits}, objects, unheard);
  return true;
}

bool same_filters(const std::vector<FilterStep> &a, const std::vector<FilterStep> &b) {
  return std::ranges::equal(a, b, [](const FilterStep &one, const FilterStep &other) {
    return one.id == other.id && one.flags == other.flags && one.parameters == other.parameters;
  });
}

bool is_alike(const Dataset &original, const Dataset &copy, std::uint64_t rows, bool is_cut) {
  Dataset expected = original;
  if (original.space.rank > 0 && is_cut) expected.space.extent[0] = rows;
  const bool moved = is_cut && original.storage.form == Storage::Class::chunked; // its index may be a new one
  return original.path == copy.path && original.address == copy.address &&
         std::ranges::equal(expected.space.dimensions(), copy.space.dimensions()) &&
         original.type.size == copy.type.size && original.type.form == copy.type.form &&
         original.storage.form == copy.storage.form &&
         std::ranges::equal(original.storage.chunk_shape(), copy.storage.chunk_shape()) &&
         (moved || original.storage.address == copy.storage.address) && same_filters(original.filters, copy.filters);
}

} // namespace

std::string compare_objects(const Source &original, const Source &copy, const RowCut &cut, const Limits &limits,
                            std::vector<Counterpart> &pairs) {
  Objects theirs, ours;
  if (!list_objects(original, limits, theirs) || !list_objects(copy, limits, ours)) return "its superblock cannot be read";
  if (theirs.groups != ours.groups || theirs.datasets.size() != ours.datasets.size()) return "it has other objects";
  for (std::size_t i = 0; i < ours.datasets.size(); ++i) {
    Counterpart pair{theirs.datasets[i], ours.datasets[i], {}, false};
    const auto found = std::ranges::find(cut.datasets, pair.original.address,
                                         [](const CutDataset &each) { return each.dataset.address; });
    const std::uint64_t rows = rows_of(pair.original);
    const bool is_cut = pair.is_cut = found != cut.datasets.end();
    pair.kept = (is_cut ? cut.companies[found->company].dropped : RowSet()).others(rows);
    if (!is_alike(pair.original, pair.copy, is_cut ? pair.kept.count() : rows, is_cut))
      return fmt::format("{} is another", shown(pair.original.path));
    pairs.push_back(std::move(pair));
  }
  return {};
}

} // namespace datavet::hdf5
