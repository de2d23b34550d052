/// Undoes the filters of a stored chunk. FMT IV.A.2.l, the HDF Group's registry of filters, and the plugins'
/// sources. Pure and bounded, which libhdf5's own filters are not: its inflate doubles its buffer without
/// end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <datavet/finding.h>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/filters/codecs.h"
#include "formats/hdf5/metadata/dataset.h"

namespace datavet::hdf5 {

// Identifiers from the HDF Group's registry of filters.
inline constexpr unsigned deflate_filter = 1, shuffle_filter = 2, fletcher32_filter = 3, szip_filter = 4,
                          nbit_filter = 5, scale_offset_filter = 6, lzf_filter = 32000, blosc_filter = 32001,
                          lz4_filter = 32004, bitshuffle_filter = 32008, zstandard_filter = 32015;

/// True when FilterChain knows these filters with these parameters: at most one of them compresses. nbit or
/// scale-offset may stand before deflate or LZF. Others are plugins that nobody here has, or parameters that
/// no writer makes.
bool can_undo(std::span<const FilterStep> filters);

struct Nbit;

struct ChunkTrouble {
  const Rule *rule;
  std::string detail;
};

/// Whether the Fletcher-32 at the end of these bytes is that of the bytes before it. H5Zfletcher32.c.
std::optional<ChunkTrouble> check_fletcher32(Bytes stored);

/// Keeps its memory from chunk to chunk. Not safe for concurrent use: one a thread.
class FilterChain {
public:
  /// `filters` outlive it, in the order in which the writer applied them (can_undo() holds); `size` = the
  /// bytes of a chunk before them. Memory is taken as chunks need it: at most thrice the larger of `size` and
  /// the largest stored chunk, and what the codecs' contexts take; std::bad_alloc may come out of verify()
  /// and undo().
  FilterChain(std::span<const FilterStep> filters, std::uint64_t size);
  ~FilterChain();
  FilterChain(FilterChain &&) noexcept;

  /// Undoes all filters but those whose bit is set in `mask`. Nothing when exactly `size` bytes come out.
  std::optional<ChunkTrouble> verify(Bytes stored, std::uint32_t mask) { return run(stored, mask, false); }

  /// The same, and gives the elements: valid until the next call, and as long as `stored` (a chunk without
  /// compression is not copied). Nothing when there is trouble: trouble() says which.
  std::optional<Bytes> undo(Bytes stored, std::uint32_t mask) {
    trouble_ = run(stored, mask, true);
    return trouble_ ? std::nullopt : std::optional<Bytes>(data_);
  }
  const std::optional<ChunkTrouble> &trouble() const { return trouble_; }

private:
  using Trouble = std::optional<ChunkTrouble>;

  /// `wants_bytes`: false = only whether they would come out.
  Trouble run(Bytes stored, std::uint32_t mask, bool wants_bytes);
  bool bytes_matter(std::size_t before, std::uint32_t mask) const;
  bool is_packed(std::size_t before, std::uint32_t mask) const;

  // Each takes data_, and leaves there what was before the filter. `given` = the bytes that must come out.
  Trouble undo_fletcher32();
  Trouble undo_shuffle(std::uint64_t element);
  // `packed`: what comes out is still packed, and may be shorter, or longer by a few bytes.
  Trouble undo_deflate(std::uint64_t given, bool packed);
  Trouble undo_lzf(std::uint64_t given, bool packed);
  Trouble undo_lz4(std::uint64_t given);
  Trouble undo_zstandard(std::uint64_t given);
  Trouble undo_blosc(std::uint64_t given, bool in_order);
  Trouble undo_bitshuffle(const FilterStep &step, std::uint64_t given, bool in_order);
  Trouble undo_szip(const FilterStep &step, std::uint64_t given);
  Trouble undo_nbit(std::uint64_t given);
  Trouble undo_scale_offset(const FilterStep &step, std::uint64_t given);

  /// `size` bytes that data_ does not lie in.
  std::span<std::uint8_t> room(std::uint64_t size);

  std::span<const FilterStep> filters_;
  std::uint64_t size_;
  Bytes data_;
  Codecs codecs_;
  std::unique_ptr<const Nbit> nbit_; ///< the parameters of filter nbit, if there is one
  std::vector<std::uint8_t> buffers_[2], block_;
  unsigned next_ = 0; ///< of the buffers: data_ lies in the other one, or in neither
  Trouble trouble_;
};

} // namespace datavet::hdf5
