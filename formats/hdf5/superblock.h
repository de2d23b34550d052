/// The superblock: where an HDF5 file begins, ends, and has its root. FMT II.A.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "formats/evidence.h"
#include "formats/source.h"

namespace datavet::hdf5 {

/// FMT I, "undefined address": all bits set, whatever the width of an offset.
inline constexpr std::uint64_t undefined_address = std::numeric_limits<std::uint64_t>::max();

inline constexpr std::uint8_t signature[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

/// Half the number of entries in full nodes of version 1 B-trees and of symbol tables. Versions 2 and 3 of the
/// superblock have them in a message of the extension, where they differ from these.
struct TreeRanks {
  std::uint32_t group_leaf = 4, group_internal = 16, chunk_internal = 32;
};

/// The fields common to all versions. Addresses other than `offset` and `end` count from `offset`.
struct Superblock {
  std::uint64_t offset = 0; ///< of the signature in the file: 0 unless there is a user block
  std::uint64_t length = 0;
  std::uint8_t version = 0;
  std::uint8_t offset_size = 0; ///< bytes of an address in this file
  std::uint8_t length_size = 0;
  std::uint32_t flags = 0;
  std::uint64_t base_address = 0;
  std::uint64_t extension = undefined_address; ///< in versions 0 and 1 the free-space address
  std::uint64_t end_of_file = 0;               ///< as stored
  std::uint64_t driver = undefined_address;    ///< versions 0 and 1 only
  std::uint64_t root = 0;                      ///< of the root group's object header
  TreeRanks ranks;             ///< as stored, or the defaults
  std::uint64_t end = 0; ///< where the HDF5 data ends in this file, the way libhdf5 computes it
};

/// Judges the superblock and the length of the file. Nothing when the findings make the rest of the
/// file meaningless, or when there is no file to speak of.
std::optional<Superblock> examine_superblock(const Source &source, Evidence &evidence);

} // namespace datavet::hdf5
