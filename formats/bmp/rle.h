/// RLE4 and RLE8: walks the codes without producing pixels.
#pragma once

#include <cstdint>
#include <string>

#include <datavet/finding.h>

#include "formats/bytes/bytes.h"

namespace datavet::bmp {

struct RleWalk {
  const Rule *broken = nullptr; ///< the rule that the stream breaks, null = none
  std::uint64_t broken_at = 0;  ///< in the stream
  std::string detail;
  std::uint64_t end = 0;   ///< just past the last code, in the stream
  std::uint64_t unset = 0; ///< pixels that jumps and early row ends left out
  bool bad_index = false;  ///< a pixel named a colour that is not there
  std::uint64_t bad_index_at = 0;
};

/// `bits` is 4 or 8; `colours` the number of palette entries there are.
RleWalk walk_rle(Bytes stream, std::uint64_t width, std::uint64_t height, unsigned bits,
                 std::uint64_t colours);

} // namespace datavet::bmp
