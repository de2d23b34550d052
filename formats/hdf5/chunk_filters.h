/// Undoes the filters of a stored chunk: deflate, shuffle, Fletcher-32, LZF. FMT IV.A.2.l.
/// Pure and bounded, which libhdf5's own filters are not: its inflate doubles its buffer without end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <datavet/finding.h>

#include "formats/bytes/bytes.h"

struct libdeflate_decompressor;

namespace datavet::hdf5 {

// Identifiers from the HDF Group's registry of filters.
inline constexpr unsigned deflate_filter = 1, shuffle_filter = 2, fletcher32_filter = 3, lzf_filter = 32000;

struct Filter {
  unsigned id;
  std::vector<unsigned> parameters;
};

/// True when ChunkVerifier knows these filters: at most one compresses, at most one shuffles.
bool can_undo(std::span<const Filter> filters);

struct ChunkTrouble {
  const Rule *rule;
  std::string detail;
};

/// Keeps its memory from chunk to chunk.
class ChunkVerifier {
public:
  /// `filters` in the order in which the writer applied them (can_undo() holds); `size` = the bytes of a
  /// chunk before them. May throw std::bad_alloc for `size` bytes.
  ChunkVerifier(std::span<const Filter> filters, std::uint64_t size);

  /// Undoes all filters but those whose bit is set in `mask`. Nothing when exactly `size` bytes come out.
  std::optional<ChunkTrouble> verify(Bytes stored, std::uint32_t mask);

private:
  std::optional<ChunkTrouble> undo_fletcher32(Bytes &data) const;
  std::optional<ChunkTrouble> undo_deflate(Bytes &data, std::uint64_t expected);
  std::optional<ChunkTrouble> undo_lzf(Bytes &data, std::uint64_t expected);
  void undo_shuffle(Bytes &data, std::uint64_t element);

  std::span<const Filter> filters_;
  std::uint64_t size_;
  std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor *)> inflater_;
  std::vector<std::uint8_t> inflated_, unshuffled_;
};

} // namespace datavet::hdf5
