/// What there is to see in the elements of a dataset beside whether they can be read.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "formats/hdf5/metadata/dataset.h"

namespace datavet::hdf5 {

/// Encoded pictures that are smaller do not exist, and larger ones are not held in memory.
inline constexpr std::uint64_t smallest_picture = 32, largest_picture = 64 << 20;

struct Look {
  bool floats = false;                   ///< IEEE 754 numbers: NaN and infinity are counted
  std::vector<HeapReference> references; ///< to sequences and strings in the heap: followed
  /// Bytes of an item that may be an encoded picture and has its place in the data; 0 = there are none.
  std::uint64_t item = 0;
  /// An item is an element of opaque data or text; or a row of bytes (of a dataset of two dimensions); or all of a
  /// dataset of bytes (of one dimension).
  enum class Items : std::uint8_t { elements, rows, all } items = Items::elements;
  bool heap_items = false; ///< each element is a reference to bytes that may be a picture

  bool pictures() const { return item > 0 || heap_items; }
  bool any() const { return floats || !references.empty() || pictures(); }
};

/// By shape and type alone. Nothing where 64 bits cannot count the elements.
Look look_into(const Dataset &dataset);

/// How many elements the extent has; nothing when 64 bits cannot count their bytes.
std::optional<std::uint64_t> elements_of(const Dataset &dataset);

/// True when look_into() sees every reference into the heap: libhdf5 then need not follow them.
bool follows_references(const Dataset &dataset);

} // namespace datavet::hdf5
