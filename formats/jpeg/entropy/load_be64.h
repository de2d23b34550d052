/// Eight bytes as the bits of a stream.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace datavet::jpeg {

/// The first bit of `bytes` becomes the topmost.
[[gnu::always_inline]] inline std::uint64_t load_be64(const std::uint8_t *bytes) {
  std::uint64_t word; // not be64, whose loop g++ 12 does not always see as one load
  std::memcpy(&word, bytes, sizeof word);
  return std::endian::native == std::endian::big ? word : __builtin_bswap64(word);
}

} // namespace datavet::jpeg
