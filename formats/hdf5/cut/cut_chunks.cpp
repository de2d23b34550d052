#include "formats/hdf5/cut/cut_chunks.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "formats/hdf5/cut/chunk_rows.h"
#include "formats/hdf5/cut/dataset_header.h"
#include "formats/hdf5/cut/encode.h"
#include "formats/hdf5/cut/references.h"
#include "formats/hdf5/cut/target_driver.h"
#include "formats/hdf5/library.h"
#include "formats/hdf5/metadata/walk.h"
#include "formats/hdf5/names.h"

namespace datavet::hdf5 {

namespace {

class Objects final : public MetadataSink {
public:
  void group(const std::string &, std::uint64_t address) override { addresses.push_back(address); }
  void dataset(Dataset dataset) override {
    addresses.push_back(dataset.address);
    datasets.push_back(std::move(dataset));
  }
  std::vector<std::uint64_t> addresses;
  std::vector<Dataset> datasets;
};

/// Fills one dataset of the copy with the rows that stay.
class DatasetCut {
public:
  DatasetCut(ChunkRows &old, const Dataset &dataset, const RowSet &kept, hid_t target, const std::function<void()> &alive)
      : old_(old), dataset_(dataset), kept_(kept), rows_(kept.count()), target_(target), alive_(alive),
        encoder_(dataset.filters) {}

  CutEnd run() {
    const std::uint64_t side = old_.side(), chunk_rows = rows_ / side + (rows_ % side != 0);
    for (std::uint64_t column = 0; column < old_.columns(); ++column) {
      OriginalRows rows(kept_);
      for (std::uint64_t row = 0; row < chunk_rows; ++row) {
        alive_();
        if (!write_chunk(column, row, rows)) return std::move(end_);
      }
    }
    return {};
  }

private:
  bool fail_reading() {
    end_ = {old_.error() != 0 ? CutEnd::Kind::read_failed : CutEnd::Kind::refused, old_.error(),
            fmt::format("{}: {}", shown(dataset_.path), old_.trouble())};
    return false;
  }

  bool write_chunk(std::uint64_t column, std::uint64_t row, OriginalRows &rows) {
    const std::uint64_t first = row * old_.side(), count = std::min(old_.side(), rows_ - first);
    const RowRange from = rows.from(first);
    if (is_whole_chunk(from, column, row, count)) {
      const ChunkRows::Stored *chunk = old_.find(column, from.first / old_.side());
      if (chunk == nullptr) return true; // never written, here as there
      const std::optional<Bytes> bytes = old_.stored(*chunk);
      return bytes ? put(column, row, *bytes, chunk->mask) : fail_reading();
    }
    bool any = false;
    if (!gather(column, first, count, rows, any)) return false;
    if (!any) return true;
    if (dataset_.storage.edges_unfiltered && old_.is_partial(column, row, rows_)) return put(column, row, elements_, 0);
    const ChunkEncoder::Encoded encoded = encoder_.apply(elements_);
    return put(column, row, encoded.bytes, encoded.mask);
  }

  // The stored bytes can stay as they are: also what they hold beyond the extent was beyond it before.
  bool is_whole_chunk(const RowRange &from, std::uint64_t column, std::uint64_t row, std::uint64_t count) const {
    if (from.count < count || from.first % old_.side() != 0) return false;
    if (count < old_.side() && from.first + count != old_.rows()) return false;
    return !dataset_.storage.edges_unfiltered || old_.is_partial(column, row, rows_) ==
                                                     old_.is_partial(column, from.first / old_.side(), old_.rows());
  }

  // The elements of a chunk, with fill values behind the last row. `any` = one of them was written once.
  bool gather(std::uint64_t column, std::uint64_t first, std::uint64_t count, OriginalRows &rows, bool &any) {
    const std::uint64_t slice = old_.slice_bytes();
    elements_.resize(old_.chunk_bytes());
    std::uint64_t done = 0;
    while (done < count) {
      const RowRange from = rows.from(first + done);
      const std::uint64_t into = from.first % old_.side(), run = std::min({from.count, count - done, old_.side() - into});
      std::uint8_t *out = elements_.data() + done * slice;
      if (const ChunkRows::Stored *chunk = old_.find(column, from.first / old_.side()); chunk != nullptr) {
        const std::optional<Bytes> bytes = old_.plain(*chunk);
        if (!bytes) return fail_reading();
        std::memcpy(out, bytes->data() + into * slice, run * slice);
        any = true;
      } else {
        fill(out, run);
      }
      done += run;
    }
    fill(elements_.data() + count * slice, old_.side() - count);
    return true;
  }

  void fill(std::uint8_t *out, std::uint64_t rows) {
    for (std::uint64_t i = 0; i < rows; ++i) std::ranges::copy(old_.filler(), out + i * old_.slice_bytes());
  }

  bool put(std::uint64_t column, std::uint64_t row, Bytes bytes, std::uint32_t mask) {
    const std::vector<std::uint64_t> origin = old_.origin(column, row);
    const std::vector<hsize_t> place(origin.begin(), origin.end());
    // All bits: chunks at the edges that are never filtered. libhdf5 knows that by itself.
    const std::uint32_t given = mask == ~std::uint32_t{0} ? 0 : mask;
    if (H5Dwrite_chunk(target_, H5P_DEFAULT, given, place.data(), bytes.size(), bytes.data()) >= 0) return true;
    end_ = {CutEnd::Kind::refused, 0, fmt::format("libhdf5 cannot write a chunk of {}: {}", shown(dataset_.path), last_complaint())};
    return false;
  }

  ChunkRows &old_;
  const Dataset &dataset_;
  const RowSet &kept_;
  const std::uint64_t rows_;
  const hid_t target_;
  const std::function<void()> &alive_;
  ChunkEncoder encoder_;
  std::vector<std::uint8_t> elements_;
  CutEnd end_;
};

class Cutter {
public:
  Cutter(const Source &original, const CutJob &job, const Limits &limits, const std::function<void()> &alive)
      : original_(original), job_(job), limits_(limits), alive_(alive) {}

  CutEnd run(hid_t file) {
    Evidence unheard;
    superblock_ = examine_superblock(original_, unheard);
    if (!superblock_) return {CutEnd::Kind::refused, 0, "its superblock cannot be read"};
    AddressSpace space(original_, *superblock_);
    walk_metadata(space, {Depth::structure, limits_}, objects_, unheard);
    std::vector<std::uint64_t> cut;
    for (const CutJob::Part &part : job_.parts) cut.push_back(part.address);
    std::ranges::sort(cut);
    if (std::string tie = find_tie(file, objects_.addresses, cut); !tie.empty()) return {CutEnd::Kind::refused, 0, std::move(tie)};
    for (const CutJob::Part &part : job_.parts)
      if (CutEnd end = cut_part(file, space, part); end.kind != CutEnd::Kind::done) return end;
    return {};
  }

private:
  CutEnd cut_part(hid_t file, AddressSpace &space, const CutJob::Part &part) {
    const auto found = std::ranges::find(objects_.datasets, part.address, &Dataset::address);
    if (found == objects_.datasets.end()) return {CutEnd::Kind::refused, 0, "it changes while it is read"};
    if (found->storage.form != Storage::Class::chunked) return {};
    const std::optional<std::vector<std::uint8_t>> fill = read_fill_value(space, *found);
    if (!fill) return {CutEnd::Kind::refused, 0, shown(found->path) + ": its fill value is not understood"};
    ChunkRows old(original_, *superblock_, *found, *fill, limits_);
    if (!old.load()) return {CutEnd::Kind::refused, old.error(), fmt::format("{}: {}", shown(found->path), old.trouble())};
    const Object dataset(H5Oopen_by_addr(file, part.address));
    const RowSet kept = part.dropped.others(old.rows());
    if (!dataset || !empty(dataset.id(), *found, part, kept.count()))
      return {CutEnd::Kind::refused, 0, fmt::format("libhdf5 cannot change the extent of {}: {}", shown(found->path), last_complaint())};
    return DatasetCut(old, *found, kept, dataset.id(), alive_).run();
  }

  // With no row left, libhdf5 has given back every chunk; what is written next may take their room.
  bool empty(hid_t dataset, const Dataset &known, const CutJob::Part &part, std::uint64_t rows) const {
    std::vector<hsize_t> extent(known.space.dimensions().begin(), known.space.dimensions().end());
    extent[0] = 0;
    alive_();
    if (!part.index_is_bad && H5Dset_extent(dataset, extent.data()) < 0) return false;
    alive_();
    extent[0] = rows;
    return H5Dset_extent(dataset, extent.data()) >= 0;
  }

  const Source &original_;
  const CutJob &job_;
  const Limits &limits_;
  const std::function<void()> &alive_;
  std::optional<Superblock> superblock_;
  Objects objects_;
};

} // namespace

void prepare_to_cut() { start_library(); }

CutEnd cut_chunks(const Source &original, Target &target, const CutJob &job, const Limits &limits,
                  const std::function<void()> &alive) {
  start_library();
  TargetTrouble trouble;
  CutEnd end;
  {
    const Properties access = target_access(target, trouble);
    hid_t file = access ? H5Fopen(target_name, H5F_ACC_RDWR, access.id()) : H5I_INVALID_HID;
    if (file < 0)
      end = {CutEnd::Kind::refused, 0, fmt::format("libhdf5 does not open the copy: {}", last_complaint())};
    else
      end = Cutter(original, job, limits, alive).run(file);
    if (file >= 0 && H5Fclose(file) < 0 && end.kind == CutEnd::Kind::done)
      end = {CutEnd::Kind::refused, 0, fmt::format("libhdf5 cannot close the copy: {}", last_complaint())};
  }
  // Whatever libhdf5 made of it.
  if (trouble.error != 0) end = {CutEnd::Kind::write_failed, trouble.error, {}};
  return end;
}

} // namespace datavet::hdf5
