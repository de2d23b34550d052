#include "formats/hdf5/content/plan.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/hdf5/chunks/grid.h"
#include "formats/hdf5/chunks/list_chunks.h"
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

bool ends_in_fletcher32(const std::vector<FilterStep> &filters) {
  return !filters.empty() && filters.size() <= 32 && filters.back().id == fletcher32_filter;
}

} // namespace

bool is_ours(const Dataset &dataset) {
  if (dataset.external) return false;
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
        room_(space.source().size() * 2) {}

  void group(const std::string &, std::uint64_t) override {}
  void dataset(Dataset dataset) override {
    protection_.look_at(dataset);
    rows_.look_at(dataset, space_);
    if (dataset.storage.form == Storage::Class::chunked)
      take_chunks(dataset);
    else if (dataset.storage.form == Storage::Class::contiguous && options_.depth >= Depth::content)
      take_contiguous(dataset);
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
    } else {
      content.data_at = space_.file_offset(dataset.storage.address);
    }
    return content;
  }

  void add_units(ContentDataset content, std::size_t first) {
    const std::span<ContentChunk> chunks = std::span(plan_.chunks_).subspan(first);
    const auto by_place = [](const ContentChunk &chunk) { return std::pair(chunk.offset, chunk.number); };
    if (!std::ranges::is_sorted(chunks, {}, by_place)) std::ranges::sort(chunks, {}, by_place);
    const auto dataset = static_cast<std::uint32_t>(plan_.datasets_.size());
    const std::uint64_t decoded_each = content.filters.empty() ? 0 : content.chunk_bytes;
    std::uint64_t stored = 0, decoded = 0;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      if (i == 0 || stored >= unit_bytes || decoded >= unit_decoded_bytes) {
        plan_.units_.push_back({dataset, first + i, 0, chunks[i].offset});
        stored = decoded = 0;
      }
      ++plan_.units_.back().count;
      stored += chunks[i].size;
      decoded += decoded_each;
    }
    plan_.datasets_.push_back(std::move(content));
  }

  void take_contiguous(Dataset &dataset) {
    const Storage &storage = dataset.storage;
    if (dataset.external || storage.address == undefined_address || storage.size == 0) return;
    std::uint64_t bytes = dataset.space.form == Dataspace::Class::null ? 0 : dataset.type.size;
    for (std::uint64_t along : dataset.space.dimensions()) bytes = saturating_product(bytes, along);
    if (bytes == 0 || !space_.holds(storage.address, bytes)) return; // nothing there, or a finding of the walk
    if (!charge(bytes)) return report_exhaustion(dataset);
    const auto number = static_cast<std::uint32_t>(plan_.datasets_.size());
    plan_.datasets_.push_back(describe(dataset));
    const std::uint64_t at = plan_.datasets_.back().data_at;
    for (std::uint64_t done = 0; done < bytes; done += slab_bytes)
      plan_.units_.push_back({number, done, std::min(slab_bytes, bytes - done), at + done});
  }

  AddressSpace &space_;
  const CheckOptions &options_;
  Evidence &evidence_;
  ContentPlan &plan_;
  Protection protection_;
  Rows rows_;
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

void conclude_content(const ContentPlan &plan, const ContentReport &report, Evidence &evidence) {
  for (const auto &[dataset, of] : report.datasets()) {
    for (std::size_t i = 0; i < of.pieces.size(); ++i) {
      Finding finding = of.pieces[i].finding;
      if (i + 1 == of.pieces.size() && of.bad > of.pieces.size())
        finding.detail += fmt::format("; and {} more", of.bad - of.pieces.size());
      evidence.findings.add(std::move(finding));
    }
  }
  report_unprotected(plan.remarks_, evidence);
}

} // namespace datavet::hdf5
