#include "formats/hdf5/chunks/list_chunks.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/hdf5/chunks/index_walk.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

constexpr std::size_t most_overlaps = 8; // that are findings of their own

void walk_index(IndexWalk &walk) {
  if (walk.dataset.storage.address == undefined_address) return; // nothing was ever written
  switch (walk.dataset.storage.index) {
  case Storage::Index::none: return;
  case Storage::Index::single: return walk_single(walk);
  case Storage::Index::implicit: return walk_implicit(walk);
  case Storage::Index::fixed_array: return walk_fixed_array(walk);
  case Storage::Index::extensible_array: return walk_extensible_array(walk);
  case Storage::Index::btree_v2: return walk_btree_v2(walk);
  case Storage::Index::btree_v1: return walk_btree_v1(walk);
  }
}

/// Finds out which chunks the overlapping bytes belong to: only when there are some.
class Locator final : public ChunkSink {
public:
  explicit Locator(const std::vector<ByteRange> &places) : places_(places), owners_(places.size()) {}
  void chunk(const Chunk &chunk) override {
    for (std::size_t i = 0; i < places_.size(); ++i)
      if (owners_[i].size() < 2 && chunk.address < places_[i].at + places_[i].size &&
          places_[i].at < chunk.address + chunk.size)
        owners_[i].push_back(chunk);
  }
  const std::vector<Chunk> &owners(std::size_t i) const { return owners_[i]; }

private:
  const std::vector<ByteRange> &places_;
  std::vector<std::vector<Chunk>> owners_; ///< the first two
};

void complain_of_overlaps(IndexWalk &walk, const CheckOptions &options, Evidence &evidence) {
  const std::vector<ByteRange> places = walk.judge.ranges().overlaps(most_overlaps);
  if (places.empty()) return;
  Locator locator(places);
  Evidence unheard;
  ChunkListing again;
  ChunkJudge judge(walk.space, walk.dataset, walk.grid, walk.chunk_bytes, locator, again, unheard);
  IndexWalk second(walk.space, walk.dataset, options, walk.grid, walk.chunk_bytes, judge, again, unheard);
  walk_index(second);
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::vector<std::string> names;
    for (const Chunk &chunk : locator.owners(i)) names.push_back(walk.judge.place_of(chunk));
    evidence.findings.add({&chunk_overlap, walk.space.file_offset(places[i].at), places[i].size,
                           fmt::format("{} bytes of {}", places[i].size, fmt::join(names, " and of ")), walk.dataset.path});
  }
}

void add(Evidence &evidence, const Rule &rule, const AddressSpace &space, const Dataset &dataset,
         std::string_view detail) {
  evidence.findings.add({&rule, space.file_offset(space.holds(dataset.address, 0) ? dataset.address : 0), 0,
                         std::string(detail), dataset.path});
}

bool shape_is_sound(const AddressSpace &space, const Dataset &dataset, Evidence &evidence) {
  const unsigned rank = dataset.storage.rank;
  const std::span<const std::uint64_t> sides(dataset.storage.chunk);
  if (rank == 0 || rank > most_dimensions || rank != dataset.space.rank ||
      dataset.storage.element_size == 0 ||
      std::ranges::count(sides.first(std::min(rank, most_dimensions)), 0u) > 0) {
    add(evidence, index_structure, space, dataset,
        fmt::format("chunks of {} dimensions and elements of {} bytes, the dataset has {} dimensions", rank,
                    dataset.storage.element_size, dataset.space.rank));
    return false;
  }
  if (chunk_bytes(dataset.storage)) return true;
  add(evidence, dataset_limit, space, dataset, "chunks of more bytes than 64 bits can count");
  return false;
}

} // namespace

std::optional<std::uint64_t> chunk_bytes(const Storage &storage) {
  std::uint64_t bytes = storage.element_size;
  for (std::uint64_t side : storage.chunk_shape())
    if (side == 0 || __builtin_mul_overflow(bytes, side, &bytes)) return std::nullopt;
  return bytes;
}

// FMT IV.A.2.i: the layout message itself says where the one chunk is.
void walk_single(IndexWalk &walk) {
  if (walk.grid.count() != 1) {
    if (walk.grid.count() > 0) // no extent: nothing to read
      walk.complain(index_structure, walk.dataset.address, 0,
                    fmt::format("one chunk for {} places", walk.grid.count()));
    return;
  }
  const Storage &storage = walk.dataset.storage;
  const bool filtered = !walk.dataset.filters.empty();
  Chunk chunk;
  chunk.address = storage.address;
  chunk.size = filtered ? storage.single_size : walk.chunk_bytes;
  chunk.mask = filtered ? storage.single_mask : 0;
  walk.judge.take_placed(chunk);
}

// FMT IV.A.2.i: all chunks, one behind the other, unfiltered. None can be missing.
void walk_implicit(IndexWalk &walk) {
  if (!walk.dataset.filters.empty())
    return walk.complain(index_structure, walk.dataset.address, 0, "an implicit index of filtered chunks");
  const std::uint64_t numbers = walk.grid.numbers(), address = walk.dataset.storage.address;
  const std::uint64_t bytes = saturating_product(numbers, walk.chunk_bytes);
  // Listing what is not there takes as long as the extent is large: once is enough said.
  if (!walk.space.holds(address, bytes))
    return walk.complain(chunk_outside, address, 0,
                         fmt::format("{} chunks need {} bytes at address {}", numbers, bytes, address));
  Grid::Cursor cursor(walk.grid);
  Chunk chunk;
  chunk.size = walk.chunk_bytes;
  for (std::uint64_t i = 0; i < numbers; ++i, cursor.advance()) {
    chunk.address = address + i * walk.chunk_bytes;
    if (cursor.origin(chunk.origin)) walk.judge.take_placed(chunk);
  }
}

ChunkListing list_chunks(AddressSpace &space, const Dataset &dataset, const CheckOptions &options,
                         ChunkSink &sink, Evidence &evidence) {
  ChunkListing listing;
  if (options.depth < Depth::structure || dataset.storage.form != Storage::Class::chunked ||
      dataset.space.form == Dataspace::Class::null)
    return listing;
  if (!shape_is_sound(space, dataset, evidence)) {
    listing.whole = false;
    return listing;
  }
  const std::uint64_t bytes = *chunk_bytes(dataset.storage);
  const Grid grid(dataset);
  ChunkJudge judge(space, dataset, grid, bytes, sink, listing, evidence);
  IndexWalk walk(space, dataset, options, grid, bytes, judge, listing, evidence);
  walk_index(walk);
  judge.finish();
  complain_of_overlaps(walk, options, evidence);
  return listing;
}

} // namespace datavet::hdf5
