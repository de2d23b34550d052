/// Fractal heaps: FMT III.G. Dense groups keep their links in one, objects with many attributes their
/// attributes.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

class FractalHeap {
public:
  explicit FractalHeap(Survey &survey) : survey_(survey) {}
  ~FractalHeap();
  FractalHeap(const FractalHeap &) = delete;
  FractalHeap &operator=(const FractalHeap &) = delete;

  /// Reads the heap at `address` and verifies all its blocks. False, and a finding or a note, when objects
  /// cannot be had; damage to single blocks is a finding only.
  bool open(std::uint64_t address);

  struct Object {
    Bytes bytes;           ///< valid until the next read of the survey
    std::uint64_t address; ///< 0 for an object that is a part of its ID
  };
  /// The object of an ID; nothing, and a finding, when it is not in the heap. A tiny object lies in `id`
  /// itself.
  std::optional<Object> object(Bytes id);
  /// A number that sorts IDs by the place of their objects.
  std::uint64_t place_of(Bytes id) const;

private:
  struct Block {
    std::uint64_t offset, size, address; // offset in the heap
  };
  struct Huge {
    std::uint64_t address, size;
  };
  class HugeObjects;

  bool bad(std::uint64_t at, std::string_view detail);
  bool read_header(Bytes bytes);
  bool lay_out();
  std::uint64_t row_size(unsigned row) const { return row == 0 ? start_size_ : start_size_ << (row - 1); }
  bool read_direct(std::uint64_t address, std::uint64_t offset, std::uint64_t size);
  bool read_indirect(std::uint64_t address, std::uint64_t offset, unsigned rows);
  bool read_children(Fields fields, std::uint64_t address, std::uint64_t offset, unsigned rows);
  bool begins_well(Fields &fields, std::uint64_t address, std::uint64_t offset, std::string_view what);
  bool checksum_of_direct_holds(Bytes bytes, std::uint64_t address, std::uint64_t at);
  std::optional<Object> managed(Bytes id);
  std::optional<Object> huge(Bytes id);
  std::optional<Object> tiny(Bytes id);
  bool list_huge();

  Survey &survey_;
  std::uint64_t address_ = 0;
  std::uint16_t id_size_ = 0, filters_size_ = 0;
  std::uint8_t flags_ = 0;
  std::uint32_t most_managed_ = 0;
  std::uint64_t huge_tree_ = 0;
  std::uint16_t width_ = 0, heap_bits_ = 0, root_rows_ = 0;
  std::uint64_t start_size_ = 0, most_direct_ = 0, root_ = 0;
  unsigned offset_width_ = 0, length_width_ = 0, direct_rows_ = 0, first_row_bits_ = 0;
  std::uint64_t direct_overhead_ = 0;

  std::vector<Block> blocks_; // direct ones, by offset
  std::optional<std::unordered_map<std::uint64_t, Huge>> huge_;
  std::uint64_t held_ = 0;
  bool lost_blocks_ = false; ///< a finding was made about one: objects in it are no news
};

} // namespace datavet::hdf5
