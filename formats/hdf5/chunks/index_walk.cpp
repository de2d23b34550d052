#include "formats/hdf5/chunks/index_walk.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "formats/checksum/lookup3.h"
#include "formats/hdf5/names.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

RowRange IndexWalk::rows() const {
  const std::uint64_t end = std::min(end_row, dataset.space.extent[0]);
  return first_row >= end ? RowRange{} : RowRange{first_row, end - first_row};
}

void IndexWalk::complain(const Rule &rule, std::uint64_t address, std::uint64_t length,
                         std::string_view detail) {
  listing.whole = false;
  const bool inside = space.holds(address, length), begins_inside = space.holds(address, 0);
  evidence_.findings.add({&rule, space.file_offset(begins_inside ? address : 0), inside ? length : 0,
                          fmt::format("{}: {}", name_of(rows()), detail), dataset.path, rows()});
}

void IndexWalk::remark(const Rule &rule, std::uint64_t address, std::string_view detail) {
  evidence_.findings.add({&rule, space.file_offset(space.holds(address, 0) ? address : 0), 0,
                          fmt::format("{}: {}", name_of(rows()), detail), dataset.path, rows()});
}

bool IndexWalk::fits(std::uint64_t address, std::uint64_t length, std::string_view what) {
  if (space.holds(address, length)) return true;
  complain(index_outside, address, 0, fmt::format("{} of {} bytes at address {}", what, length, address));
  return false;
}

std::optional<Bytes> IndexWalk::read(std::uint64_t address, std::uint64_t length, std::string_view what) {
  if (!fits(address, length, what)) return std::nullopt;
  if (length > AddressSpace::most) {
    complain(index_limit, address, 0, fmt::format("{} of {} bytes", what, length));
    return std::nullopt;
  }
  if (length > budget_) {
    // Said once: what leads here leads to as much again.
    if (!exhausted_)
      complain(index_loop, address, 0, fmt::format("{}: the index is larger than the file", what));
    exhausted_ = true;
    budget_ = 0;
    return std::nullopt;
  }
  budget_ -= length;
  const std::optional<Bytes> piece = space.at(address, length);
  if (!piece)
    complain(unreadable, address, 0,
             fmt::format("{} cannot be read: {}", what, std::strerror(space.error())));
  return piece;
}

bool IndexWalk::begins(Bytes piece, std::uint64_t address, std::string_view name, unsigned type) {
  if (piece.size() >= name.size() + 2 && std::equal(name.begin(), name.end(), piece.begin()) &&
      piece[name.size()] == 0 && piece[name.size() + 1] == type)
    return true;
  complain(index_signature, address, piece.size(), fmt::format("no {} of version 0 and type {}", name, type));
  return false;
}

bool IndexWalk::checksum_holds(Bytes piece, std::uint64_t address, std::string_view what) {
  if (!checks_sums_) return true;
  const Bytes covered = piece.first(piece.size() - 4);
  const std::uint32_t stored = little_endian_32(piece.data() + covered.size()), computed = lookup3(covered);
  if (stored == computed) return true;
  complain(index_checksum, address, piece.size(),
           fmt::format("{}: stored {:08x}, computed {:08x}", what, stored, computed));
  return false;
}

unsigned stored_size_bytes(std::uint64_t chunk_bytes) {
  return std::min(8u, 1 + (log2_floor(chunk_bytes) + 8) / 8);
}

std::optional<ArrayElement> ArrayElement::make(IndexWalk &walk, std::uint64_t owner, unsigned size) {
  ArrayElement element;
  element.size_ = size;
  element.offset_size_ = walk.offset_size();
  element.chunk_bytes_ = walk.chunk_bytes;
  const bool filtered = !walk.dataset.filters.empty();
  if (filtered)
    element.size_bytes_ = size - element.offset_size_ - 4; // wraps when there is no room: too large then
  // Version 5 layouts (HDF5 2.0) store sizes in as many bytes as a length has.
  const bool good = !filtered ? size == element.offset_size_
                    : walk.dataset.storage.version >= 5
                        ? element.size_bytes_ >= 1 && element.size_bytes_ <= 8
                        : element.size_bytes_ == stored_size_bytes(walk.chunk_bytes);
  if (good) return element;
  walk.complain(index_structure, owner, 0, fmt::format("elements of {} bytes", size));
  return std::nullopt;
}

void list_elements(IndexWalk &walk, const ArrayElement &element, Bytes elements, std::uint64_t first,
                   std::uint64_t count) {
  Grid::Cursor cursor(walk.grid);
  cursor.move_to(first);
  const std::uint8_t *at = elements.data();
  Chunk chunk;
  for (std::uint64_t i = 0; i < count; ++i, cursor.advance(), at += element.size()) {
    if (!element.read(at, chunk)) continue;
    if (cursor.origin(chunk.origin))
      walk.judge.take_placed(chunk);
    else
      walk.judge.beyond_extent(chunk.address);
  }
}

// Neighbours in number are neighbours in the slowest dimension; where that is not the first one, all rows are
// concerned.
void set_rows(IndexWalk &walk, std::uint64_t first, std::uint64_t count) {
  walk.first_row = 0;
  walk.end_row = countless;
  Coordinates one{}, other{};
  Grid::Cursor cursor(walk.grid);
  cursor.move_to(first);
  if (!cursor.origin(one) || walk.grid.slowest() != 0) return;
  walk.first_row = one[0];
  cursor.move_to(first + (count - 1));
  if (cursor.origin(other)) walk.end_row = other[0] + walk.grid.side(0);
}

} // namespace datavet::hdf5
