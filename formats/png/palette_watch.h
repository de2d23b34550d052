/// Palette indices without an entry in PLTE. Only undoing the filters shows them.
#pragma once

#include <cstdint>
#include <span>

#include "formats/png/scratch.h"

namespace datavet::png {

/// Undoes the filters of palette rows. Asked only when PLTE has fewer entries than the bit depth can name:
/// nobody else needs a pixel, so nobody else pays for it.
class PaletteWatch {
public:
  PaletteWatch(unsigned bits_per_pixel, unsigned entries) : bits_(bits_per_pixel), entries_(entries) {}
  /// Rows of `pixels` follow; the row above the first counts as zeros.
  void begin_pass(std::uint64_t pixels, std::uint64_t row_bytes, Scratch &memory);
  /// Where the filtered bytes of the next row go.
  std::span<std::uint8_t> row() { return row_; }
  /// The row is whole: the highest index in it.
  unsigned end_row(std::uint8_t filter);
  unsigned entries() const { return entries_; }

private:
  unsigned bits_, entries_;
  std::uint64_t pixels_ = 0;
  std::span<std::uint8_t> row_, above_;
};

} // namespace datavet::png
