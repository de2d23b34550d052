#include "formats/hdf5/metadata/address_space.h"

#include <algorithm>

namespace datavet::hdf5 {

namespace {

// Neighbours are read along; more would be read in vain where structures lie apart.
constexpr std::uint64_t window_bytes = 64 << 10;

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
    window_.resize(std::min(std::max(length, window_bytes), source_.size() - offset));
    const Source::Read read = source_.read(offset, window_);
    window_.resize(read.count);
    window_at_ = offset;
    if (read.error != 0) error_ = read.error;
    if (read.count < length) return std::nullopt; // the disk failed, or the file shrank
  }
  return Bytes(window_).subspan(offset - window_at_, length);
}

} // namespace datavet::hdf5
