#include "formats/hdf5/chunks/byte_ranges.h"

#include <algorithm>

namespace datavet::hdf5 {

std::vector<ByteRange> ByteRanges::overlaps(std::size_t wanted) {
  if (!sorted_) std::ranges::sort(ranges_, {}, &ByteRange::at);
  sorted_ = true;
  std::vector<ByteRange> found;
  std::uint64_t end = 0; // of all ranges so far
  for (const ByteRange &range : ranges_) {
    if (range.at < end) {
      if (found.size() == wanted) break;
      found.push_back({range.at, std::min(end - range.at, range.size)});
    }
    end = std::max(end, range.at + range.size);
  }
  return found;
}

} // namespace datavet::hdf5
