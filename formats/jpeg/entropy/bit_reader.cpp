#include "formats/jpeg/entropy/bit_reader.h"

#include <algorithm>

#include "formats/jpeg/entropy/unstuff.h"

namespace datavet::jpeg {

void SegmentData::assign(Bytes segment) {
  if (bytes_.size() < segment.size() + slack) bytes_.resize(segment.size() + slack);
  size_ = unstuff(segment, std::span(bytes_).first(segment.size())).written;
  std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(size_), slack, std::uint8_t{0});
}

void SegmentData::forget_large() {
  constexpr std::size_t large = 4 << 20;
  if (bytes_.size() > large) std::vector<std::uint8_t>().swap(bytes_);
}

std::uint64_t offset_of_bit(Bytes segment, std::uint64_t bit) {
  std::uint64_t offset = 0;
  for (std::uint64_t data_bytes = bit / 8; data_bytes > 0 && offset < segment.size(); --data_bytes)
    offset += segment[offset] == 0xFF ? 1 + stuffing_at(segment, offset + 1) : 1;
  return std::min<std::uint64_t>(offset, segment.size());
}

} // namespace datavet::jpeg
