#include "formats/png/rows.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace datavet::png {

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
