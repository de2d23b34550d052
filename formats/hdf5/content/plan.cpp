#include "formats/hdf5/content/plan.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/hdf5/chunks/grid.h"
#include "formats/hdf5/chunks/list_chunks.h"
#include "formats/hdf5/content/picture_items.h"
#include "formats/hdf5/content/remarks.h"
#include "formats/hdf5/filters/filter_chain.h"
#include "formats/hdf5/metadata/address_space.h"
#include "formats/hdf5/metadata/walk.h"
#include "formats/hdf5/names.h"
#include "formats/hdf5/rules.h"
#include "formats/hdf5/superblock.h"

namespace datavet::hdf5 {

namespace {

constexpr std::uint64_t unit_bytes = 1 << 20;          // stored
constexpr std::uint64_t unit_decoded_bytes = 16 << 20; // after the filters
constexpr std::uint64_t slab_bytes = 4 << 20;          // of plain data: nothing but reading

// Bytes of one dimension that may be a picture are read whole; where they are more, their beginning is looked at first.
constexpr std::uint64_t small_picture = 1 << 20;

// What references of a file may lead to in all: each unit sorts its own, so sound files stay far below that.
constexpr std::uint64_t heap_factor = 16, smallest_heap = 64 << 20;

bool ends_in_fletcher32(const std::vector<FilterStep> &filters) {
  return !filters.empty() && filters.size() <= 32 && filters.back().id == fletcher32_filter;
}

} // namespace

bool is_ours(const Dataset &dataset) {
  if (dataset.external || (dataset.type.in_heap && !follows_references(dataset))) return false;
  switch (dataset.storage.form) {
  case Storage::Class::compact:
  case Storage::Class::contiguous: return true;
  case Storage::Class::chunked: return can_undo(dataset.filters);
  default: return false;
  }
}

/// Takes the datasets as the walk comes by.
class PlanMaker final : public MetadataSink {
public:
  PlanMaker(AddressSpace &space, const CheckOptions &options, Evidence &evidence, ContentPlan &plan)
      : space_(space), options_(options), evidence_(evidence), plan_(plan), protection_(space, plan.remarks_),
        room_(space.source().size() * 2) {
    plan.superblock_ = space.superblock();
    plan.judges_ = options.depth >= Depth::content ? evidence.judges : nullptr;
    plan.most_heap_ = std::max(saturating_product(space.source().size(), heap_factor), smallest_heap);
  }

  void group(const std::string &, std::uint64_t) override {}
  void dataset(Dataset dataset) override {
    protection_.look_at(dataset);
    rows_.look_at(dataset, space_);
    if (dataset.storage.form == Storage::Class::chunked)
      take_chunks(dataset);
    else if (dataset.storage.form == Storage::Class::contiguous && options_.depth >= Depth::content)
      take_contiguous(dataset, dataset.storage.address);
    else if (dataset.storage.form == Storage::Class::compact && options_.depth >= Depth::content && look_into(dataset).any())
      take_contiguous(dataset, dataset.storage.compact_at);
  }

  void finish() {
    rows_.report(evidence_);
    std::ranges::sort(plan_.units_, {}, [](const ContentUnit &unit) {
      return std::tuple(unit.offset, unit.dataset, unit.first);
    });
  }

private:
  /// Takes the chunks of the dataset in hand.
  class Chunks final : public ChunkSink {
  public:
    Chunks(PlanMaker &maker, const Dataset &dataset)
        : maker_(maker), grid_(dataset), countable_(grid_.count() != countless) {}
    void chunk(const Chunk &chunk) override {
      if (!maker_.wants(chunk.mask)) return;
      if (!countable_ || maker_.plan_.chunks_.size() >= maker_.options_.limits.objects) {
        ++beyond;
        return;
      }
      if (chunk.size > std::min<std::uint64_t>(maker_.options_.limits.sample_bytes,
                                               std::numeric_limits<std::uint32_t>::max())) {
        if (too_large++ == 0) first_large = chunk;
        return;
      }
      if (!maker_.charge(chunk.size)) return;
      maker_.plan_.chunks_.push_back({maker_.space_.file_offset(chunk.address), number(chunk),
                                      static_cast<std::uint32_t>(chunk.size), chunk.mask});
    }

    std::uint64_t beyond = 0, too_large = 0;
    Chunk first_large;

  private:
    std::uint64_t number(const Chunk &chunk) const {
      std::uint64_t number = 0;
      for (unsigned i = 0; i < grid_.rank(); ++i) number = number * grid_.along(i) + chunk.origin[i] / grid_.side(i);
      return number;
    }

    PlanMaker &maker_;
    const Grid grid_;
    const bool countable_;
  };

  void add(const Rule &rule, const Dataset &dataset, std::string_view detail) {
    evidence_.findings.add({&rule, space_.file_offset(dataset.address), 0, std::string(detail), dataset.path});
  }

  // A file whose datasets share their bytes may ask for far more than it has. There is a finding for that already, or
  // will be.
  bool charge(std::uint64_t bytes) {
    if (bytes > room_ - plan_.bytes_) {
      exhausted_ = true;
      return false;
    }
    plan_.bytes_ += bytes;
    return true;
  }
  void report_exhaustion(const Dataset &dataset) {
    if (!exhausted_ || said_exhausted_) return;
    said_exhausted_ = true;
    add(effort, dataset, "the data so far are more than twice as long as the file; the rest was not read");
  }

  bool wants(std::uint32_t mask) const {
    if (current_ == nullptr) return false;
    if (options_.depth >= Depth::content && current_->undo) return true;
    return ends_in_fletcher32(current_->filters) && ((mask >> (current_->filters.size() - 1)) & 1) == 0;
  }

  void take_chunks(Dataset &dataset) {
    AddressSpace chunk_space(space_.source(), space_.superblock()); // leaves the walk's windows alone
    ContentDataset content = describe(dataset);
    const bool plan_it = options_.depth >= Depth::checksum && chunks_fit(dataset, content);
    current_ = plan_it ? &content : nullptr;
    if (!shape_is_sound(dataset)) { // list_chunks() says so
      Ignored ignored;
      list_chunks(chunk_space, dataset, options_, ignored, evidence_);
      return;
    }
    const std::size_t first = plan_.chunks_.size();
    Chunks sink(*this, dataset);
    list_chunks(chunk_space, dataset, options_, sink, evidence_);
    if (sink.beyond > 0)
      add(dataset_limit, dataset,
          fmt::format("{} chunks were not read: the limit of a file is {}", sink.beyond, options_.limits.objects));
    if (sink.too_large > 0)
      evidence_.findings.add({&dataset_limit, space_.file_offset(sink.first_large.address), sink.first_large.size,
                              fmt::format("{} chunks are too large, the first at ({}) has {} bytes stored", sink.too_large,
                                          fmt::join(std::span(sink.first_large.origin).first(dataset.space.rank), ", "),
                                          sink.first_large.size),
                              dataset.path});
    report_exhaustion(dataset);
    current_ = nullptr;
    if (plan_.chunks_.size() > first) add_units(std::move(content), first);
  }

  class Ignored final : public ChunkSink {
  public:
    void chunk(const Chunk &) override {}
  };

  static bool shape_is_sound(const Dataset &dataset) {
    return dataset.storage.rank > 0 && dataset.storage.rank <= most_dimensions &&
           dataset.storage.rank == dataset.space.rank && chunk_bytes(dataset.storage);
  }

  // What undoing them takes is bounded before anything is allocated.
  bool chunks_fit(const Dataset &dataset, const ContentDataset &content) {
    if (dataset.storage.address == undefined_address) return false; // nothing was ever written
    if (!content.undo && !ends_in_fletcher32(content.filters)) return false;
    if (content.chunk_bytes <= options_.limits.decoded_bytes) return true;
    if (content.undo)
      add(dataset_limit, dataset,
          fmt::format("chunks of {} elements of {} bytes", fmt::join(dataset.storage.chunk_shape(), " x "),
                      dataset.storage.element_size));
    return false;
  }

  ContentDataset describe(const Dataset &dataset) const {
    ContentDataset content;
    content.path = dataset.path;
    content.header = space_.file_offset(dataset.address);
    const auto extent = dataset.space.dimensions();
    content.extent.assign(extent.begin(), extent.end());
    content.element_size = dataset.type.size;
    if (dataset.storage.form == Storage::Class::chunked) {
      const auto sides = dataset.storage.chunk_shape();
      content.chunk.assign(sides.begin(), sides.end());
      content.chunk_bytes = chunk_bytes(dataset.storage).value_or(0);
      content.filters = dataset.filters;
      content.undo = can_undo(dataset.filters);
    }
    if (options_.depth >= Depth::content) {
      content.look = look_into(dataset);
      content.big_endian = dataset.type.big_endian;
      if (plan_.judges_ == nullptr) {
        content.look.item = 0;
        content.look.heap_items = false;
      }
    }
    return content;
  }

  void add_units(ContentDataset content, std::size_t first) {
    const std::span<ContentChunk> chunks = std::span(plan_.chunks_).subspan(first);
    choose_bands(content, chunks);
    const auto by_place = [bands = content.band_chunks](const ContentChunk &chunk) {
      return std::tuple(bands == 0 ? 0 : chunk.number, chunk.offset, chunk.number);
    };
    if (!std::ranges::is_sorted(chunks, {}, by_place)) std::ranges::sort(chunks, {}, by_place);
    const auto begins_band = [&](std::size_t i) {
      return content.band_chunks == 0 || chunks[i].number / content.band_chunks != chunks[i - 1].number / content.band_chunks;
    };
    const auto dataset = static_cast<std::uint32_t>(plan_.datasets_.size());
    const std::uint64_t decoded_each = content.filters.empty() ? 0 : content.chunk_bytes;
    std::uint64_t stored = 0, decoded = 0;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      if (i == 0 || ((stored >= unit_bytes || decoded >= unit_decoded_bytes) && begins_band(i))) {
        plan_.units_.push_back({dataset, first + i, 0, chunks[i].offset});
        stored = decoded = 0;
      }
      ++plan_.units_.back().count;
      stored += chunks[i].size;
      decoded += decoded_each;
    }
    plan_.datasets_.push_back(std::move(content));
  }

  // --- items that may be pictures ---

  /// Rows, or a dataset that is one item, may be split over chunks: they are put together, where that is bounded.
  void choose_bands(ContentDataset &content, std::span<const ContentChunk> chunks) {
    Look &look = content.look;
    if (look.item == 0) return;
    const bool by_rows = look.items == Look::Items::rows;
    const std::size_t side = by_rows ? 1 : 0;
    const std::uint64_t along = look.items == Look::Items::elements
                                    ? 1
                                    : content.extent[side] / content.chunk[side] + (content.extent[side] % content.chunk[side] != 0);
    const std::uint64_t band = along == 1 ? look.item : by_rows ? saturating_product(content.chunk[0], look.item) : look.item;
    if (band <= largest_picture && (along == 1 || (!by_rows && band <= small_picture))) {
      if (along > 1) set_band(content, along);
      return;
    }
    const bool begins = begins_like_picture(content, chunks, along);
    if (begins && band > largest_picture) leave_out(content, band);
    if (!begins || band > largest_picture) {
      look.item = 0;
    } else if (along > 1) {
      set_band(content, along);
    }
  }
  static void set_band(ContentDataset &content, std::uint64_t along) {
    content.band_chunks = along;
    content.band_items = content.look.items == Look::Items::rows ? content.chunk[0] : 1;
  }

  void leave_out(const ContentDataset &content, std::uint64_t bytes) {
    evidence_.findings.add({&pictures_unseen, content.header, 0,
                            fmt::format("{} bytes would have to be put together, the limit is {}", bytes, largest_picture), content.path});
  }

  /// The beginning of the first items, of which the grid has `along` chunks side by side.
  bool begins_like_picture(const ContentDataset &content, std::span<const ContentChunk> chunks, std::uint64_t along) {
    const ContentChunk *first = nullptr;
    for (const ContentChunk &chunk : chunks)
      if (chunk.number % along == 0 && (first == nullptr || chunk.number < first->number)) first = &chunk;
    if (first == nullptr || !content.undo) return false;
    std::vector<std::uint8_t> stored(first->size);
    if (const Source::Read got = space_.source().read(first->offset, stored); got.error != 0 || got.count != stored.size()) return false;
    FilterChain chain(content.filters, content.chunk_bytes);
    const std::optional<Bytes> bytes = chain.undo(stored, first->mask);
    if (!bytes) return false;
    const std::uint64_t step = content.look.items == Look::Items::rows ? content.chunk[1] : bytes->size();
    for (std::uint64_t at = 0; at < bytes->size(); at += step)
      if ((*bytes)[at] != 0 || content.look.items != Look::Items::rows) return is_picture(bytes->subspan(at, std::min(step, head_bytes)));
    return false;
  }
  bool is_picture(Bytes head) {
    if (!judge_) judge_ = plan_.judges_->make();
    return is_certain(judge_->format_of(head));
  }

  /// Large items are read whole only if they begin like pictures.
  void choose_grain(ContentDataset &content) {
    Look &look = content.look;
    if (look.item > small_picture) {
      std::array<std::uint8_t, head_bytes> head;
      const Source::Read got = space_.source().read(content.data_at, head);
      const bool begins = got.error == 0 && is_picture(Bytes(head).first(std::min<std::uint64_t>(got.count, look.item)));
      if (begins && look.item > largest_picture) leave_out(content, look.item);
      if (!begins || look.item > largest_picture) look.item = 0;
    }
    if (look.any()) content.grain = std::max(content.element_size, look.item);
  }

  // --- contiguous and compact data ---

  void take_contiguous(Dataset &dataset, std::uint64_t address) {
    const Storage &storage = dataset.storage;
    if (dataset.external || address == undefined_address || storage.size == 0) return;
    std::uint64_t bytes = dataset.space.form == Dataspace::Class::null ? 0 : dataset.type.size;
    for (std::uint64_t along : dataset.space.dimensions()) bytes = saturating_product(bytes, along);
    if (bytes == 0 || !space_.holds(address, bytes)) return; // nothing there, or a finding of the walk
    if (!charge(bytes)) return report_exhaustion(dataset);
    const auto number = static_cast<std::uint32_t>(plan_.datasets_.size());
    ContentDataset content = describe(dataset);
    const std::uint64_t at = content.data_at = space_.file_offset(address);
    choose_grain(content);
    const std::uint64_t slab = whole_grains(slab_bytes, content.grain);
    for (std::uint64_t done = 0; done < bytes; done += slab) plan_.units_.push_back({number, done, std::min(slab, bytes - done), at + done});
    plan_.datasets_.push_back(std::move(content));
  }

  static constexpr std::uint64_t head_bytes = 64; ///< enough for a signature

  AddressSpace &space_;
  const CheckOptions &options_;
  Evidence &evidence_;
  ContentPlan &plan_;
  Protection protection_;
  Rows rows_;
  std::unique_ptr<InnerJudge> judge_; ///< null as long as nobody was asked
  const ContentDataset *current_ = nullptr; ///< whose chunks are wanted
  const std::uint64_t room_;                ///< bytes that all units together may read
  bool exhausted_ = false, said_exhausted_ = false;
};

namespace {

class OurDatasets final : public MetadataSink {
public:
  void group(const std::string &, std::uint64_t) override {}
  void dataset(Dataset dataset) override {
    if (is_ours(dataset)) addresses.push_back(dataset.address);
  }
  std::vector<std::uint64_t> addresses;
};

} // namespace

std::vector<std::uint64_t> our_datasets(const Source &source, const Limits &limits) {
  Evidence unheard;
  OurDatasets ours;
  if (const std::optional<Superblock> superblock = examine_superblock(source, unheard)) {
    AddressSpace space(source, *superblock);
    walk_metadata(space, {Depth::structure, limits}, ours, unheard);
    std::ranges::sort(ours.addresses);
  }
  return std::move(ours.addresses);
}

bool plan_content(const Source &source, const CheckOptions &options, Evidence &evidence, ContentPlan &plan) {
  const std::optional<Superblock> superblock = examine_superblock(source, evidence);
  if (!superblock || options.depth < Depth::structure) return false;
  AddressSpace space(source, *superblock);
  PlanMaker maker(space, options, evidence, plan);
  walk_metadata(space, options, maker, evidence);
  maker.finish();
  return !plan.units().empty();
}

namespace {

void add_pieces(const BadPieces &pieces, Evidence &evidence) {
  for (const auto &[dataset, of] : pieces.datasets())
    for (std::size_t i = 0; i < of.pieces.size(); ++i)
      for (Finding finding : of.pieces[i].findings) {
        if (i + 1 == of.pieces.size() && of.bad > of.pieces.size())
          finding.detail += fmt::format("; and {} more", of.bad - of.pieces.size());
        evidence.findings.add(std::move(finding));
      }
}

void add_not_finite(const ContentPlan &plan, const ContentReport &report, Evidence &evidence) {
  for (const auto &[number, count] : report.not_finite) {
    const ContentDataset &dataset = plan.datasets()[number];
    std::uint64_t row = 1, elements = 1;
    for (std::size_t i = 0; i < dataset.extent.size(); ++i) {
      elements *= dataset.extent[i];
      row *= i == 0 ? 1 : dataset.extent[i];
    }
    RowRange rows;
    if (!dataset.extent.empty()) rows = {count.first / row, 1};
    std::string detail = fmt::format("{} NaN, {} infinite of {} values", count.nan, count.infinite, elements);
    if (rows.count > 0) detail += fmt::format(", first in row {}", rows.first);
    evidence.findings.add({&not_finite, dataset.header, 0, std::move(detail), dataset.path, rows});
  }
}

} // namespace

void conclude_content(const ContentPlan &plan, const ContentReport &report, Evidence &evidence) {
  add_pieces(report.data, evidence);
  if (plan.heap_was_too_much())
    evidence.findings.add(dataset_limit, 0, 0,
                          fmt::format("references of sequences and strings lead to more than {} bytes: not all were followed", plan.most_heap_));
  else
    add_pieces(report.references, evidence);
  settle_pictures(plan, report, evidence);
  add_not_finite(plan, report, evidence);
  report_unprotected(plan.remarks_, evidence);
}

} // namespace datavet::hdf5
