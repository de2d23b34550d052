/// A global or local colour table: "red, green, blue" of each index. GIF89a 19, 21.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet::gif {

struct ColourTable {
  unsigned colours = 0;   ///< 0 = there is no table
  bool grey_ramp = false; ///< every index is its own shade of grey: for Pillow the same as no table

  static constexpr unsigned bytes_a_colour = 3;

  ColourTable() = default;
  explicit ColourTable(Bytes table)
      : colours(static_cast<unsigned>(table.size() / bytes_a_colour)), grey_ramp(is_grey_ramp(table)) {}

  /// Entries that the packed field of a descriptor announces: "2^(Size of Global Color Table+1)".
  static constexpr unsigned announced(std::uint8_t packed) { return packed & 0x80 ? 2u << (packed & 7) : 0; }

private:
  static bool is_grey_ramp(Bytes table) {
    for (std::size_t at = 0; at < table.size(); ++at)
      if (table[at] != at / bytes_a_colour) return false;
    return true;
  }
};

} // namespace datavet::gif
