/// Global heap collections: FMT III.E. Strings and sequences of variable length, references, virtual
/// mappings.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

/// An object of a collection: where its bytes lie in it, without the padding.
struct HeapObject {
  std::uint32_t index = 0;
  std::uint64_t at = 0, size = 0;
};

struct HeapTrouble {
  std::uint64_t at, length; ///< in the collection
  std::string detail;
};

/// Lists the objects of a collection that lies in `bytes`, sorted by their numbers. `objects` is empty before.
std::optional<HeapTrouble> list_heap_objects(Bytes bytes, const AddressSpace &space, std::vector<HeapObject> &objects);

/// The object of this number, or null. Of several the first, as libhdf5 does.
const HeapObject *heap_object(std::span<const HeapObject> objects, std::uint32_t index);

/// One collection, held in memory: some 4 KiB as a rule.
class GlobalHeap {
public:
  /// Reads and verifies the collection at `address`. False, and a finding, when it is broken.
  bool load(Survey &survey, std::uint64_t address);
  std::uint64_t address() const { return address_; }
  /// The bytes of an object, without the padding; nothing when the collection has none of that index.
  std::optional<Bytes> object(std::uint32_t index) const;

private:
  std::uint64_t address_ = undefined_address;
  std::vector<std::uint8_t> bytes_;
  std::vector<HeapObject> objects_; // by index
};

} // namespace datavet::hdf5
