/// Random damage of the kinds that disks, networks and scripts do.
#pragma once

#include <algorithm>
#include <random>

#include "tests/support/damage.h"

namespace datavet::test {

inline Blob mutate(Blob blob, std::mt19937 &random) {
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  const std::size_t times = 1 + below(3);
  for (std::size_t i = 0; i < times && blob.size() > 8; ++i) {
    const std::size_t at = below(blob.size());
    const std::size_t length = std::min<std::size_t>(1 + below(64), blob.size() - at);
    switch (below(8)) {
    case 0: blob = flip_bit(std::move(blob), at, static_cast<unsigned>(below(8))); break;
    case 1: blob = set_byte(std::move(blob), at, static_cast<std::uint8_t>(below(256))); break;
    case 2: blob = set_byte(std::move(blob), at, 0xFF); break;
    case 3: blob = zero(std::move(blob), at, length); break;
    case 4: blob = erase(std::move(blob), at, length); break;
    case 5: blob = truncate(std::move(blob), at); break;
    case 6: // a piece of itself somewhere else
      blob = insert(blob, below(blob.size()),
                    Blob(blob.begin() + static_cast<std::ptrdiff_t>(at),
                         blob.begin() + static_cast<std::ptrdiff_t>(at + length)));
      break;
    default: // in the headers, where structure lies
      blob = set_byte(std::move(blob), below(std::min<std::size_t>(blob.size(), 700)),
                      static_cast<std::uint8_t>(below(256)));
    }
  }
  return blob;
}

} // namespace datavet::test
