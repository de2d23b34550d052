#include "formats/png/palette_watch.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace datavet::png {
namespace {

using Row = std::span<std::uint8_t>;
using RowAbove = std::span<const std::uint8_t>;

constexpr std::uint8_t sum(int a, int b) { return static_cast<std::uint8_t>(a + b); }

// PNG 3rd ed. 9.2, for one byte a pixel: palette images have no more. Up is vectorised by the compiler.
// Average and Paeth need each pixel before the next one.

/// Sixteen pixels at once: the sums of 2, 4, 8 and 16 neighbours, then the pixel before them.
void undo_sub(Row row) {
  using Pixels [[gnu::vector_size(16)]] = std::uint8_t;
  constexpr Pixels zero = {};
  std::uint8_t left = 0;
  std::size_t at = 0;
  for (; row.size() - at >= sizeof(Pixels); at += sizeof(Pixels)) {
    Pixels p;
    std::memcpy(&p, &row[at], sizeof p);
    p += __builtin_shufflevector(zero, p, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
    p += __builtin_shufflevector(zero, p, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
    p += __builtin_shufflevector(zero, p, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
    p += __builtin_shufflevector(zero, p, 0, 0, 0, 0, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23);
    p += left;
    std::memcpy(&row[at], &p, sizeof p);
    left = p[15];
  }
  for (; at < row.size(); ++at) left = row[at] = sum(row[at], left);
}

void undo_up(Row row, RowAbove above) {
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = sum(row[i], above[i]);
}

void undo_average(Row row, RowAbove above) {
  int left = 0;
  for (std::size_t i = 0; i < row.size(); ++i) left = row[i] = sum(row[i], (left + above[i]) / 2);
}

/// PNG 3rd ed. 9.4.
int paeth(int left, int above, int corner) {
  const int estimate = left + above - corner;
  const int to_left = std::abs(estimate - left), to_above = std::abs(estimate - above),
            to_corner = std::abs(estimate - corner);
  if (to_left <= to_above && to_left <= to_corner) return left;
  return to_above <= to_corner ? above : corner;
}

void undo_paeth(Row row, RowAbove above) {
  int left = 0, corner = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    left = row[i] = sum(row[i], paeth(left, above[i], corner));
    corner = above[i];
  }
}

void undo_filter(std::uint8_t filter, Row row, RowAbove above) {
  switch (filter) {
  case 1: return undo_sub(row);
  case 2: return undo_up(row, above);
  case 3: return undo_average(row, above);
  case 4: return undo_paeth(row, above);
  default: return;
  }
}

/// The highest of the indices of `bits` each that are packed into bytes. Vectorised by the compiler.
template <unsigned bits> unsigned highest_in(RowAbove bytes) {
  constexpr unsigned mask = (1u << bits) - 1;
  std::uint8_t highest = 0;
  for (std::uint8_t byte : bytes)
    for (unsigned shift = 0; shift < 8; shift += bits)
      highest = std::max(highest, static_cast<std::uint8_t>(byte >> shift & mask));
  return highest;
}

unsigned highest_in(RowAbove bytes, unsigned bits) {
  switch (bits) {
  case 1: return highest_in<1>(bytes);
  case 2: return highest_in<2>(bytes);
  case 4: return highest_in<4>(bytes);
  default: return highest_in<8>(bytes);
  }
}

} // namespace

void PaletteWatch::begin_pass(std::uint64_t pixels, std::uint64_t row_bytes, Scratch &memory) {
  pixels_ = pixels;
  std::span<std::uint8_t> both = memory.room(2 * row_bytes);
  row_ = both.first(row_bytes);
  above_ = both.last(row_bytes);
  std::memset(above_.data(), 0, above_.size());
}

unsigned PaletteWatch::end_row(std::uint8_t filter) {
  undo_filter(filter, row_, above_);
  std::swap(row_, above_); // the row just read is the one above the next
  const RowAbove row = above_;
  // Bits after the last pixel of a row mean nothing (PNG 3rd ed. 7.2): the first pixels are in the high bits.
  const unsigned unused_bits = static_cast<unsigned>(8 * row.size() - pixels_ * bits_);
  const std::uint8_t last = static_cast<std::uint8_t>(row.back() >> unused_bits);
  return std::max(highest_in(row.first(row.size() - 1), bits_), highest_in({&last, 1}, bits_));
}

} // namespace datavet::png
