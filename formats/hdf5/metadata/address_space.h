/// The addresses of an HDF5 file: bytes by address, in bounded memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/superblock.h"
#include "formats/source.h"

namespace datavet::hdf5 {

/// Reads metadata through one window: neighbouring structures cost one read. Not safe for concurrent use.
class AddressSpace {
public:
  /// Both outlive it.
  AddressSpace(const Source &source, const Superblock &superblock) : source_(source), superblock_(superblock) {}

  /// The largest piece that at() gives.
  static constexpr std::uint64_t most = 16 << 20;

  /// `length` bytes at `address`, which counts from the superblock; valid until the next call. Nothing when they do
  /// not lie inside the HDF5 data, are more than `most`, or the disk fails: error() tells that apart.
  std::optional<Bytes> at(std::uint64_t address, std::uint64_t length);
  /// True when `length` bytes at `address` lie inside the HDF5 data.
  bool holds(std::uint64_t address, std::uint64_t length) const;
  /// Offset in the file of an address.
  std::uint64_t file_offset(std::uint64_t address) const { return superblock_.offset + address; }
  /// errno of a failed read, 0 = none so far.
  int error() const { return error_; }

  const Superblock &superblock() const { return superblock_; }
  const Source &source() const { return source_; }
  unsigned offset_size() const { return superblock_.offset_size; } ///< bytes of an address: 2, 4 or 8
  unsigned length_size() const { return superblock_.length_size; } ///< bytes of a length: 2, 4 or 8

private:
  const Source &source_;
  const Superblock &superblock_;
  std::vector<std::uint8_t> window_;
  std::uint64_t window_at_ = 0; ///< offset in the file
  std::uint64_t ahead_ = 4096;  ///< bytes that the last read asked for at least
  int error_ = 0;
};

} // namespace datavet::hdf5
