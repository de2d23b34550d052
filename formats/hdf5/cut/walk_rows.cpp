#include "formats/hdf5/cut/walk_rows.h"

#include <algorithm>
#include <cerrno>

namespace datavet::hdf5 {

namespace {

constexpr std::uint64_t block_bytes = 1 << 20;

RowsRead walk_flat(const Source &source, std::uint64_t at, std::uint64_t row_bytes, const RowSet &kept,
                   const std::function<void(Bytes)> &use) {
  std::vector<std::uint8_t> block(block_bytes);
  for (const RowRange &range : kept.ranges())
    for (std::uint64_t done = 0, all = range.count * row_bytes; done < all;) {
      const std::uint64_t count = std::min<std::uint64_t>(all - done, block.size());
      const Source::Read read = source.read(at + range.first * row_bytes + done, std::span(block).first(count));
      if (read.error != 0 || read.count != count)
        return {read.error != 0 ? read.error : ENODATA, "its data cannot be read"};
      use(Bytes(block).first(count));
      done += count;
    }
  return {};
}

} // namespace

RowsRead walk_stored(const Source &source, const Superblock &superblock, const Dataset &dataset, const Limits &limits,
                     const std::function<void(Bytes)> &use) {
  if (dataset.storage.form != Storage::Class::chunked)
    return walk_rows(source, superblock, dataset, {}, RowSet().others(rows_of(dataset)), limits, use);
  ChunkRows rows(source, superblock, dataset, {}, limits);
  if (!rows.load()) return {rows.error(), rows.trouble()};
  for (const ChunkRows::Stored &chunk : rows.all()) {
    const std::uint64_t place[] = {chunk.column, chunk.row, chunk.offset, chunk.size, chunk.mask};
    use(Bytes(reinterpret_cast<const std::uint8_t *>(place), sizeof place));
    const std::optional<Bytes> bytes = rows.stored(chunk);
    if (!bytes) return {rows.error(), rows.trouble()};
    use(*bytes);
  }
  return {};
}

RowsRead walk_rows(const Source &source, const Superblock &superblock, const Dataset &dataset, Bytes fill,
                   const RowSet &kept, const Limits &limits, const std::function<void(Bytes)> &use) {
  const Storage &storage = dataset.storage;
  if (dataset.external || rows_of(dataset) == 0) return {};
  if (storage.form == Storage::Class::chunked) {
    ChunkRows rows(source, superblock, dataset, fill, limits);
    if (rows.load() && rows.walk(kept, use)) return {};
    return {rows.error(), rows.trouble()};
  }
  std::uint64_t row_bytes = dataset.type.size; // its product with the rows is inside the file: the walk saw to that
  for (std::size_t i = 1; i < dataset.space.rank; ++i) row_bytes *= dataset.space.extent[i];
  const bool flat = storage.form == Storage::Class::contiguous && storage.address != undefined_address;
  if (!flat && storage.form != Storage::Class::compact) return {};
  return walk_flat(source, superblock.offset + (flat ? storage.address : storage.compact_at), row_bytes, kept, use);
}

} // namespace datavet::hdf5
