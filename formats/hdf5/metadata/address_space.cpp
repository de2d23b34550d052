#include "formats/hdf5/metadata/address_space.h"

#include <algorithm>

namespace datavet::hdf5 {

namespace {

// Neighbours are read along: the more, the longer the structures lie one behind the other; little where they lie apart,
// as the nodes of a B-tree do between the chunks.
constexpr std::uint64_t least_window = 4 << 10, largest_window = 256 << 10;

} // namespace

bool AddressSpace::holds(std::uint64_t address, std::uint64_t length) const {
  const std::uint64_t end = std::min(superblock_.end, source_.size());
  if (superblock_.offset > end) return false;
  const std::uint64_t room = end - superblock_.offset;
  return address <= room && length <= room - address;
}

std::optional<Bytes> AddressSpace::at(std::uint64_t address, std::uint64_t length) {
  if (length > most || !holds(address, length)) return std::nullopt;
  const std::uint64_t offset = file_offset(address);
  const bool shown = offset >= window_at_ && offset - window_at_ <= window_.size() &&
                     length <= window_.size() - (offset - window_at_);
  if (!shown) {
    const std::uint64_t window_end = window_at_ + window_.size();
    const bool goes_on = offset >= window_at_ && offset <= window_end + least_window;
    ahead_ = goes_on ? std::min(2 * ahead_, largest_window) : least_window;
    window_.resize(std::min(std::max(length, ahead_), source_.size() - offset));
    const Source::Read read = source_.read(offset, window_);
    window_.resize(read.count);
    window_at_ = offset;
    if (read.error != 0) error_ = read.error;
    if (read.count < length) return std::nullopt; // the disk failed, or the file shrank
  }
  return Bytes(window_).subspan(offset - window_at_, length);
}

} // namespace datavet::hdf5
