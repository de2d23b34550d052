/// References of variable-length elements into global heaps: FMT IV.B (Global Heap ID), III.E.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "formats/hdf5/content/picture_items.h"
#include "formats/hdf5/content/plan.h"
#include "formats/hdf5/content/runs.h"
#include "formats/hdf5/metadata/address_space.h"
#include "formats/hdf5/metadata/global_heap.h"

namespace datavet::hdf5 {

/// Verifies that each leads to an object that holds as many bytes as the element says, and hands those that may be pictures
/// on. References are sorted by address, so each collection is read once for some hundred thousand of them. One a thread.
class HeapReferences {
public:
  /// Both outlive it.
  HeapReferences(const Source &source, const ContentPlan &plan, const Limits &limits);

  /// What follows is of a unit of this dataset; all outlive end(). `pictures` may be null.
  void begin(std::uint32_t number, const ContentDataset &dataset, ContentReport &report, PictureItems *pictures);
  void take(const Run &run);
  /// Follows those that were taken.
  void end();

private:
  struct Reference {
    std::uint64_t address, element;
    std::uint32_t index, length;
    std::uint32_t which; ///< of the dataset's references
  };
  struct Collection {
    std::vector<std::uint8_t> bytes;
    std::vector<HeapObject> objects;
    std::string trouble; ///< why nothing can be read of it; empty = it can
    bool too_large = false, skipped = false;
  };

  void follow(const Reference &reference, const Collection &collection);
  void load(std::uint64_t address, Collection &collection);
  bool read_head(std::uint64_t address, Collection &collection, std::uint64_t &size);
  bool read(std::uint64_t offset, std::uint64_t length, Collection &collection);
  void bad(const Reference &reference, const Rule &rule, std::string_view detail);
  void drop_collections();

  const Source &source_;
  const ContentPlan &plan_;
  const Limits &limits_;
  AddressSpace space_;
  std::uint32_t number_ = 0;
  const ContentDataset *dataset_ = nullptr;
  ContentReport *report_ = nullptr;
  PictureItems *pictures_ = nullptr;
  std::vector<Reference> references_;
  std::deque<Collection> collections_; ///< whose objects wait in pictures_; the last one is the one in hand
};

} // namespace datavet::hdf5
