/// What holds of every healthy chunk index, and of the chunks it lists. FMT = HDF5 File Format Specification 3.0 / 4.0.
#pragma once

#include <datavet/finding.h>

// A table, laid out by hand.
// clang-format off

namespace datavet::hdf5 {

inline constexpr Rule index_outside{"hdf5.index.outside", Fault::truncated, Severity::error,
    "Each piece of a chunk index lies inside the file.",
    "FMT III.A, VII; libhdf5: addr overflow",
    "h5py raises OSError for the chunks that the piece leads to. The rows named here are lost: restore them."};
inline constexpr Rule index_signature{"hdf5.index.signature", Fault::malformed, Severity::error,
    "Each piece of a chunk index begins with its signature, version, type, and the place of its owner.",
    "FMT III.A.1, III.A.2, VII.C, VII.D; libhdf5: wrong signature, wrong version",
    "h5py raises OSError for the chunks that the piece leads to. The rows named here are lost: restore them."};
inline constexpr Rule index_checksum{"hdf5.index.checksum", Fault::checksum, Severity::error,
    "The checksum of each piece of a chunk index matches its bytes.",
    "FMT III.A.2, VII.C, VII.D, Checksum: lookup3; libhdf5: incorrect metadata checksum",
    "h5py raises OSError for the chunks that the piece leads to. The rows named here are lost: restore them."};
inline constexpr Rule index_structure{"hdf5.index.structure", Fault::malformed, Severity::error,
    "Levels, counts and sizes in a chunk index agree with each other and with the dataset.",
    "FMT III.A, VII.C, VII.D, IV.A.2.i; libhdf5 refuses, or looks for chunks where none are",
    "h5py raises OSError, or gives fill values without a word, for the chunks concerned."};
inline constexpr Rule index_order{"hdf5.index.order", Fault::malformed, Severity::error,
    "The keys of a B-tree ascend, and those of a node lie between the keys that its parent gives.",
    "FMT III.A.1, III.A.2; libhdf5 finds chunks by bisection",
    "h5py gives fill values, without a word, for chunks that are there but cannot be found."};
inline constexpr Rule index_loop{"hdf5.index.loop", Fault::malformed, Severity::error,
    "No piece of a chunk index is reached twice.",
    "FMT III.A; together the pieces cannot be larger than the file",
    "Loaders that list chunks do not end, and chunks are found in two places."};
inline constexpr Rule index_siblings{"hdf5.index.siblings", Fault::inconsistent, Severity::warning,
    "The nodes of one level of a version 1 B-tree name each other from left to right.",
    "FMT III.A.1, Address of Left Sibling, Address of Right Sibling",
    "No reader misses them; a program that adds or removes chunks does, and damages the file further."};
inline constexpr Rule index_right_sibling{"hdf5.index.right_sibling", Fault::malformed, Severity::error,
    "A node of a version 1 B-tree has no right sibling but the next node of its level.",
    "FMT III.A.1, Address of Right Sibling; libhdf5, H5B_get_info()",
    "h5py's visititems() follows right siblings: it raises, or never ends where they go round."};
inline constexpr Rule index_limit{"hdf5.index.limit", Fault::over_limit, Severity::warning,
    "No piece of a chunk index is larger than 16 MiB.",
    "datavet's limits",
    "What the piece leads to was not examined. No known writer makes such pieces."};
inline constexpr Rule chunk_origin{"hdf5.chunk.origin", Fault::malformed, Severity::error,
    "Each chunk begins at multiples of the chunk's sides.",
    "FMT III.A.1, Chunk Offset; IV.A.2.i, Dimension Size",
    "h5py gives fill values, without a word, where the chunk should have been."};
inline constexpr Rule chunk_beyond{"hdf5.chunk.beyond_extent", Fault::inconsistent, Severity::note,
    "Each chunk begins inside the extent of its dataset.",
    "FMT III.A.1; libhdf5 never reads it",
    "A killed SWMR writer leaves such chunks: harmless, unless rows are missing elsewhere."};
inline constexpr Rule chunk_outside{"hdf5.chunk.outside", Fault::truncated, Severity::error,
    "The bytes of each chunk lie inside the file.",
    "FMT III.A.1, Child Pointer; libhdf5: addr overflow, file read failed",
    "h5py raises OSError for every read that touches the chunk. The rows named here are lost: restore them."};
inline constexpr Rule chunk_overlap{"hdf5.chunk.overlap", Fault::inconsistent, Severity::error,
    "No byte belongs to two chunks.",
    "FMT III.A.1, Child Pointer: each chunk has storage of its own",
    "One of the chunks has the data of another, without a word: restore both."};
inline constexpr Rule chunk_stored_size{"hdf5.chunk.stored_size", Fault::malformed, Severity::error,
    "As many bytes are stored for a chunk as its filters can leave of it.",
    "FMT III.A.1, Chunk Size; RFC 1951: deflate shrinks by 1032 at most; libhdf5 reads past the end of its buffer",
    "h5py raises OSError, or gives rows of other memory. The rows named here are lost: restore them."};
inline constexpr Rule chunk_mask{"hdf5.chunk.mask", Fault::inconsistent, Severity::note,
    "Only bits of filters that the dataset has are set in filter masks.",
    "FMT III.A.1, Filter Mask; libhdf5 does not look at others",
    "Harmless: a program that writes chunks directly may set them all."};

} // namespace datavet::hdf5
