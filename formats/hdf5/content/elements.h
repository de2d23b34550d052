/// What is looked for in the elements of a unit once they are known to be whole: ContentDataset::look.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "formats/hdf5/content/heap_references.h"
#include "formats/hdf5/content/picture_items.h"
#include "formats/hdf5/content/plan.h"
#include "formats/hdf5/content/runs.h"

namespace datavet::hdf5 {

/// One a thread.
class Elements {
public:
  /// All outlive it.
  Elements(const Source &source, const ContentPlan &plan, const CheckOptions &options);

  /// What follows is of a unit of this dataset.
  void begin(std::uint32_t number, ContentReport &report);
  /// The elements of a chunk, which are gone afterwards. `offset` of the stored chunk, which has `length` bytes; `plain`: it
  /// is these bytes.
  void chunk(std::span<const std::uint64_t> origin, Bytes bytes, std::uint64_t offset, std::uint64_t length, bool plain);
  /// The chunk with this number in the grid could not be read.
  void lost_chunk(std::uint64_t number);
  /// Contiguous elements: whole grains, the first one `at` bytes from the start of the data.
  void slab(std::uint64_t at, Bytes bytes);
  void end();

  /// The first element of a chunk.
  static std::vector<std::uint64_t> origin_of(const ContentDataset &dataset, std::uint64_t number);

private:
  void look(const Run &run, ItemPlace place);
  void look_at_items(const Run &run, ItemPlace place);
  void add_to_band(std::span<const std::uint64_t> origin, Bytes bytes, std::uint64_t offset, std::uint64_t length);
  void enter_band(std::uint64_t band);
  void end_band();

  const ContentPlan &plan_;
  std::optional<PictureItems> pictures_; ///< null: nobody judges them
  HeapReferences references_;
  std::uint32_t number_ = 0;
  const ContentDataset *dataset_ = nullptr;
  ContentReport *report_ = nullptr;

  // The band in hand.
  static constexpr std::uint64_t no_band = ~std::uint64_t{0};
  std::uint64_t band_ = no_band;
  bool band_lost_ = false;
  ItemPlace band_place_; ///< of its first chunk
  std::vector<std::uint8_t> band_bytes_;
};

} // namespace datavet::hdf5
