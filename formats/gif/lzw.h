/// LZW as GIF89a appendix F has it: follows the codes of a frame without producing its pixels.
#pragma once

#include <cstdint>
#include <optional>

#include "formats/bytes/bytes.h"
#include "formats/gif/sub_blocks.h"

namespace datavet::gif {

/// What a stream of codes may be judged by.
struct LzwParameters {
  unsigned code_size = 8;              ///< "LZW Minimum Code Size", 0 to 11
  unsigned colours = 256;              ///< indices from here on name no colour
  std::optional<unsigned> transparent = {}; ///< this one needs none
};

/// A pixel whose index is not below LzwParameters::colours.
struct StrayIndex {
  unsigned index = 0;
  std::uint64_t pixel = 0; ///< its number in the stream
  std::uint64_t byte = 0;  ///< data byte in which its code begins
};

enum class LzwEnd : std::uint8_t {
  end_code,  ///< "End of Information"
  no_data,   ///< the sub-blocks end before an end code
  undefined, ///< a code that is not in the table: nothing after it means anything
};

struct LzwWalk {
  LzwEnd end = LzwEnd::no_data;
  std::uint64_t pixels = 0;    ///< of all codes before the end
  std::uint64_t byte = 0;      ///< data byte in which the code that ended the walk begins
  unsigned code = 0, next = 0; ///< the undefined code, and the lowest that is free
  bool clear_first = false;    ///< the first code is a clear code
  std::uint64_t unused = 0;    ///< whole data bytes after the end code
  std::optional<StrayIndex> stray, stray_transparent; ///< the first ones
};

/// Total, in time linear in the data, whatever the codes expand to.
LzwWalk walk_lzw(Bytes sample, const SubBlocks &data, const LzwParameters &parameters);

} // namespace datavet::gif
