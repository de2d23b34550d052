/// Global heap collections: FMT III.E. Strings and sequences of variable length, references, virtual
/// mappings.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

/// One collection, held in memory: some 4 KiB as a rule.
class GlobalHeap {
public:
  /// Reads and verifies the collection at `address`. False, and a finding, when it is broken.
  bool load(Survey &survey, std::uint64_t address);
  std::uint64_t address() const { return address_; }
  /// The bytes of an object, without the padding; nothing when the collection has none of that index.
  std::optional<Bytes> object(std::uint32_t index) const;

private:
  struct Entry {
    std::uint32_t index;
    std::uint64_t at, size;
  };

  bool list_objects(Survey &survey);

  std::uint64_t address_ = undefined_address;
  std::vector<std::uint8_t> bytes_;
  std::vector<Entry> entries_; // by index
};

} // namespace datavet::hdf5
