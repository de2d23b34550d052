/// Verbs that damage a copy of a good sample. Each returns a new vector; the original stays good.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "formats/bytes/bytes.h"

namespace datavet::test {

using Blob = std::vector<std::uint8_t>;

inline Blob flip_bit(Blob blob, std::size_t offset, unsigned bit = 0) {
  blob.at(offset) = static_cast<std::uint8_t>(blob.at(offset) ^ (1u << bit));
  return blob;
}
inline Blob set_byte(Blob blob, std::size_t offset, std::uint8_t value) {
  blob.at(offset) = value;
  return blob;
}
inline Blob truncate(Blob blob, std::size_t size) {
  blob.resize(size);
  return blob;
}
inline Blob zero(Blob blob, std::size_t offset, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) blob.at(offset + i) = 0;
  return blob;
}
inline Blob insert(Blob blob, std::size_t offset, const Blob &bytes) {
  blob.insert(blob.begin() + static_cast<std::ptrdiff_t>(offset), bytes.begin(), bytes.end());
  return blob;
}
inline Blob erase(Blob blob, std::size_t offset, std::size_t length) {
  auto first = blob.begin() + static_cast<std::ptrdiff_t>(offset);
  blob.erase(first, first + static_cast<std::ptrdiff_t>(length));
  return blob;
}
inline Blob append(Blob blob, const Blob &bytes) {
  blob.insert(blob.end(), bytes.begin(), bytes.end());
  return blob;
}

} // namespace datavet::test
