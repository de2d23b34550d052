/// What holds of every healthy HDF5 file. "FMT" is the HDF5 File Format Specification, version 3.0 / 4.0.
#pragma once

#include <datavet/finding.h>

#include "formats/hdf5/chunks/rules.h"
#include "formats/hdf5/metadata/rules.h"

// A table, laid out by hand.
// clang-format off

namespace datavet::hdf5 {

// --- judged by ourselves, before libhdf5 sees the file -------------------------------------------------

inline constexpr Rule unreadable{"hdf5.file.unreadable", Fault::unreadable, Severity::error,
    "Every part of the file can be read from the disk.",
    "read(2)",
    "Says nothing about the data. Mend the disk or the mount, and scan again."};
inline constexpr Rule no_signature{"hdf5.superblock.signature", Fault::malformed, Severity::error,
    "The signature stands at 0, 512, 1024, 2048, ... bytes into the file.",
    "FMT II.A",
    "h5py raises OSError: file signature not found."};
inline constexpr Rule truncated{"hdf5.superblock.truncated", Fault::truncated, Severity::error,
    "The file is as long as its superblock says.",
    "FMT II.A, End of File Address; libhdf5 refuses the file",
    "h5py raises OSError: truncated file. An interrupted copy or download: fetch the file again."};
inline constexpr Rule version{"hdf5.superblock.version", Fault::malformed, Severity::error,
    "The versions in the superblock are those that the specification defines.",
    "FMT II.A; libhdf5: bad superblock version number, bad free space version number",
    "h5py raises OSError when it opens the file."};
inline constexpr Rule sizes{"hdf5.superblock.sizes", Fault::malformed, Severity::error,
    "Offsets and lengths are 2, 4, 8, 16 or 32 bytes wide.",
    "FMT II.A; libhdf5: bad byte number in an address",
    "h5py raises OSError when it opens the file."};
inline constexpr Rule wide_sizes{"hdf5.superblock.wide_sizes", Fault::unsupported, Severity::warning,
    "Offsets and lengths are no wider than 8 bytes.",
    "H5Pset_sizes allows 16; no known writer uses it",
    "datavet cannot say where anything lies in such a file."};
inline constexpr Rule bad_checksum{"hdf5.superblock.checksum", Fault::checksum, Severity::error,
    "The superblock's checksum matches its bytes.",
    "FMT II.A, versions 2 and 3: lookup3 over all fields before it",
    "h5py raises OSError when it opens the file."};
inline constexpr Rule tree_rank{"hdf5.superblock.tree_rank", Fault::malformed, Severity::error,
    "The ranks of group and chunk B-trees are greater than zero.",
    "FMT II.A, Group Leaf Node K; libhdf5: bad symbol table leaf node 1/2 rank",
    "h5py raises OSError when it opens the file."};
inline constexpr Rule reserved{"hdf5.superblock.reserved", Fault::malformed, Severity::warning,
    "Reserved bytes are zero.",
    "FMT II.A and IV.A.1: reserved; libhdf5 does not look",
    "Every loader reads the file, but no writer makes it: something has changed bytes at the start of it."};
inline constexpr Rule bad_flags{"hdf5.superblock.flags", Fault::malformed, Severity::error,
    "Only defined file consistency flags are set.",
    "FMT II.A; libhdf5: bad flag value for superblock",
    "h5py raises OSError when it opens the file."};
inline constexpr Rule left_open{"hdf5.superblock.left_open", Fault::inconsistent, Severity::error,
    "The file was closed by its writer.",
    "FMT II.A, version 3 File Consistency Flags; libhdf5: file is already open for write",
    "h5py raises OSError: a writer was killed, or still writes. When none does: h5clear -s FILE, then check the data."};
inline constexpr Rule base_address{"hdf5.superblock.base_address", Fault::inconsistent, Severity::error,
    "The base address agrees with the end-of-file address and the file's size.",
    "FMT II.A, Base Address; libhdf5 computes the end of the file from it",
    "Objects near the end of the file cannot be opened, or no object can."};
inline constexpr Rule moved{"hdf5.superblock.moved", Fault::inconsistent, Severity::warning,
    "The base address is where the superblock lies.",
    "FMT II.A, Base Address; libhdf5 goes by the place of the signature",
    "A user block was put before the HDF5 data, or cut off, by another program. libhdf5 copes."};
inline constexpr Rule trailing{"hdf5.superblock.trailing_data", Fault::trailing_data, Severity::warning,
    "The file ends where its superblock says.",
    "FMT II.A, End of File Address",
    "A killed writer leaves data that its superblock does not know of yet: objects may be missing without a word."};
inline constexpr Rule padding{"hdf5.superblock.padding", Fault::trailing_data, Severity::note,
    "Nothing follows the end of the HDF5 data.",
    "FMT II.A, End of File Address; libhdf5 does not look",
    "Only zeros or line ends follow: harmless."};
inline constexpr Rule extension{"hdf5.superblock.extension", Fault::malformed, Severity::error,
    "The superblock extension lies inside the file, and is absent from versions 0 and 1.",
    "FMT II.A, Superblock Extension Address, Address of File Free space Info",
    "h5py raises OSError when it opens the file."};
inline constexpr Rule bad_driver{"hdf5.superblock.driver", Fault::malformed, Severity::error,
    "The driver information block is of version 0.",
    "FMT II.B; libhdf5: bad driver information block version number",
    "h5py raises OSError when it opens the file."};
inline constexpr Rule stray_driver{"hdf5.superblock.driver_address", Fault::inconsistent, Severity::warning,
    "The driver information block lies inside the file.",
    "FMT II.A, Driver Information Block Address",
    "libhdf5 passes over it when it opens the file as a single one."};
inline constexpr Rule part_of_set{"hdf5.file.part_of_set", Fault::unsupported, Severity::warning,
    "The file is whole by itself.",
    "FMT II.B, Driver Identification: family and multi drivers",
    "It is one member of several that only libhdf5's family or multi driver can open together."};
inline constexpr Rule root_address{"hdf5.root.address", Fault::malformed, Severity::error,
    "The root group's object header lies inside the file.",
    "FMT II.A, Root Group Object Header Address",
    "h5py raises OSError when it opens the file."};
inline constexpr Rule root_entry{"hdf5.root.entry", Fault::malformed, Severity::error,
    "The root group's symbol table entry is of a defined cache type.",
    "FMT III.C, Cache Type; libhdf5: unknown symbol table entry cache type",
    "h5py raises OSError when it opens the file."};
inline constexpr Rule header_prefix{"hdf5.header.prefix", Fault::malformed, Severity::error,
    "Every object header begins as one does, and lies inside the file.",
    "FMT IV.A.1, IV.A.2; libhdf5: bad object header version number, bad object header chunk size",
    "h5py raises KeyError or OSError when it opens the object."};
inline constexpr Rule header_checksum{"hdf5.header.checksum", Fault::checksum, Severity::error,
    "The checksum of every object header matches its bytes.",
    "FMT IV.A.2, Checksum: lookup3; libhdf5: incorrect metadata checksum",
    "h5py raises KeyError or OSError when it opens the object."};

// --- learned from libhdf5, in a worker -----------------------------------------------------------------

inline constexpr Rule open_failed{"hdf5.decode.open", Fault::undecodable, Severity::error,
    "libhdf5 opens the file and its root group.",
    "H5Fopen, H5Gopen",
    "h5py raises OSError when it opens the file."};
inline constexpr Rule effort{"hdf5.decode.effort", Fault::over_limit, Severity::error,
    "Reading everything once takes no more than 64 times the file's size.",
    "datavet's guard against endless reads",
    "Structures that point at each other keep libhdf5 reading: a loader may hang."};
inline constexpr Rule too_much{"hdf5.object.limit", Fault::over_limit, Severity::warning,
    "The number of objects, their depth, links and attributes are within the limits.",
    "datavet's limits",
    "What lies beyond was not examined. Raise the limits if the file is meant to be so."};
inline constexpr Rule group_unreadable{"hdf5.group.unreadable", Fault::undecodable, Severity::error,
    "The links of every group can be listed.",
    "H5Literate",
    "h5py raises RuntimeError when it lists the group."};
inline constexpr Rule object_unreadable{"hdf5.object.unreadable", Fault::undecodable, Severity::error,
    "Every object can be opened.",
    "H5Oopen",
    "h5py raises KeyError or OSError when it opens the object."};
inline constexpr Rule attribute_unreadable{"hdf5.attribute.unreadable", Fault::undecodable, Severity::error,
    "Every attribute can be read.",
    "H5Aiterate2, H5Aread",
    "h5py raises OSError or RuntimeError when it reads it."};
inline constexpr Rule dangling{"hdf5.link.dangling", Fault::inconsistent, Severity::note,
    "Soft links lead to objects.",
    "H5Oexists_by_name",
    "h5py raises KeyError for the link; legal in HDF5."};
inline constexpr Rule external_link{"hdf5.link.external", Fault::inconsistent, Severity::warning,
    "All objects are in the file itself.",
    "FMT IV.A.2.g, Link Message: external; CVE-2026-1669 (Keras)",
    "h5py opens another file by the path that this file names. datavet never follows it: data there is not checked."};
inline constexpr Rule user_link{"hdf5.link.user_defined", Fault::unsupported, Severity::warning,
    "Links are hard, soft or external.",
    "FMT IV.A.2.g, Link Message: user-defined",
    "h5py raises TypeError: Unknown link type. Only the program that registered the type can follow it."};
inline constexpr Rule external_storage{"hdf5.storage.external", Fault::inconsistent, Severity::warning,
    "The data of every dataset is in the file itself.",
    "FMT IV.A.2.h, External Data Files; CVE-2026-1669 (Keras)",
    "h5py reads the named files, whatever they are. datavet never does: data there is not checked."};
inline constexpr Rule virtual_dataset{"hdf5.dataset.virtual", Fault::inconsistent, Severity::warning,
    "The data of every dataset is in the file itself.",
    "FMT IV.A.2.i, Data Layout: virtual",
    "When the named source files are missing, h5py gives fill values without a word. They are not checked."};
inline constexpr Rule unknown_filter{"hdf5.filter.unknown", Fault::unsupported, Severity::warning,
    "The filters of every dataset are at hand.",
    "H5Zfilter_avail, without plugins (plugins are code that the file chooses)",
    "The dataset was not read. h5py raises OSError unless the filter's plugin is installed (hdf5plugin)."};
inline constexpr Rule foreign_type{"hdf5.datatype.foreign", Fault::unsupported, Severity::warning,
    "Every datatype has a NumPy equivalent.",
    "h5py 3.7: No NumPy equivalent exists, no appropriate function for conversion path",
    "h5py raises TypeError, ValueError or OSError when it reads the data; C programs read it."};
inline constexpr Rule vax_type{"hdf5.datatype.vax", Fault::undecodable, Severity::error,
    "Numbers are little-endian or big-endian.",
    "h5py raises KeyError: 2 (H5T_ORDER_VAX)",
    "Code that takes KeyError for a missing dataset goes on without the data. Convert the file with h5repack."};
inline constexpr Rule dataset_outside{"hdf5.dataset.outside", Fault::truncated, Severity::error,
    "Contiguous data lies inside the file.",
    "FMT IV.A.2.i, Data Layout; libhdf5: addr overflow",
    "h5py raises OSError when it reads the dataset."};
inline constexpr Rule dataset_unreadable{"hdf5.dataset.unreadable", Fault::undecodable, Severity::error,
    "Every dataset can be read to its end.",
    "H5Dread, H5Dread_chunk",
    "h5py raises OSError when it reads the dataset."};
inline constexpr Rule dataset_limit{"hdf5.dataset.limit", Fault::over_limit, Severity::warning,
    "Elements and chunks are within the limits.",
    "datavet's --max-decoded",
    "The dataset was not read. A loader must allocate as much: it may run out of memory."};
inline constexpr Rule dataset_checksum{"hdf5.dataset.checksum", Fault::checksum, Severity::error,
    "Each chunk's Fletcher-32 matches its bytes.",
    "H5Z_FILTER_FLETCHER32",
    "h5py raises OSError for every read that touches the chunk. The rows named here are lost: restore them, or datavet clean."};
inline constexpr Rule chunk_stream{"hdf5.chunk.stream", Fault::malformed, Severity::error,
    "Each compressed chunk decompresses, and checksums inside the compressed data match.",
    "RFC 1950, RFC 1951; RFC 8878; LibLZF; LZ4, Blosc and bitshuffle as their HDF5 plugins read them",
    "h5py raises OSError: inflate() failed, filter returned failure during read. The rows named here are lost: restore them, or datavet clean."};
inline constexpr Rule chunk_size{"hdf5.chunk.size", Fault::malformed, Severity::error,
    "Each chunk decompresses to exactly the size of a chunk.",
    "FMT IV.A.2.i, Data Layout: chunked",
    "libhdf5 does not look: h5py gives rows of other memory or of zeros, or takes gigabytes for one chunk."};

inline constexpr Rule bad_reference{"hdf5.heap.reference", Fault::malformed, Severity::error,
    "Each string or sequence of variable length leads to an object of a global heap that holds all of it.",
    "FMT IV.B, Global Heap ID; III.E; libhdf5: bad global heap collection signature, bad heap index",
    "h5py raises OSError, or gives bytes of other memory; libhdf5 1.10 may crash. The rows named here are lost: restore them."};
inline constexpr Rule no_picture{"hdf5.rows.no_picture", Fault::malformed, Severity::error,
    "Each item of a dataset of encoded pictures begins like a picture.",
    "PIL.UnidentifiedImageError; OpenCV: imdecode gives None",
    "A loader that decodes the rows raises. Its first bytes are damaged, or something else was stored there: restore or leave out the row."};
inline constexpr Rule empty_picture{"hdf5.rows.empty", Fault::inconsistent, Severity::warning,
    "No item of a dataset of encoded pictures is zeros alone, but those behind the last picture.",
    "PIL.UnidentifiedImageError; OpenCV: imdecode gives None",
    "It was left out when the file was written, or a hole of the disk is in its place. A loader that decodes the rows raises."};
inline constexpr Rule pictures_unseen{"hdf5.rows.unseen", Fault::over_limit, Severity::note,
    "Encoded pictures in the rows of a dataset can be put together within 64 MiB.",
    "datavet's limit",
    "The pictures in these rows were not judged, the chunks that they are stored in were. Chunks that are as wide as the rows help."};
inline constexpr Rule not_finite{"hdf5.dataset.not_finite", Fault::inconsistent, Severity::note,
    "Floating-point numbers are finite.",
    "IEEE 754, 3.4; NaN is how many writers say that a value is missing",
    "One NaN in a batch makes the loss NaN, and then the weights. Mask or leave out the rows, if they are not meant."};
inline constexpr Rule unprotected{"hdf5.dataset.unprotected", Fault::inconsistent, Severity::note,
    "Something protects the data of every dataset: Fletcher-32, or a compressed stream with a checksum.",
    "H5Pset_fletcher32; RFC 1950, Adler-32",
    "A changed bit in these data looks like any other value. Write with fletcher32=True, or keep checksums of the file."};
inline constexpr Rule rows_disagree{"hdf5.rows.disagree", Fault::inconsistent, Severity::warning,
    "Samples and labels of one group have the same number of rows.",
    "torch.utils.data.TensorDataset: Size mismatch between tensors; Keras: data cardinality is ambiguous",
    "A loader that pairs them raises ValueError, or leaves samples out. Was the writer interrupted?"};

inline constexpr const Rule *all_rules[] = {
    &unreadable, &no_signature, &truncated, &version, &sizes, &wide_sizes, &bad_checksum, &tree_rank,
    &reserved, &bad_flags, &left_open, &base_address, &moved, &trailing, &padding, &extension, &bad_driver,
    &stray_driver, &part_of_set, &root_address, &root_entry, &header_prefix, &header_checksum, &open_failed, &effort,
    &too_much, &group_unreadable, &object_unreadable, &attribute_unreadable, &dangling, &external_link,
    &user_link, &external_storage, &virtual_dataset, &unknown_filter, &foreign_type, &vax_type,
    &dataset_outside, &dataset_unreadable, &dataset_limit, &dataset_checksum, &chunk_stream, &chunk_size,
    &bad_reference, &no_picture, &empty_picture, &pictures_unseen, &not_finite, &unprotected, &rows_disagree,
    // chunks/rules.h
    &index_outside, &index_signature, &index_checksum, &index_structure, &index_order, &index_loop, &index_siblings, &index_right_sibling,
    &index_limit, &chunk_origin, &chunk_beyond, &chunk_outside, &chunk_overlap, &chunk_stored_size, &chunk_mask,
    // metadata/rules.h
    &structure_outside, &structure_signature, &structure_version, &structure_checksum, &structure_loop,
    &structure_overlap, &structure_reserved, &structure_unknown, &header_messages, &header_count, &must_know,
    &object_kind, &bad_message, &odd_message, &bad_shared, &bad_dataspace, &bad_datatype, &bad_layout,
    &bad_pipeline, &bad_attribute, &bad_link, &bad_tree, &tree_links, &tree_right_sibling, &bad_node, &name_order, &bad_local_heap,
    &bad_fractal_heap, &bad_global_heap, &weights_missing,
};

} // namespace datavet::hdf5
