#include "formats/hdf5/content/elements.h"

#include <algorithm>

#include "formats/hdf5/content/not_finite.h"

namespace datavet::hdf5 {

Elements::Elements(const Source &source, const ContentPlan &plan, const CheckOptions &options)
    : plan_(plan), references_(source, plan, options.limits) {
  if (plan.judges() != nullptr) pictures_.emplace(*plan.judges());
}

void Elements::begin(std::uint32_t number, ContentReport &report) {
  number_ = number;
  dataset_ = &plan_.datasets()[number];
  report_ = &report;
  band_ = no_band;
  if (!dataset_->look.any()) return;
  if (pictures_ && dataset_->look.pictures()) pictures_->begin(number, *dataset_, report);
  if (!dataset_->look.references.empty())
    references_.begin(number, *dataset_, report, pictures_ && dataset_->look.heap_items ? &*pictures_ : nullptr);
}

void Elements::chunk(std::span<const std::uint64_t> origin, Bytes bytes, std::uint64_t offset, std::uint64_t length, bool plain) {
  if (dataset_->band_chunks > 0) return add_to_band(origin, bytes, offset, length);
  for_each_run(dataset_->extent, dataset_->chunk, origin, dataset_->element_size, bytes, [&](const Run &run) {
    const auto within = static_cast<std::uint64_t>(run.bytes.data() - bytes.data());
    look(run, plain ? ItemPlace{offset + within, 0, true} : ItemPlace{offset, length, false});
  });
  if (pictures_) pictures_->flush();
}

void Elements::slab(std::uint64_t at, Bytes bytes) {
  look({at / dataset_->element_size, bytes}, {dataset_->data_at + at, 0, true});
  if (pictures_) pictures_->flush();
}

void Elements::end() {
  end_band();
  if (!dataset_->look.references.empty()) references_.end();
}

void Elements::look(const Run &run, ItemPlace place) {
  if (dataset_->look.floats) {
    NotFinite count;
    count_not_finite(run, dataset_->element_size, dataset_->big_endian, count);
    if (count.nan + count.infinite > 0) report_->not_finite[number_].merge(count);
  }
  if (!dataset_->look.references.empty()) references_.take(run);
  if (pictures_ && dataset_->look.item > 0) look_at_items(run, place);
}

// A run begins with an item and holds whole ones: rows that do not fit in a chunk are put together first.
void Elements::look_at_items(const Run &run, ItemPlace place) {
  const std::uint64_t size = dataset_->look.item;
  const std::uint64_t first = dataset_->look.items == Look::Items::elements ? run.first : run.first / size;
  for (std::uint64_t i = 0; i < run.bytes.size() / size; ++i) {
    ItemPlace at = place;
    if (at.exact) at.offset += i * size;
    pictures_->item(first + i, run.bytes.subspan(i * size, size), at, true);
  }
}

// --- bands ---

void Elements::enter_band(std::uint64_t band) {
  if (band == band_) return;
  end_band();
  band_ = band;
  band_lost_ = false;
  band_place_ = {};
  band_bytes_.assign(dataset_->band_items * dataset_->look.item, 0);
}

void Elements::add_to_band(std::span<const std::uint64_t> origin, Bytes bytes, std::uint64_t offset, std::uint64_t length) {
  enter_band(dataset_->look.items == Look::Items::rows ? origin[0] / dataset_->chunk[0] : 0);
  if (band_place_.length == 0) band_place_ = {offset, length, false};
  const std::uint64_t base = band_ * dataset_->band_items * dataset_->look.item;
  for_each_run(dataset_->extent, dataset_->chunk, origin, 1, bytes, [&](const Run &run) {
    std::ranges::copy(run.bytes, band_bytes_.begin() + static_cast<std::ptrdiff_t>(run.first - base));
  });
}

// There is a finding for the chunk, which names the rows of the whole band.
void Elements::lost_chunk(std::uint64_t number) {
  if (dataset_->band_chunks == 0) return;
  enter_band(number / dataset_->band_chunks);
  band_lost_ = true;
}

void Elements::end_band() {
  if (band_ == no_band) return;
  const std::uint64_t first = band_ * dataset_->band_items * dataset_->look.item;
  const std::uint64_t inside = dataset_->look.items == Look::Items::rows
                                   ? std::min(dataset_->band_items, dataset_->extent[0] - band_ * dataset_->band_items)
                                   : 1;
  band_ = no_band;
  if (band_lost_ || !pictures_) return;
  look_at_items({first, Bytes(band_bytes_).first(inside * dataset_->look.item)}, band_place_);
  pictures_->flush();
}

std::vector<std::uint64_t> Elements::origin_of(const ContentDataset &dataset, std::uint64_t number) {
  std::vector<std::uint64_t> origin(dataset.chunk.size());
  for (std::size_t i = origin.size(); i-- > 0;) {
    const std::uint64_t side = dataset.chunk[i], extent = dataset.extent[i], along = extent / side + (extent % side != 0);
    origin[i] = number % along * side;
    number /= along;
  }
  return origin;
}

} // namespace datavet::hdf5
