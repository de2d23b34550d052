/// The grid of chunks that covers a dataset: how many lie along each side, and which one has which number.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "formats/hdf5/metadata/dataset.h"

namespace datavet::hdf5 {

using Coordinates = std::array<std::uint64_t, most_dimensions>;

inline constexpr std::uint64_t countless = std::numeric_limits<std::uint64_t>::max();

/// x * y, or `countless`.
constexpr std::uint64_t saturating_product(std::uint64_t x, std::uint64_t y) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(x, y, &product) ? countless : product;
}

/// Numbers the chunks as array indexes do: row-major over the grid of the *largest* extent, the one unlimited
/// dimension (if any) slowest. H5D__earray_idx_get_addr, H5VM_array_offset_pre.
class Grid {
public:
  /// No side of a chunk is 0, and its rank is the dataspace's.
  explicit Grid(const Dataset &dataset) : rank_(dataset.storage.rank), shape_(dataset.storage.chunk) {
    for (unsigned i = 0; i < rank_; ++i) {
      const std::uint64_t extent = dataset.space.extent[i], maximum = dataset.space.maximum[i];
      now_[i] = tiles(extent, shape_[i]);
      most_[i] =
          maximum == Dataspace::unlimited ? countless : tiles(maximum == 0 ? extent : maximum, shape_[i]);
      if (maximum == Dataspace::unlimited && !has_unlimited_) {
        slowest_ = i;
        has_unlimited_ = true;
      }
    }
    // order_[0] is the slowest dimension.
    order_[0] = slowest_;
    for (unsigned i = 0, next = 1; i < rank_; ++i)
      if (i != slowest_) order_[next++] = i;
  }

  unsigned rank() const { return rank_; }
  /// The dimension along which the numbers grow slowest.
  unsigned slowest() const { return slowest_; }
  /// Chunks along dimension i that cover the extent.
  std::uint64_t along(unsigned i) const { return now_[i]; }
  std::uint64_t side(unsigned i) const { return shape_[i]; }
  /// Chunks that cover the extent; `countless` when 64 bits cannot count them.
  std::uint64_t count() const {
    std::uint64_t product = 1;
    for (unsigned i = 0; i < rank_; ++i) {
      if (now_[i] == 0) return 0;
      product = saturating_product(product, now_[i]);
    }
    return product;
  }
  /// One more than the largest number of a chunk inside the extent.
  std::uint64_t numbers() const {
    if (count() == 0) return 0;
    std::uint64_t last = 0, down = 1;
    for (unsigned k = rank_; k-- > 0;) {
      std::uint64_t term = saturating_product(now_[order_[k]] - 1, down);
      if (__builtin_add_overflow(last, term, &last)) return countless;
      down = saturating_product(down, most_[order_[k]]);
    }
    return last == countless ? countless : last + 1;
  }

  /// Walks the numbers upwards without a division each.
  class Cursor {
  public:
    explicit Cursor(const Grid &grid) : grid_(&grid) {}

    void move_to(std::uint64_t number) {
      for (unsigned k = grid_->rank_; k-- > 1;) {
        const std::uint64_t many = grid_->most_[grid_->order_[k]];
        place_[k] = many == 0 ? 0 : number % many;
        number = many == 0 ? 0 : number / many;
      }
      place_[0] = number;
    }
    void advance() {
      for (unsigned k = grid_->rank_; k-- > 1;) {
        if (++place_[k] < grid_->most_[grid_->order_[k]]) return;
        place_[k] = 0;
      }
      ++place_[0];
    }
    /// Sets the origin of this chunk. False when it lies outside the extent: then the origin means nothing.
    bool origin(Coordinates &origin) const {
      for (unsigned k = 0; k < grid_->rank_; ++k) {
        const unsigned i = grid_->order_[k];
        if (place_[k] >= grid_->now_[i]) return false;
        origin[i] = place_[k] * grid_->shape_[i]; // below the extent: no overflow
      }
      return true;
    }

  private:
    const Grid *grid_;
    Coordinates place_{}; ///< in chunks, in the order of `order_`
  };

private:
  static std::uint64_t tiles(std::uint64_t extent, std::uint64_t side) {
    return extent / side + (extent % side != 0);
  }

  unsigned rank_, slowest_ = 0;
  bool has_unlimited_ = false;
  Coordinates shape_, now_{}, most_{};
  std::array<unsigned, most_dimensions> order_{};
};

} // namespace datavet::hdf5
