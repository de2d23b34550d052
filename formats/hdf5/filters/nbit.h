/// What filter 5, nbit, stores: of each number only the bits that count. H5Z_FILTER_NBIT, H5Znbit.c.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/filters/filter_chain.h"

namespace datavet::hdf5 {

/// A datatype as the parameters of nbit describe it: a tree.
struct NbitType {
  /// Their numbers in the parameters.
  enum class Kind : std::uint8_t { number = 1, array = 2, compound = 3, plain = 4 };
  struct Member;

  Kind kind = Kind::plain;
  std::uint32_t size = 0;      ///< bytes of an element, > 0
  std::uint64_t bits = 0;      ///< that are stored of an element, <= 8 * size
  bool big_endian = false;     ///< number
  std::uint32_t precision = 0; ///< number: bits that count, > 0
  std::uint32_t offset = 0;    ///< number: bits below them; precision + offset <= 8 * size
  std::vector<Member> members; ///< array: one, repeated; compound: all, inside of `size`
};
struct NbitType::Member {
  std::uint32_t at = 0; ///< byte in the compound
  NbitType type;
};

/// The parameters of a filter step, understood.
struct Nbit {
  bool as_it_is = false; ///< the filter leaves chunks alone: no bit could be spared
  std::uint32_t elements = 0;
  NbitType type;
};

/// Nothing for parameters that libhdf5 refuses, or that no datatype leads to.
std::optional<Nbit> read_nbit(const FilterStep &step);

/// Decodes `in` into exactly `out`; not for Nbit::as_it_is. Bytes behind the last bit are passed over, as
/// libhdf5 does.
std::optional<ChunkTrouble> decode_nbit(const Nbit &nbit, Bytes in, std::span<std::uint8_t> out);

} // namespace datavet::hdf5
