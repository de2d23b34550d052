#include "formats/hdf5/cut/skeleton.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "formats/hdf5/chunks/list_chunks.h"
#include "formats/hdf5/cut/dataset_header.h"
#include "formats/hdf5/metadata/address_space.h"
#include "formats/hdf5/names.h"

namespace datavet::hdf5 {

namespace {

constexpr std::size_t block_bytes = 1 << 20;

struct Region {
  std::uint64_t offset, size;
};

class ChunkRegions final : public ChunkSink {
public:
  ChunkRegions(const AddressSpace &space, std::vector<Region> &regions) : space_(space), regions_(regions) {}
  void chunk(const Chunk &chunk) override { regions_.push_back({space_.file_offset(chunk.address), chunk.size}); }

private:
  const AddressSpace &space_;
  std::vector<Region> &regions_;
};

class Skeleton {
public:
  Skeleton(const Source &source, const RowCut &cut, const Limits &limits, SkeletonSink &sink)
      : source_(source), cut_(cut), limits_(limits), sink_(sink), space_(source, *cut.superblock), block_(block_bytes) {}

  SkeletonResult run() {
    if (find_data() && copy_all_but_data())
      for (const CutDataset &cut : cut_.datasets)
        if (!write_rows(cut)) break;
    return std::move(result_);
  }

private:
  bool failed(const Source::Read &read, std::uint64_t wanted) {
    if (read.error == 0 && read.count == wanted) return false;
    result_.read_error = read.error != 0 ? read.error : ENODATA;
    return true;
  }
  bool write(std::uint64_t offset, Bytes bytes) {
    result_.write_error = sink_.write(offset, bytes);
    return result_.write_error == 0;
  }
  bool refuse(const CutDataset &cut, std::string_view why) {
    result_.refusal = fmt::format("the rows of {} cannot be taken out: {}", shown(cut.dataset.path), why);
    return false;
  }

  static bool is_flat(const CutDataset &cut) { return cut.dataset.storage.form == Storage::Class::contiguous; }
  std::uint64_t kept_rows(const CutDataset &cut) const {
    const Company &company = cut_.companies[cut.company];
    return company.rows - company.dropped.count();
  }
  // Its product with the rows is inside the file: the walk saw to that.
  static std::uint64_t row_bytes(const CutDataset &cut) {
    std::uint64_t bytes = cut.dataset.type.size;
    for (std::uint64_t along : cut.dataset.space.dimensions().subspan(1)) bytes *= along;
    return bytes;
  }
  std::uint64_t data_at(const CutDataset &cut) const { return space_.file_offset(cut.dataset.storage.address); }
  static bool has_data(const CutDataset &cut) { return cut.dataset.storage.address != undefined_address; }

  bool find_data() {
    for (const CutDataset &cut : cut_.datasets) {
      if (is_flat(cut) && has_data(cut)) {
        regions_.push_back({data_at(cut), row_bytes(cut) * cut_.companies[cut.company].rows});
      } else if (cut.dataset.storage.form == Storage::Class::chunked) {
        AddressSpace space(source_, *cut_.superblock);
        ChunkRegions sink(space, regions_);
        Evidence unheard;
        list_chunks(space, cut.dataset, {Depth::checksum, limits_}, sink, unheard);
      }
    }
    std::ranges::sort(regions_, {}, &Region::offset);
    return true;
  }

  bool copy_all_but_data() {
    std::uint64_t at = 0;
    for (const Region &region : regions_) {
      if (region.offset > at && !copy(at, region.offset)) return false;
      at = std::max(at, region.offset + region.size);
    }
    const std::uint64_t end = source_.size();
    if (at < end && !copy(at, end)) return false;
    const std::uint8_t zero = 0; // so that the copy is as long
    return at < end || end == 0 || write(end - 1, Bytes(&zero, 1));
  }

  bool copy(std::uint64_t from, std::uint64_t until, std::uint64_t to) {
    while (from < until) {
      const std::uint64_t count = std::min<std::uint64_t>(until - from, block_.size());
      if (failed(source_.read(from, std::span(block_).first(count)), count)) return false;
      if (!write(to, Bytes(block_).first(count))) return false;
      from += count;
      to += count;
    }
    return true;
  }
  bool copy(std::uint64_t from, std::uint64_t until) { return copy(from, until, from); }

  // --- datasets ---

  bool write_rows(const CutDataset &cut) {
    std::string why;
    std::vector<Patch> patches;
    const std::uint64_t rows = kept_rows(cut), bytes = cut.dataset.space.rank == 0 ? 0 : row_bytes(cut) * rows;
    if (is_flat(cut)) {
      if (has_data(cut) && !move_rows(cut)) return false;
      patches = with_rows(space_, cut.dataset, rows, bytes, {}, why);
    } else if (cut.dataset.storage.form == Storage::Class::compact) {
      std::vector<std::uint8_t> data;
      if (!take_compact(cut, data)) return false;
      patches = with_rows(space_, cut.dataset, rows, bytes, data, why);
    } else if (cut.index_is_bad) {
      patches = without_index(space_, cut.dataset, why);
    } else {
      return true;
    }
    if (patches.empty()) return refuse(cut, why);
    return std::ranges::all_of(patches, [&](const Patch &patch) { return write(patch.offset, patch.bytes); });
  }

  bool move_rows(const CutDataset &cut) {
    const Company &company = cut_.companies[cut.company];
    const RowSet kept = company.dropped.others(company.rows); // lives as long as the loop over its ranges
    const std::uint64_t bytes = row_bytes(cut), at = data_at(cut);
    std::uint64_t done = 0;
    for (const RowRange &range : kept.ranges()) {
      if (!copy(at + range.first * bytes, at + (range.first + range.count) * bytes, at + done * bytes)) return false;
      done += range.count;
    }
    return true;
  }

  bool take_compact(const CutDataset &cut, std::vector<std::uint8_t> &data) {
    const Company &company = cut_.companies[cut.company];
    const RowSet kept = company.dropped.others(company.rows);
    const std::uint64_t bytes = row_bytes(cut);
    for (const RowRange &range : kept.ranges()) {
      const std::size_t old = data.size();
      data.resize(old + range.count * bytes); // compact data are at most 64 KiB
      const std::uint64_t at = space_.file_offset(cut.dataset.storage.compact_at) + range.first * bytes;
      if (failed(source_.read(at, std::span(data).subspan(old)), range.count * bytes)) return false;
    }
    return true;
  }

  const Source &source_;
  const RowCut &cut_;
  const Limits &limits_;
  SkeletonSink &sink_;
  AddressSpace space_;
  std::vector<Region> regions_;
  std::vector<std::uint8_t> block_;
  SkeletonResult result_;
};

} // namespace

SkeletonResult write_skeleton(const Source &source, const RowCut &cut, const Limits &limits, SkeletonSink &sink) {
  return Skeleton(source, cut, limits, sink).run();
}

} // namespace datavet::hdf5
