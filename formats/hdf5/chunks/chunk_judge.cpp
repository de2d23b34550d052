#include "formats/hdf5/chunks/chunk_judge.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/hdf5/chunks/rules.h"
#include "formats/hdf5/names.h"

namespace datavet::hdf5 {

namespace {

constexpr unsigned deflate = 1;
constexpr std::uint64_t deflate_ratio = 1032; // RFC 1951: 258 bytes from two bits, and no better
constexpr std::uint64_t most_said = 16;       // bad chunks of one dataset that are findings of their own

// FMT IV.A.2.l. A filter that leaves the number of bytes as it is: shuffle, Fletcher-32 (which adds four).
bool keeps_size(const FilterStep &step) { return step.id == 2 || step.id == 3; }

std::uint64_t addressable(const AddressSpace &space) {
  const std::uint64_t end = std::min(space.superblock().end, space.source().size());
  return end < space.superblock().offset ? 0 : end - space.superblock().offset;
}

} // namespace

ChunkJudge::ChunkJudge(const AddressSpace &space, const Dataset &dataset, const Grid &grid,
                       std::uint64_t bytes, ChunkSink &sink, ChunkListing &listing, Evidence &evidence)
    : space_(space), dataset_(dataset), grid_(grid), sink_(sink), listing_(listing), evidence_(evidence),
      rank_(grid.rank()), bytes_(bytes), room_(addressable(space)),
      known_(dataset.filters.size() >= 32 ? ~0u : (1u << dataset.filters.size()) - 1) {
  const std::vector<FilterStep> &filters = dataset.filters;
  const auto deflater = std::ranges::find(filters, deflate, &FilterStep::id);
  const auto others =
      std::ranges::count_if(filters, [](const FilterStep &step) { return !keeps_size(step); });
  if (deflater != filters.end() && others == 1 && deflater - filters.begin() < 32) {
    compressor_ = 1u << (deflater - filters.begin());
    least_ = bytes / deflate_ratio + (bytes % deflate_ratio != 0);
  }
}

// Neighbours in an index are mostly neighbours in the dataset: a division is seldom needed.
bool ChunkJudge::lies_on_grid(const Chunk &chunk) {
  for (unsigned i = 0; i < rank_; ++i) {
    const std::uint64_t along = chunk.origin[i];
    if (along == last_[i]) continue;
    if (along - last_[i] != grid_.side(i) && along % grid_.side(i) != 0) return false;
    last_[i] = along;
  }
  return true;
}

bool ChunkJudge::is_partial(const Chunk &chunk) const {
  for (unsigned i = 0; i < rank_; ++i)
    if (dataset_.space.extent[i] - chunk.origin[i] < grid_.side(i)) return true;
  return false;
}

void ChunkJudge::take(Chunk &chunk) {
  if (!lies_on_grid(chunk))
    return bad(chunk_origin, chunk,
               fmt::format("chunks are {}", fmt::join(dataset_.storage.chunk_shape(), " x ")));
  for (unsigned i = 0; i < rank_; ++i)
    if (chunk.origin[i] >= dataset_.space.extent[i]) return beyond_extent(chunk.address);
  take_placed(chunk);
}

void ChunkJudge::take_placed(Chunk &chunk) {
  if (chunk.address > room_ || chunk.size > room_ - chunk.address)
    return bad(chunk_outside, chunk,
               fmt::format("{} bytes at address {}, addresses end at {}", chunk.size, chunk.address, room_));
  if (dataset_.storage.edges_unfiltered && is_partial(chunk))
    chunk.mask = ~0u;
  else if ((chunk.mask & ~known_) != 0)
    ++strange_masks_;
  if (!size_is_possible(chunk))
    return bad(chunk_stored_size, chunk,
               fmt::format("{} bytes are stored, a chunk has {}", chunk.size, bytes_));
  ranges_.add(chunk.address, chunk.size);
  ++listing_.listed;
  sink_.chunk(chunk);
}

bool ChunkJudge::size_is_possible(const Chunk &chunk) const {
  if ((known_ & ~chunk.mask) == 0) return chunk.size == bytes_;
  return (chunk.mask & compressor_) != 0 ? chunk.size >= bytes_ : chunk.size >= least_;
}

void ChunkJudge::beyond_extent(std::uint64_t address) {
  if (listing_.beyond++ == 0) beyond_at_ = address;
}

void ChunkJudge::bad(const Rule &rule, const Chunk &chunk, std::string_view detail) {
  sink_.bad_chunk(chunk, rule, rows_of(chunk));
  if (++listing_.bad > most_said) return;
  const bool known = chunk.address <= room_;
  evidence_.findings.add({&rule, known ? space_.file_offset(chunk.address) : space_.file_offset(0),
                          known ? std::min(chunk.size, room_ - chunk.address) : 0,
                          fmt::format("{}: {}{}", place_of(chunk), detail,
                                      listing_.bad == most_said ? "; more chunks are bad, and not named" : ""),
                          dataset_.path, rows_of(chunk)});
}

void ChunkJudge::finish() {
  if (listing_.beyond > 0)
    evidence_.findings.add({&chunk_beyond, beyond_at_ <= room_ ? space_.file_offset(beyond_at_) : space_.file_offset(0), 0,
                            fmt::format("{} chunks, the first of them here", listing_.beyond), dataset_.path});
  if (strange_masks_ > 0)
    evidence_.findings.add({&chunk_mask, space_.file_offset(0), 0,
                            fmt::format("{} chunks, the dataset has {} filters", strange_masks_, dataset_.filters.size()),
                            dataset_.path});
}

RowRange ChunkJudge::rows_of(const Chunk &chunk) const {
  const std::uint64_t first = chunk.origin[0], extent = dataset_.space.extent[0];
  return {first, first < extent ? std::min(grid_.side(0), extent - first) : grid_.side(0)};
}

std::string ChunkJudge::place_of(const Chunk &chunk) const {
  return fmt::format("chunk at ({}), {}", fmt::join(std::span(chunk.origin).first(rank_), ", "), name_of(rows_of(chunk)));
}

} // namespace datavet::hdf5
