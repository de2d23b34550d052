/// Data sub-blocks: a size byte and so many bytes, until a size of zero, the block terminator.
/// GIF89a 15, 16.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet::gif {

struct SubBlocks {
  std::uint64_t offset = 0; ///< of the first size byte
  std::uint64_t end = 0;    ///< just past the terminator, or the end of the sample
  std::uint64_t data = 0;   ///< bytes that there are, sizes not counted
  bool terminated = false;  ///< false: the sample ends before the terminator
};

/// Goes from size byte to size byte; looks at no data.
SubBlocks find_sub_blocks(Bytes sample, std::uint64_t offset);

/// The bytes of the first sub-block; empty when there is none. As many as the sample holds.
Bytes first_sub_block(Bytes sample, const SubBlocks &blocks);

/// Where in the sample the data byte of this number stands; the end for one past the last.
std::uint64_t offset_of_data(Bytes sample, const SubBlocks &blocks, std::uint64_t number);

} // namespace datavet::gif
