#include "formats/png/rows.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

namespace datavet::png {
namespace {

/// PNG 3rd ed. 9.4.
std::uint8_t paeth(int left, int above, int corner) {
  const int estimate = left + above - corner;
  const int to_left = std::abs(estimate - left), to_above = std::abs(estimate - above),
            to_corner = std::abs(estimate - corner);
  if (to_left <= to_above && to_left <= to_corner) return static_cast<std::uint8_t>(left);
  return static_cast<std::uint8_t>(to_above <= to_corner ? above : corner);
}

/// PNG 3rd ed. 9.2, for one byte a pixel: palette images have no more.
void undo_filter(std::uint8_t filter, std::span<std::uint8_t> row, std::span<const std::uint8_t> above) {
  auto sum = [](int a, int b) { return static_cast<std::uint8_t>(a + b); };
  int left = 0, corner = 0;
  switch (filter) {
  case 1:
    for (std::uint8_t &byte : row) left = byte = sum(byte, left);
    break;
  case 2:
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = sum(row[i], above[i]);
    break;
  case 3:
    for (std::size_t i = 0; i < row.size(); ++i) left = row[i] = sum(row[i], (left + above[i]) / 2);
    break;
  case 4:
    for (std::size_t i = 0; i < row.size(); ++i) {
      left = row[i] = sum(row[i], paeth(left, above[i], corner));
      corner = above[i];
    }
    break;
  default: break;
  }
}

/// The highest of the indices that are packed into a byte, leftmost in the high bits (PNG 3rd ed. 7.2).
unsigned highest_in(unsigned byte, unsigned bits, std::uint64_t pixels) {
  unsigned highest = 0;
  for (std::uint64_t i = 0; i < pixels; ++i)
    highest = std::max(highest, byte >> (8 - bits * (static_cast<unsigned>(i) + 1)) & ((1u << bits) - 1));
  return highest;
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
  const std::span<const std::uint8_t> row = above_;
  if (bits_ == 8) return *std::max_element(row.begin(), row.end());
  // Bits after the last pixel of a row mean nothing (PNG 3rd ed. 7.2).
  const unsigned per_byte = 8 / bits_;
  unsigned highest = highest_in(row.back(), bits_, pixels_ - (row.size() - 1) * per_byte);
  for (std::uint8_t byte : row.first(row.size() - 1))
    highest = std::max(highest, highest_in(byte, bits_, per_byte));
  return highest;
}

RowScanner::RowScanner(const Geometry &geometry, unsigned palette_entries, Scratch &memory)
    : geometry_(geometry), memory_(memory) {
  if (palette_entries > 0) palette_.emplace(geometry.bits_per_pixel, palette_entries);
  begin_pass();
}

/// Goes to the first pass from here on that has rows.
void RowScanner::begin_pass() {
  for (; pass_ < geometry_.passes(); ++pass_) {
    const Pass pass = geometry_.pass(pass_);
    if (pass.width == 0 || pass.height == 0) continue;
    rows_left_ = pass.height;
    row_size_ = 1 + geometry_.row_bytes(pass.width);
    row_ = 0;
    if (palette_) palette_->begin_pass(pass.width, row_size_ - 1, memory_);
    return;
  }
}

void RowScanner::end_row() {
  if (palette_) {
    const unsigned highest = palette_->end_row(filter_);
    if (highest >= palette_->entries()) {
      overrun_ = PaletteOverrun{highest, row_, pass_};
      palette_.reset(); // one is enough to tell
    }
  }
  whole_rows_bytes_ += row_size_;
  in_row_ = 0;
  ++row_;
  if (--rows_left_ == 0) {
    ++pass_;
    begin_pass();
  }
}

bool RowScanner::feed(Bytes inflated) {
  while (!inflated.empty() && !complete()) {
    if (in_row_ == 0) {
      filter_ = inflated[0];
      if (filter_ > 4) return false;
      in_row_ = 1;
      inflated = inflated.subspan(1);
    }
    const std::uint64_t count = std::min<std::uint64_t>(inflated.size(), row_size_ - in_row_);
    if (palette_ && count > 0) std::memcpy(palette_->row().data() + in_row_ - 1, inflated.data(), count);
    in_row_ += count;
    inflated = inflated.subspan(count);
    if (in_row_ == row_size_) end_row();
  }
  return true;
}

std::string RowScanner::name_of_row(std::uint64_t row, unsigned pass) const {
  return geometry_.interlaced ? fmt::format("row {} of interlace pass {}", row, pass + 1)
                              : fmt::format("row {}", row);
}

std::string RowScanner::lost() const {
  if (complete()) return {};
  const double whole = static_cast<double>(geometry_.raw_bytes());
  const double percent = 100 * (1 - static_cast<double>(whole_rows_bytes_) / whole);
  if (geometry_.interlaced)
    return fmt::format("{} is the first one lost, {:.1f} % of the image data", place(), percent);
  return fmt::format("row {} of {} is the first one lost, {:.1f} % of the image data", row_, geometry_.height,
                     percent);
}

} // namespace datavet::png
