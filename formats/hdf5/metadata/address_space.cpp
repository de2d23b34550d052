#include "formats/hdf5/metadata/address_space.h"

#include <algorithm>

namespace datavet::hdf5 {

namespace {

// Neighbours are read along: few where structures lie apart, more where the walk goes straight on.
constexpr std::uint64_t first_window_bytes = 4 << 10, next_window_bytes = 64 << 10;

// What a window may keep after it showed a large piece.
constexpr std::uint64_t kept_bytes = 256 << 10;

} // namespace

bool AddressSpace::holds(std::uint64_t address, std::uint64_t length) const {
  const std::uint64_t end = std::min(superblock_.end, source_.size());
  if (superblock_.offset > end) return false;
  const std::uint64_t room = end - superblock_.offset;
  return address <= room && length <= room - address;
}

bool AddressSpace::fill(Window &window, std::uint64_t offset, std::uint64_t length) {
  const bool straight_on = std::ranges::any_of(windows_, [&](const Window &other) {
    return offset >= other.offset && offset <= other.end() + first_window_bytes;
  });
  const std::uint64_t along = straight_on && bytes_read_ > 0 ? next_window_bytes : first_window_bytes;
  window.bytes.resize(std::min(std::max(length, along), source_.size() - offset));
  if (window.bytes.capacity() > kept_bytes && window.bytes.size() <= kept_bytes) window.bytes.shrink_to_fit();
  const Source::Read read = source_.read(offset, window.bytes);
  window.bytes.resize(read.count);
  window.offset = offset;
  bytes_read_ += read.count;
  if (read.error != 0) error_ = read.error;
  return read.count >= length; // else the disk failed, or the file shrank
}

std::optional<Bytes> AddressSpace::at(std::uint64_t address, std::uint64_t length) {
  if (length > most || !holds(address, length)) return std::nullopt;
  const std::uint64_t offset = file_offset(address);
  auto window =
      std::ranges::find_if(windows_, [&](const Window &other) { return other.shows(offset, length); });
  if (window == windows_.end()) {
    window = std::ranges::min_element(windows_, {}, &Window::used);
    if (!fill(*window, offset, length)) return std::nullopt;
  }
  window->used = ++clock_;
  return Bytes(window->bytes).subspan(offset - window->offset, length);
}

} // namespace datavet::hdf5
