/// FMT III.D: the names of a version 1 group.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

class LocalHeap {
public:
  /// Reads and verifies the heap at `address`. False, and a finding, when there is none. A broken free list
  /// is a finding only: the names can be read.
  bool load(Survey &survey, std::uint64_t address);
  /// The text at `offset` of the data segment, up to its zero byte; nothing when it has none. Valid as long
  /// as the heap.
  std::optional<std::string_view> text(std::uint64_t offset) const;

private:
  void check_free_list(Survey &survey, std::uint64_t address, std::uint64_t first) const;

  std::vector<std::uint8_t> data_;
};

} // namespace datavet::hdf5
