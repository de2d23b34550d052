/// What IHDR declares, and the rows of filtered bytes that follow from it.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include <datavet/facts.h>

#include "formats/bytes/endian.h"

namespace datavet::png {

/// IHDR as it lies on disk, PNG 3rd ed. 11.2.1.
struct Ihdr {
  be32 width, height;
  std::uint8_t depth, colour, compression, filter, interlace;
};
static_assert(sizeof(Ihdr) == 13 && alignof(Ihdr) == 1);

// PNG 3rd ed. 11.2.1 table 12.
inline constexpr std::uint8_t colour_grey = 0, colour_rgb = 2, colour_palette = 3, colour_grey_alpha = 4,
                              colour_rgba = 6;

constexpr unsigned channels_of(std::uint8_t colour) {
  constexpr std::array<unsigned, 7> channels = {1, 0, 3, 1, 2, 0, 4};
  return colour < channels.size() ? channels[colour] : 0;
}

/// PNG 3rd ed. 11.2.1 table 12: the bit depths that each colour type allows.
constexpr bool is_legal_depth(std::uint8_t colour, std::uint8_t depth) {
  switch (colour) {
  case colour_grey: return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
  case colour_palette: return depth == 1 || depth == 2 || depth == 4 || depth == 8;
  case colour_rgb:
  case colour_grey_alpha:
  case colour_rgba: return depth == 8 || depth == 16;
  default: return false;
  }
}

constexpr Colour fact_of(std::uint8_t colour) {
  switch (colour) {
  case colour_grey: return Colour::grey;
  case colour_rgb: return Colour::rgb;
  case colour_palette: return Colour::palette;
  case colour_grey_alpha: return Colour::grey_alpha;
  case colour_rgba: return Colour::rgba;
  default: return Colour::unknown;
  }
}

/// libpng's default limit on width and on height (PNG_USER_WIDTH_MAX).
inline constexpr std::uint32_t widest_for_libpng = 1'000'000;

constexpr std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::uint64_t>::max() : product;
}

/// One pass over the picture: the whole of it, or one of the seven of Adam7.
struct Pass {
  std::uint64_t width = 0, height = 0; ///< pixels; a pass with either zero has no rows
};

/// The picture, or one frame of an animation, as it lies in the inflated stream.
struct Geometry {
  std::uint32_t width = 0, height = 0;
  unsigned bits_per_pixel = 0;
  bool interlaced = false;

  unsigned passes() const { return interlaced ? 7 : 1; }

  /// PNG 3rd ed. 8.2: pass n starts at (x0, y0) and takes every dx-th pixel of every dy-th row.
  Pass pass(unsigned number) const {
    if (!interlaced) return {width, height};
    static constexpr std::array<std::uint8_t, 7> x0 = {0, 4, 0, 2, 0, 1, 0}, y0 = {0, 0, 4, 0, 2, 0, 1},
                                                 dx = {8, 8, 4, 4, 2, 2, 1}, dy = {8, 8, 8, 4, 4, 2, 2};
    auto count = [](std::uint64_t all, unsigned first, unsigned step) {
      return all > first ? (all - first + step - 1) / step : 0;
    };
    return {count(width, x0[number], dx[number]), count(height, y0[number], dy[number])};
  }

  /// Bytes of a row of `pixels`, without its filter type.
  std::uint64_t row_bytes(std::uint64_t pixels) const { return (pixels * bits_per_pixel + 7) / 8; }

  /// Bytes of the inflated stream: every row with its filter type. Saturates.
  std::uint64_t raw_bytes() const {
    std::uint64_t sum = 0;
    for (unsigned number = 0; number < passes(); ++number) {
      Pass part = pass(number);
      if (part.width == 0 || part.height == 0)
        continue; // PNG 3rd ed. 8.2: such a pass is absent, filter types too
      if (__builtin_add_overflow(sum, saturating_product(1 + row_bytes(part.width), part.height), &sum))
        return std::numeric_limits<std::uint64_t>::max();
    }
    return sum;
  }
};

} // namespace datavet::png
