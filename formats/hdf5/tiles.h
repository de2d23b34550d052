/// The tiles that cover an extent, in the order in which their data usually lies.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include <hdf5.h>

namespace datavet::hdf5 {

class Tiles {
public:
  using Coordinates = std::array<hsize_t, H5S_MAX_RANK>;

  /// Both have the same rank, at most H5S_MAX_RANK; no side of a tile is 0.
  Tiles(std::span<const hsize_t> extent, std::span<const hsize_t> tile) : rank_(extent.size()) {
    std::ranges::copy(extent, extent_.begin());
    std::ranges::copy(tile, tile_.begin());
    done_ = std::ranges::find(extent, hsize_t{0}) != extent.end();
  }

  /// How many there are; the largest number when they are more than that.
  std::uint64_t count() const {
    std::uint64_t product = 1;
    for (std::size_t i = 0; i < rank_; ++i) {
      const std::uint64_t along = extent_[i] / tile_[i] + (extent_[i] % tile_[i] != 0);
      if (__builtin_mul_overflow(product, along, &product)) return std::numeric_limits<std::uint64_t>::max();
    }
    return product;
  }

  bool done() const { return done_; }
  const Coordinates &origin() const { return origin_; }
  /// The size of this tile inside the extent; has a 0 when it lies outside.
  Coordinates clipped() const {
    Coordinates size{};
    for (std::size_t i = 0; i < rank_; ++i)
      size[i] = origin_[i] < extent_[i] ? std::min(tile_[i], extent_[i] - origin_[i]) : 0;
    return size;
  }
  bool is_partial() const {
    const Coordinates size = clipped();
    return !std::equal(size.begin(), size.begin() + static_cast<std::ptrdiff_t>(rank_), tile_.begin());
  }

  /// The tile at these coordinates is the next one.
  void move_to(const Coordinates &origin) { origin_ = origin; }
  void advance() {
    for (std::size_t i = rank_; i-- > 0;) {
      if (extent_[i] - origin_[i] > tile_[i]) {
        origin_[i] += tile_[i];
        return;
      }
      origin_[i] = 0;
    }
    done_ = true;
  }

private:
  std::size_t rank_;
  Coordinates extent_{}, tile_{}, origin_{};
  bool done_;
};

} // namespace datavet::hdf5
