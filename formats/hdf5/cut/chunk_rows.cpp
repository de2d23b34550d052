#include "formats/hdf5/cut/chunk_rows.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "formats/hdf5/chunks/grid.h"
#include "formats/hdf5/chunks/list_chunks.h"
#include "formats/hdf5/metadata/address_space.h"

namespace datavet::hdf5 {

namespace {

std::pair<std::uint64_t, std::uint64_t> place_of(const ChunkRows::Stored &chunk) { return {chunk.column, chunk.row}; }

class Collector final : public ChunkSink {
public:
  Collector(const AddressSpace &space, const Grid &grid, std::uint64_t most, std::vector<ChunkRows::Stored> &chunks)
      : space_(space), grid_(grid), most_(most), chunks_(chunks) {}
  void chunk(const Chunk &chunk) override {
    too_many = too_many || chunks_.size() >= most_;
    too_large = too_large || chunk.size > std::numeric_limits<std::uint32_t>::max();
    if (too_many || too_large) return;
    std::uint64_t column = 0;
    for (unsigned i = 1; i < grid_.rank(); ++i) column = column * grid_.along(i) + chunk.origin[i] / grid_.side(i);
    chunks_.push_back({column, chunk.origin[0] / grid_.side(0), space_.file_offset(chunk.address),
                       static_cast<std::uint32_t>(chunk.size), chunk.mask});
  }

  bool too_many = false, too_large = false;

private:
  const AddressSpace &space_;
  const Grid &grid_;
  const std::uint64_t most_;
  std::vector<ChunkRows::Stored> &chunks_;
};

} // namespace

ChunkRows::ChunkRows(const Source &source, const Superblock &superblock, const Dataset &dataset, Bytes fill,
                     const Limits &limits)
    : source_(source), superblock_(superblock), dataset_(dataset), fill_(fill), limits_(limits),
      chain_(dataset.filters, hdf5::chunk_bytes(dataset.storage).value_or(0)) {}

bool ChunkRows::load() {
  AddressSpace space(source_, superblock_);
  const std::optional<std::uint64_t> bytes = hdf5::chunk_bytes(dataset_.storage);
  if (!bytes || *bytes > limits_.decoded_bytes) {
    trouble_ = "its chunks are larger than the limits";
    return false;
  }
  const Grid grid(dataset_);
  slice_ = *bytes / side();
  columns_ = 1;
  for (unsigned i = 1; i < grid.rank(); ++i) columns_ = saturating_product(columns_, grid.along(i));
  if (grid.count() == countless) {
    trouble_ = "it has more places for chunks than can be counted";
    return false;
  }
  Evidence unheard;
  Collector collector(space, grid, limits_.objects, chunks_);
  const CheckOptions options{Depth::checksum, limits_};
  if (!list_chunks(space, dataset_, options, collector, unheard).whole || collector.too_many || collector.too_large) {
    trouble_ = "its chunk index cannot be read to its end";
    return false;
  }
  if (!std::ranges::is_sorted(chunks_, {}, place_of)) std::ranges::sort(chunks_, {}, place_of);
  return true;
}

std::vector<std::uint64_t> ChunkRows::origin(std::uint64_t column, std::uint64_t row) const {
  const Grid grid(dataset_);
  std::vector<std::uint64_t> origin(grid.rank());
  for (unsigned i = grid.rank(); i-- > 1;) {
    origin[i] = column % grid.along(i) * grid.side(i);
    column /= grid.along(i);
  }
  origin[0] = row * grid.side(0);
  return origin;
}

bool ChunkRows::is_partial(std::uint64_t column, std::uint64_t row, std::uint64_t rows) const {
  const std::vector<std::uint64_t> first = origin(column, row);
  for (unsigned i = 0; i < first.size(); ++i)
    if ((i == 0 ? rows : dataset_.space.extent[i]) - first[i] < dataset_.storage.chunk[i]) return true;
  return false;
}

const ChunkRows::Stored *ChunkRows::find(std::uint64_t column, std::uint64_t row) {
  const std::pair wanted(column, row);
  for (std::size_t i = last_; i < std::min(last_ + 2, chunks_.size()); ++i)
    if (place_of(chunks_[i]) == wanted) return &chunks_[last_ = i];
  const auto found = std::ranges::lower_bound(chunks_, wanted, {}, place_of);
  if (found == chunks_.end() || place_of(*found) != wanted) return nullptr;
  last_ = static_cast<std::size_t>(found - chunks_.begin());
  return &*found;
}

std::optional<Bytes> ChunkRows::stored(const Stored &chunk) {
  undone_ = nullptr; // the buffer is taken
  if (buffer_.size() < chunk.size) buffer_.resize(chunk.size);
  const Source::Read read = source_.read(chunk.offset, std::span(buffer_).first(chunk.size));
  if (read.count == chunk.size && read.error == 0) return Bytes(buffer_).first(chunk.size);
  error_ = read.error;
  trouble_ = "a chunk cannot be read";
  return std::nullopt;
}

std::optional<Bytes> ChunkRows::plain(const Stored &chunk) {
  if (undone_ == &chunk) return plain_;
  const std::optional<Bytes> bytes = stored(chunk);
  if (!bytes) return std::nullopt;
  const std::optional<Bytes> undone = chain_.undo(*bytes, chunk.mask);
  if (!undone) {
    trouble_ = fmt::format("a chunk that was sound is not any more: {}", chain_.trouble()->detail);
    return std::nullopt;
  }
  undone_ = &chunk;
  return plain_ = *undone;
}

Bytes ChunkRows::filler() {
  if (filler_.size() != slice_) {
    filler_.resize(slice_);
    for (std::size_t i = 0; i < filler_.size() && !fill_.empty(); ++i) filler_[i] = fill_[i % fill_.size()];
  }
  return filler_;
}

// Fill values that were never written and those that were are the same rows: both come as a count.
bool ChunkRows::walk(const RowSet &kept, const std::function<void(Bytes)> &use) {
  std::uint64_t fills = 0;
  const auto flush = [&] {
    std::uint8_t number[8];
    for (unsigned i = 0; i < 8; ++i) number[i] = static_cast<std::uint8_t>(fills >> (8 * i));
    if (fills > 0) use(number);
    fills = 0;
  };
  for (std::uint64_t column = 0; column < columns_; ++column) {
    for (const RowRange &range : kept.ranges())
      for (std::uint64_t at = range.first, end = range.first + range.count; at < end;) {
        const std::uint64_t count = std::min(end - at, side() - at % side());
        const Stored *chunk = find(column, at / side());
        const std::optional<Bytes> bytes = chunk == nullptr ? std::nullopt : plain(*chunk);
        if (chunk != nullptr && !bytes) return false;
        for (std::uint64_t i = 0; i < count && chunk != nullptr; ++i) {
          const Bytes row = bytes->subspan((at % side() + i) * slice_, slice_);
          if (std::ranges::equal(row, filler())) {
            ++fills;
          } else {
            flush();
            use(row);
          }
        }
        if (chunk == nullptr) fills += count;
        at += count;
      }
    flush();
  }
  return true;
}

} // namespace datavet::hdf5
