/// What the metadata say of one dataset: the input of everything that looks at its data.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/hdf5/superblock.h"

namespace datavet::hdf5 {

inline constexpr unsigned most_dimensions = 32; ///< H5S_MAX_RANK

/// FMT IV.A.2.b, Dataspace.
struct Dataspace {
  enum class Class : std::uint8_t { scalar, simple, null };
  Class form = Class::scalar;
  std::uint8_t rank = 0; ///< 0..most_dimensions
  std::array<std::uint64_t, most_dimensions> extent{}; ///< elements, the slowest dimension first
  /// What the extent may grow to: array indexes and implicit ones number chunks by it. `unlimited` = without end; 0 = as
  /// the extent (the message has no maximum sizes).
  std::array<std::uint64_t, most_dimensions> maximum{};
  static constexpr std::uint64_t unlimited = ~std::uint64_t{0};

  std::span<const std::uint64_t> dimensions() const { return std::span(extent).first(rank); }
};

/// Where an element holds a reference to a sequence or a string in a global heap: FMT IV.B, Global Heap ID.
struct HeapReference {
  std::uint64_t at = 0;        ///< bytes from the start of the element; inside it
  std::uint64_t base_size = 0; ///< bytes of an element of the sequence
};

/// FMT IV.A.2.d, Datatype: what checks of the data need of it.
struct Datatype {
  enum class Class : std::uint8_t { fixed_point, floating_point, time, string, bit_field, opaque, compound, reference, enumerated, variable_length, array, unknown };
  Class form = Class::unknown;
  std::uint64_t size = 0;   ///< bytes of an element on the disk
  bool big_endian = false;  ///< of numbers
  bool is_signed = false;   ///< of fixed_point
  bool in_heap = false;     ///< it or a member of it is variable-length: elements are references into global heaps
  bool vax_order = false;   ///< it or a member of it is a number in VAX byte order
  bool is_string = false;   ///< of variable_length: a string, not a sequence
  std::uint64_t base_size = 0; ///< of variable_length, array, enumerated: bytes of the base type's element; else 0
  Class base = Class::unknown; ///< class of that base type
  bool is_ieee = false; ///< of floating_point: binary16, binary32 or binary64 of IEEE 754
  /// All references that an element holds. Complete unless `nested`: sequences of sequences, or more than can be listed.
  std::vector<HeapReference> references;
  bool nested = false;
};

/// FMT IV.A.2.l, Filter Pipeline: in the order in which the writer applied them.
struct FilterStep {
  std::uint16_t id = 0;
  std::uint16_t flags = 0; ///< bit 0: optional
  std::string name;        ///< may be empty
  std::vector<std::uint32_t> parameters;
};

/// FMT IV.A.2.i, Data Layout.
struct Storage {
  enum class Class : std::uint8_t { compact, contiguous, chunked, virtual_, unknown };
  /// FMT IV.A.2.i, version 4, Chunk Indexing Type; versions 1-3 have the version 1 B-tree only.
  enum class Index : std::uint8_t { none, single, implicit, fixed_array, extensible_array, btree_v2, btree_v1 };

  Class form = Class::unknown;
  std::uint8_t version = 0;                  ///< of the message
  std::uint64_t address = undefined_address; ///< of contiguous data, or of the chunk index; undefined = never written
  std::uint64_t size = 0;                    ///< contiguous, compact: bytes stored
  std::uint64_t compact_at = 0;              ///< compact: address of the data inside the object header

  Index index = Index::none;
  std::uint8_t rank = 0; ///< chunked: of the chunk, without the element's own dimension
  std::array<std::uint64_t, most_dimensions> chunk{}; ///< elements a side
  std::uint32_t element_size = 0;                     ///< chunked: bytes, as the layout message says
  bool edges_unfiltered = false;                      ///< version 4 flag bit 0: partial edge chunks are not filtered
  std::uint64_t single_size = 0;                      ///< index single, filtered: bytes stored
  std::uint32_t single_mask = 0;                      ///< index single, filtered: filter mask
  // Creation parameters that the index repeats (version 4): 0 where the index has none.
  std::uint8_t fixed_array_page_bits = 0;
  std::uint8_t extensible_max_bits = 0, extensible_index_elements = 0, extensible_min_pointers = 0,
               extensible_min_elements = 0, extensible_page_bits = 0;
  std::uint32_t btree_node_size = 0;
  std::uint8_t btree_split = 0, btree_merge = 0;

  std::span<const std::uint64_t> chunk_shape() const { return std::span(chunk).first(rank); }
};

struct Dataset {
  std::string path;          ///< "/group/name": the first hard link by which the walk came
  std::uint64_t address = 0; ///< of its object header
  Dataspace space;
  Datatype type;
  Storage storage;
  std::vector<FilterStep> filters;
  bool external = false; ///< its data lie in other files (External Data Files message)
};

} // namespace datavet::hdf5
