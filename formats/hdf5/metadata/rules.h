/// What holds of the metadata of every healthy HDF5 file: the rules of our own walk. "FMT" as in formats/hdf5/rules.h.
#pragma once

#include <datavet/finding.h>

// A table, laid out by hand.
// clang-format off

namespace datavet::hdf5 {

// --- any structure -------------------------------------------------------------------------------------

inline constexpr Rule structure_outside{"hdf5.structure.outside", Fault::malformed, Severity::error,
    "Every structure lies inside the file.",
    "FMT I; libhdf5: addr overflow",
    "h5py raises OSError, KeyError or RuntimeError when it comes to what the structure leads to."};
inline constexpr Rule structure_signature{"hdf5.structure.signature", Fault::malformed, Severity::error,
    "Every structure begins with its signature.",
    "FMT III, IV.A.2; libhdf5: wrong signature",
    "h5py raises OSError, KeyError or RuntimeError when it comes to what the structure leads to."};
inline constexpr Rule structure_version{"hdf5.structure.version", Fault::malformed, Severity::error,
    "The version of every structure and message is one that the specification defines.",
    "FMT III, IV; libhdf5: bad version number",
    "h5py raises OSError, KeyError or RuntimeError when it opens the object."};
inline constexpr Rule structure_checksum{"hdf5.structure.checksum", Fault::checksum, Severity::error,
    "The checksum of every structure that carries one matches its bytes.",
    "FMT III, IV.A.2: lookup3; libhdf5: incorrect metadata checksum",
    "h5py raises OSError, KeyError or RuntimeError when it comes to what the structure leads to."};
inline constexpr Rule structure_loop{"hdf5.structure.loop", Fault::malformed, Severity::error,
    "No structure is a part of itself.",
    "FMT III: trees and lists",
    "libhdf5 goes round for ever, or gives the same members again."};
inline constexpr Rule structure_overlap{"hdf5.structure.overlap", Fault::inconsistent, Severity::warning,
    "No byte of the file belongs to two structures.",
    "FMT III, IV: each structure has its own space",
    "Writing to one destroys the other. One of the two may have been destroyed already: compare with a good copy."};
inline constexpr Rule structure_reserved{"hdf5.structure.reserved", Fault::malformed, Severity::warning,
    "Reserved fields are zero, and redundant ones agree.",
    "FMT III, IV; libhdf5 does not look",
    "Every loader reads the file, but no writer makes it: something has changed bytes in it."};
inline constexpr Rule structure_unknown{"hdf5.structure.unknown", Fault::unsupported, Severity::note,
    "Every structure is one that datavet knows.",
    "FMT, versions 3.0 and 4.0",
    "What it leads to was left to libhdf5."};

// --- object headers and messages -----------------------------------------------------------------------

inline constexpr Rule header_messages{"hdf5.header.messages", Fault::malformed, Severity::error,
    "The messages of an object header fit in its blocks, and their flags do not contradict each other.",
    "FMT IV.A.1, IV.A.2; libhdf5: corrupt object header, bad flag combination for message",
    "h5py raises KeyError or OSError when it opens the object."};
inline constexpr Rule header_count{"hdf5.header.count", Fault::inconsistent, Severity::warning,
    "A version 1 object header holds as many messages as it says, each of a multiple of 8 bytes.",
    "FMT IV.A.1.a; libhdf5 does not look when it reads",
    "Newer versions of libhdf5 refuse the object."};
inline constexpr Rule must_know{"hdf5.header.must_know", Fault::malformed, Severity::error,
    "No message is unknown that must be understood.",
    "FMT IV.A.1.a, Header Message Flags, bit 7; libhdf5: unknown message with 'fail if unknown' flag found",
    "h5py raises KeyError or OSError when it opens the object."};
inline constexpr Rule object_kind{"hdf5.object.kind", Fault::malformed, Severity::error,
    "Every object is a group, a dataset, or a committed datatype, by the messages in its header.",
    "FMT IV.A.2; libhdf5: unable to determine object type",
    "h5py raises KeyError or OSError when it opens the object."};
inline constexpr Rule bad_message{"hdf5.message.malformed", Fault::malformed, Severity::error,
    "Every message that describes an object has the fields of its type, with values that are defined.",
    "FMT IV.A.2; libhdf5 cannot decode the message",
    "h5py raises KeyError or OSError when it opens the object, or the process crashes."};
inline constexpr Rule odd_message{"hdf5.message.odd", Fault::malformed, Severity::warning,
    "Every message that only accompanies an object has the fields of its type.",
    "FMT IV.A.2",
    "Loaders never look at it, but no writer makes it: something has changed bytes in the file."};
inline constexpr Rule bad_shared{"hdf5.message.shared", Fault::malformed, Severity::error,
    "A shared message leads to a message of its type.",
    "FMT IV.A.2, Shared Message; libhdf5: unable to read native message",
    "h5py raises KeyError or OSError when it opens the object."};
inline constexpr Rule bad_dataspace{"hdf5.dataspace.malformed", Fault::malformed, Severity::error,
    "Dataspaces have at most 32 dimensions, all of them in the message.",
    "FMT IV.A.2.b; libhdf5: simple dataspace dimensionality is too large, invalid rank for scalar or NULL dataspace",
    "h5py raises KeyError or OSError when it opens the object, or the process crashes."};
inline constexpr Rule bad_datatype{"hdf5.datatype.malformed", Fault::malformed, Severity::error,
    "Datatypes are of a defined class, and their parts lie inside them.",
    "FMT IV.A.2.d; libhdf5: unable to decode a part of the type",
    "h5py raises KeyError, TypeError or OSError when it opens the object, or the process crashes."};
inline constexpr Rule bad_layout{"hdf5.layout.malformed", Fault::malformed, Severity::error,
    "The layout of a dataset's data agrees with its dataspace and its datatype.",
    "FMT IV.A.2.i; libhdf5: bad dimensions for chunked storage, storage size exceeds buffer size",
    "h5py raises KeyError or OSError when it opens the dataset, or gives other data, or the process crashes."};
inline constexpr Rule bad_pipeline{"hdf5.filter.malformed", Fault::malformed, Severity::error,
    "A filter pipeline has at most 32 filters, all of them in the message.",
    "FMT IV.A.2.l; libhdf5: filter pipeline message has too many filters",
    "h5py raises KeyError or OSError when it opens the dataset."};
inline constexpr Rule bad_attribute{"hdf5.attribute.malformed", Fault::malformed, Severity::error,
    "The name, type, space and value of an attribute lie inside its message.",
    "FMT IV.A.2.m; libhdf5: data size exceeds buffer size, attribute name has different length than stored length",
    "h5py raises OSError or RuntimeError when it reads the attributes of the object."};
inline constexpr Rule bad_link{"hdf5.link.malformed", Fault::malformed, Severity::error,
    "The name and the target of a link lie inside its message, and its type is defined.",
    "FMT IV.A.2.g; libhdf5: invalid name length, bad link type",
    "h5py raises RuntimeError or KeyError when it lists the group."};

// --- groups, heaps, trees ------------------------------------------------------------------------------

inline constexpr Rule bad_tree{"hdf5.btree.malformed", Fault::malformed, Severity::error,
    "The nodes of a B-tree are of the tree's type and of the level at which they stand, and hold no more than fits.",
    "FMT III.A; libhdf5: incorrect B-tree node type, number of children is greater than maximum",
    "h5py raises RuntimeError or KeyError when it lists the group."};
inline constexpr Rule tree_links{"hdf5.btree.siblings", Fault::inconsistent, Severity::warning,
    "The nodes of one level of a B-tree name each other as siblings.",
    "FMT III.A.1, Address of Left Sibling; libhdf5 does not miss them when it reads",
    "Writing to the file may destroy the tree."};
inline constexpr Rule tree_right_sibling{"hdf5.btree.right_sibling", Fault::malformed, Severity::error,
    "A node of a group's B-tree has no right sibling but the next node of its level.",
    "FMT III.A.1, Address of Right Sibling; libhdf5, H5B_get_info()",
    "h5py's visititems() follows right siblings: it raises, or never ends where they go round."};
inline constexpr Rule attribute_order{"hdf5.attribute.order", Fault::inconsistent, Severity::note,
    "The B-tree of creation order has as many attributes as the B-tree of names.",
    "FMT III.A.2, record types 8 and 9; libhdf5 reads attributes by their names",
    "Every loader reads the file. netCDF-4 files of HDF5 1.10 are written so."};
inline constexpr Rule bad_node{"hdf5.group.node", Fault::malformed, Severity::error,
    "Symbol table nodes hold no more entries than fits, of defined cache types, with names inside the heap.",
    "FMT III.B, III.C; libhdf5: unable to decode symbol table entries, unknown symbol table entry cache type",
    "h5py raises RuntimeError or KeyError when it lists the group."};
inline constexpr Rule name_order{"hdf5.group.order", Fault::malformed, Severity::error,
    "The names of a group are in the order in which they are looked for.",
    "FMT III.A.1, III.B; H5G_node_found, H5B2_find: a binary search",
    "h5py lists the member, and raises KeyError when it opens it."};
inline constexpr Rule bad_local_heap{"hdf5.heap.local", Fault::malformed, Severity::error,
    "The data segment of a local heap lies inside the file, and its free blocks inside the segment.",
    "FMT III.D; libhdf5: bad heap free list",
    "h5py raises RuntimeError or KeyError when it lists the group."};
inline constexpr Rule bad_fractal_heap{"hdf5.heap.fractal", Fault::malformed, Severity::error,
    "The blocks of a fractal heap belong to it and lie in it where they say; objects lie inside the blocks.",
    "FMT III.G; libhdf5: incorrect heap header address, fractal heap object offset too large",
    "h5py raises RuntimeError or KeyError when it lists the group or the attributes."};
inline constexpr Rule bad_global_heap{"hdf5.heap.global", Fault::malformed, Severity::error,
    "The objects of a global heap collection lie inside it.",
    "FMT III.E; libhdf5: bad global heap collection",
    "h5py raises OSError when it reads strings or sequences of it."};

// --- meaning -------------------------------------------------------------------------------------------

inline constexpr Rule weights_missing{"hdf5.keras.weights_missing", Fault::inconsistent, Severity::error,
    "The layers and weights that a Keras file lists are in it.",
    "Keras, legacy hdf5_format.py: layer_names and weight_names are opened one by one",
    "load_weights() raises KeyError. The file was saved in part: save the model again."};

} // namespace datavet::hdf5
