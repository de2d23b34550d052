/// The addresses of an HDF5 file: bytes by address, in bounded memory.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/superblock.h"
#include "formats/source.h"

namespace datavet::hdf5 {

/// Reads metadata through a few windows: neighbouring structures cost one read, and a walk that goes to and
/// fro between a tree and a heap does not read either twice. Not safe for concurrent use.
class AddressSpace {
public:
  /// Both outlive it.
  AddressSpace(const Source &source, const Superblock &superblock)
      : source_(source), superblock_(superblock) {}

  /// The largest piece that at() gives.
  static constexpr std::uint64_t most = 16 << 20;

  /// `length` bytes at `address`, which counts from the superblock; valid until the next call. Nothing when
  /// they do not lie inside the HDF5 data, are more than `most`, or the disk fails: error() tells that apart.
  std::optional<Bytes> at(std::uint64_t address, std::uint64_t length);
  /// True when `length` bytes at `address` lie inside the HDF5 data.
  bool holds(std::uint64_t address, std::uint64_t length) const;
  /// Offset in the file of an address.
  std::uint64_t file_offset(std::uint64_t address) const { return superblock_.offset + address; }
  /// errno of a failed read, 0 = none so far.
  int error() const { return error_; }
  /// Bytes read of the source so far: what the walk has cost.
  std::uint64_t bytes_read() const { return bytes_read_; }

  const Superblock &superblock() const { return superblock_; }
  const Source &source() const { return source_; }
  unsigned offset_size() const { return superblock_.offset_size; } ///< bytes of an address: 2, 4 or 8
  unsigned length_size() const { return superblock_.length_size; } ///< bytes of a length: 2, 4 or 8

private:
  struct Window {
    std::uint64_t offset = 0; ///< in the file
    std::vector<std::uint8_t> bytes;
    std::uint64_t used = 0; ///< when it was last of use

    std::uint64_t end() const { return offset + bytes.size(); }
    bool shows(std::uint64_t from, std::uint64_t length) const {
      return from >= offset && from <= end() && length <= end() - from;
    }
  };

  bool fill(Window &window, std::uint64_t offset, std::uint64_t length);

  const Source &source_;
  const Superblock &superblock_;
  std::array<Window, 8> windows_;
  std::uint64_t clock_ = 0, bytes_read_ = 0;
  int error_ = 0;
};

} // namespace datavet::hdf5
