#include "formats/gif/sub_blocks.h"

#include <algorithm>

namespace datavet::gif {

SubBlocks find_sub_blocks(Bytes sample, std::uint64_t offset) {
  SubBlocks blocks{.offset = offset, .end = sample.size()};
  for (std::uint64_t at = offset; at < sample.size();) {
    const std::uint64_t size = sample[at++];
    if (size == 0) {
      blocks.end = at;
      blocks.terminated = true;
      break;
    }
    const std::uint64_t there = std::min(size, sample.size() - at);
    blocks.data += there;
    at += there;
  }
  return blocks;
}

Bytes first_sub_block(Bytes sample, const SubBlocks &blocks) {
  if (blocks.data == 0) return {};
  const std::uint64_t at = blocks.offset + 1;
  return sample.subspan(at, std::min<std::uint64_t>(sample[blocks.offset], sample.size() - at));
}

std::uint64_t offset_of_data(Bytes sample, const SubBlocks &blocks, std::uint64_t number) {
  if (number >= blocks.data) return blocks.terminated ? blocks.end - 1 : blocks.end;
  std::uint64_t at = blocks.offset;
  while (number >= sample[at]) {
    number -= sample[at];
    at += 1 + std::uint64_t{sample[at]};
  }
  return at + 1 + number;
}

} // namespace datavet::gif
