/// The elements of a chunk as they stand in the dataset: what lies in an edge chunk beyond the extent is none.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/metadata/dataset.h"

namespace datavet::hdf5 {

/// Elements that lie one behind the other in the bytes at hand and in the dataset.
struct Run {
  std::uint64_t first = 0; ///< number of the first element, row-major in the extent
  Bytes bytes;
};

/// Gives `use` the elements inside the extent of a chunk whose first element is at `origin`, in as few runs as can be.
/// All spans have the dataset's rank, at least 1; `origin` is inside the extent, whose elements 64 bits can count;
/// `bytes` are a whole chunk.
template <class Use>
void for_each_run(std::span<const std::uint64_t> extent, std::span<const std::uint64_t> sides,
                  std::span<const std::uint64_t> origin, std::uint64_t element_size, Bytes bytes, Use use) {
  const std::size_t rank = extent.size();
  std::array<std::uint64_t, most_dimensions> inside{}, at{}, step{}, chunk_step{};
  std::uint64_t first = 0;
  for (std::uint64_t i = rank, total = 1, chunk_total = 1; i-- > 0;) {
    step[i] = total;
    chunk_step[i] = chunk_total;
    total *= extent[i];
    chunk_total *= sides[i];
    inside[i] = extent[i] - origin[i] < sides[i] ? extent[i] - origin[i] : sides[i];
    first += origin[i] * step[i];
  }
  // Dimensions that the chunk fills from end to end go on without a gap into the next slower one.
  std::size_t inner = rank - 1;
  while (inner > 0 && sides[inner] == extent[inner]) --inner;
  const std::uint64_t run_elements = inside[inner] * chunk_step[inner];
  for (;;) {
    std::uint64_t in_chunk = 0, in_extent = first;
    for (std::size_t i = 0; i < inner; ++i) {
      in_chunk += at[i] * chunk_step[i];
      in_extent += at[i] * step[i];
    }
    use(Run{in_extent, bytes.subspan(in_chunk * element_size, run_elements * element_size)});
    std::size_t i = inner;
    while (i > 0 && ++at[i - 1] == inside[i - 1]) at[--i] = 0;
    if (i == 0) return;
  }
}

} // namespace datavet::hdf5
