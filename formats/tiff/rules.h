/// The rules "tiff.*". Sections are those of TIFF 6.0 (Adobe, 1992); "libtiff" is 4.5.0, "Pillow" 9.4.
#pragma once

#include <datavet/finding.h>

namespace datavet::tiff {

inline constexpr Rule header{"tiff.header",
                             Fault::malformed,
                             Severity::error,
                             "The header names a byte order and version 42, or 43 with 8-byte offsets.",
                             "TIFF 6.0 section 2; BigTIFF; libtiff TIFFClientOpen()",
                             "libtiff, Pillow and OpenCV refuse the file."};

inline constexpr Rule ifd_outside{
    "tiff.ifd.outside",
    Fault::truncated,
    Severity::error,
    "Every image file directory lies inside the file.",
    "TIFF 6.0 section 2; libtiff TIFFFetchDirectory()",
    "Loaders raise, or lose the pages from here on. Most writers put directories last: the file was cut."};
inline constexpr Rule ifd_missing{
    "tiff.ifd.missing",
    Fault::malformed,
    Severity::error,
    "There is at least one directory.",
    "TIFF 6.0 section 2: 'There must be at least 1 IFD in a TIFF file'",
    "Every loader raises or returns nothing. The writer was interrupted before it wrote the directory."};
inline constexpr Rule ifd_count{"tiff.ifd.count",
                                Fault::malformed,
                                Severity::error,
                                "A directory has 1 to 4096 entries.",
                                "TIFF 6.0 section 2; libtiff 'Sanity check on directory count failed'",
                                "libtiff refuses the directory: it is not one, or its count was damaged."};
inline constexpr Rule ifd_loop{"tiff.ifd.loop",
                               Fault::malformed,
                               Severity::warning,
                               "The chain of directories ends.",
                               "TIFF 6.0 section 2: the last offset is 0; libtiff 'IFD looping'",
                               "Loaders stop at the repetition; a naive reader loops for ever."};
inline constexpr Rule ifd_overlap{"tiff.ifd.overlap",
                                  Fault::malformed,
                                  Severity::error,
                                  "Directories and strip tables do not overlap.",
                                  "TIFF 6.0 section 2; their sizes together exceed the file's",
                                  "The directories are not what a writer made: hostile, or badly damaged."};
inline constexpr Rule ifd_child{"tiff.ifd.child",
                                Fault::malformed,
                                Severity::warning,
                                "The directories that SubIFDs, Exif and GPS point to can be read.",
                                "TIFF Technical Note 1; Exif 2.3 4.6.3",
                                "The main image loads, but reduced images or metadata are lost."};
inline constexpr Rule ifd_nesting{
    "tiff.ifd.nesting",         Fault::over_limit,
    Severity::warning,          "Directories are nested within the limit.",
    "datavet's limit: nesting", "Not examined further: no writer nests directories so deep."};

inline constexpr Rule entry_order{"tiff.entry.order",
                                  Fault::malformed,
                                  Severity::warning,
                                  "The entries of a directory are sorted by tag, none twice.",
                                  "TIFF 6.0 section 2: 'in ascending order by Tag'",
                                  "libtiff warns and reads on; readers that search by bisection miss tags."};
inline constexpr Rule entry_type{"tiff.entry.type",
                                 Fault::malformed,
                                 Severity::warning,
                                 "Every entry has a known field type.",
                                 "TIFF 6.0 section 2, types 1 to 12; 13 IFD; BigTIFF 16 to 18",
                                 "Readers skip the entry: its tag is lost."};
inline constexpr Rule entry_outside{
    "tiff.entry.outside",
    Fault::truncated,
    Severity::error,
    "Every value lies inside the file.",
    "TIFF 6.0 section 2; Pillow 'Truncated File Read'; libtiff 'IO error during reading'",
    "Pillow drops this tag and all that follow, libtiff this one: dimensions, strips or colours are lost."};
inline constexpr Rule entry_required{"tiff.entry.required",
                                     Fault::malformed,
                                     Severity::error,
                                     "An image has its required tags.",
                                     "TIFF 6.0 sections 3 to 6 and 8; libtiff 'missing required field'; "
                                     "OpenCV wants PhotometricInterpretation",
                                     "Loaders raise or return nothing."};
inline constexpr Rule entry_twice{
    "tiff.entry.twice",
    Fault::inconsistent,
    Severity::error,
    "No tag that describes the pixels occurs twice with different values.",
    "TIFF 6.0 section 2; libtiff takes the first, Pillow the last",
    "Loaders disagree on the picture: most likely the number of another tag was damaged."};
inline constexpr Rule entry_value{
    "tiff.entry.value",
    Fault::malformed,
    Severity::error,
    "Tags that describe the pixels have the type, count and range of the specification.",
    "TIFF 6.0 section 8; libtiff 'Incompatible type', 'Incorrect count', 'Bad value'; Pillow wants no BYTE",
    "libtiff refuses the directory; Pillow raises. A byte of the directory was damaged."};
inline constexpr Rule entry_hint{
    "tiff.entry.hint",
    Fault::malformed,
    Severity::warning,
    "Descriptive tags have the type, count and range of the specification.",
    "TIFF 6.0 section 8; libtiff 'tag ignored'",
    "Loaders ignore the tag: orientation, resolution or transparency may be wrong."};

inline constexpr Rule image_limit{
    "tiff.image.limit",
    Fault::over_limit,
    Severity::error,
    "The image is not larger than the limits allow.",
    "datavet's limits: --max-pixels, --max-decoded-bytes",
    "Not examined further. Raise the limit if the sample is meant to be so large."};
inline constexpr Rule image_samples{
    "tiff.image.samples",
    Fault::inconsistent,
    Severity::error,
    "There are enough samples a pixel, and bit depths for them, for the colour space.",
    "TIFF 6.0 sections 4 to 6; Pillow 'unknown data organization'; libtiff TIFFRGBAImageOK()",
    "Pillow raises, OpenCV returns nothing or wrong colours."};
inline constexpr Rule image_extra{
    "tiff.image.extra",
    Fault::inconsistent,
    Severity::warning,
    "Samples beyond those of the colour space are declared in ExtraSamples.",
    "TIFF 6.0 section 18; libtiff 'Sum of Photometric type-related color channels and ExtraSamples'",
    "libtiff takes them for extra samples, Pillow raises: a writer left the tag out, or the colour space was "
    "damaged."};
inline constexpr Rule image_depths{
    "tiff.image.depths",
    Fault::unsupported,
    Severity::warning,
    "All samples have the same bit depth.",
    "TIFF 6.0 section 8 allows others; libtiff: 'Cannot handle different values per-sample'",
    "Valid, but libtiff and all that build on it refuse it."};
inline constexpr Rule image_colour_map{"tiff.image.colour_map",
                                       Fault::malformed,
                                       Severity::error,
                                       "A palette image has a ColorMap of 3 x 2^BitsPerSample values.",
                                       "TIFF 6.0 section 5; libtiff; Pillow KeyError",
                                       "Pillow raises, OpenCV returns nothing."};
inline constexpr Rule image_compression{
    "tiff.image.compression",
    Fault::unsupported,
    Severity::warning,
    "The compression is one that common loaders decode.",
    "libtiff tif_codec.c; Pillow COMPRESSION_INFO",
    "Valid, but Pillow and OpenCV raise or return nothing: convert the file."};
inline constexpr Rule image_unknown_compression{
    "tiff.image.unknown_compression",
    Fault::malformed,
    Severity::error,
    "The compression is a registered one.",
    "TIFF 6.0 section 8; the tag registry; libtiff 'scheme is not implemented'",
    "Every loader refuses it: the number was damaged."};
inline constexpr Rule image_raw{"tiff.image.raw",
                                Fault::unsupported,
                                Severity::warning,
                                "The file is a picture, not a camera's raw data.",
                                "DNG 1.4: DNGVersion; Canon CR2 header; photometric CFA",
                                "Pillow and OpenCV read at most its thumbnail: develop raw files first."};

inline constexpr Rule strips_count{
    "tiff.strips.count",
    Fault::inconsistent,
    Severity::error,
    "There is an offset and a byte count for every strip or tile.",
    "TIFF 6.0 sections 8 and 15; libtiff 'Incorrect count'",
    "Rows are missing: Pillow raises 'image file is truncated', libtiff refuses the strip."};
inline constexpr Rule strips_excess{
    "tiff.strips.excess",
    Fault::inconsistent,
    Severity::warning,
    "There are no more offsets than strips or tiles.",
    "TIFF 6.0 sections 8 and 15",
    "Loaders ignore the rest. The height or the rows per strip may be wrong."};
inline constexpr Rule strips_no_counts{"tiff.strips.no_counts",
                                       Fault::malformed,
                                       Severity::warning,
                                       "There are StripByteCounts or TileByteCounts.",
                                       "TIFF 6.0 section 8; libtiff 'ignoring and calculating'",
                                       "libtiff guesses the sizes, and reads to the end of the file."};
inline constexpr Rule strips_outside{
    "tiff.strips.outside",
    Fault::truncated,
    Severity::error,
    "Every strip and tile lies inside the file.",
    "TIFF 6.0 section 8; libtiff 'Read error on strip'",
    "Loaders raise or return a part of the picture: the file was cut, or an offset was damaged."};
inline constexpr Rule strips_empty{"tiff.strips.empty",
                                   Fault::malformed,
                                   Severity::error,
                                   "No strip or tile has a byte count of 0.",
                                   "TIFF 6.0 section 8; libtiff 'Invalid strip byte count 0'",
                                   "libtiff refuses the strip: Pillow raises, OpenCV returns nothing."};
inline constexpr Rule strips_sparse{"tiff.strips.sparse",
                                    Fault::unsupported,
                                    Severity::warning,
                                    "No strip or tile is left out.",
                                    "GDAL's sparse files: offset 0 and byte count 0",
                                    "GDAL reads zeros there; libtiff, Pillow and OpenCV refuse the file."};
inline constexpr Rule strips_size{
    "tiff.strips.size",
    Fault::inconsistent,
    Severity::warning,
    "The byte count of an uncompressed strip or tile is that of its rows.",
    "TIFF 6.0 section 8; libtiff 'Bogus StripByteCounts'",
    "Readers disagree on where the strip ends. The width, the height or the depth may be wrong."};
inline constexpr Rule strips_ratio{
    "tiff.strips.ratio",
    Fault::inconsistent,
    Severity::error,
    "The strips or tiles hold enough bytes for the image, however well it compresses.",
    "the largest ratio of each compression: none 1, PackBits 64, deflate 1032, LZW 2560, JPEG 2048",
    "The width, the height or the depth was damaged: loaders raise, or run out of memory."};
inline constexpr Rule strips_overlap{
    "tiff.strips.overlap",
    Fault::malformed,
    Severity::warning,
    "Strips and tiles do not overlap.",
    "TIFF 6.0 section 8; equal tiles may share one place",
    "Their sizes exceed the file's four times over: not examined further. Hostile, or badly damaged."};
inline constexpr Rule tile_size{"tiff.tile.size",
                                Fault::malformed,
                                Severity::warning,
                                "Tile width and length are multiples of 16.",
                                "TIFF 6.0 section 15; libtiff 'Nonstandard tile width'",
                                "libtiff reads it; some readers do not."};

inline constexpr Rule deflate_damaged{
    "tiff.deflate.damaged",
    Fault::malformed,
    Severity::error,
    "A deflated strip or tile is a whole zlib stream of at least its rows.",
    "RFC 1950, RFC 1951; Adobe Photoshop TIFF Technical Notes",
    "libtiff stops with 'Decoding error': loaders raise, or the rest of the strip is black."};
inline constexpr Rule deflate_checksum{
    "tiff.deflate.checksum", Fault::checksum,
    Severity::error,         "The Adler-32 of a deflated strip or tile matches its bytes.",
    "RFC 1950 2.2",          "libtiff does not look: loaders give damaged pixels without a word."};
inline constexpr Rule deflate_unfinished{
    "tiff.deflate.unfinished",
    Fault::truncated,
    Severity::warning,
    "The zlib stream of a strip or tile ends inside it.",
    "RFC 1950 2.2",
    "All rows are there, but the end of the stream, and with it its checksum, is not."};

inline constexpr Rule decode_open{
    "tiff.decode.open",
    Fault::undecodable,
    Severity::error,
    "libtiff reads every directory.",
    "TIFFClientOpen(), TIFFReadDirectory() of the installed libtiff",
    "Pillow or OpenCV raise or return nothing, or lose the pages from here on."};
inline constexpr Rule decode_error{"tiff.decode.error",
                                   Fault::undecodable,
                                   Severity::error,
                                   "libtiff decodes every strip and tile without an error.",
                                   "TIFFReadEncodedStrip(), TIFFReadEncodedTile() of the installed libtiff",
                                   "Pillow raises, OpenCV returns nothing or a part of the picture."};
inline constexpr Rule decode_damage{
    "tiff.decode.damage",
    Fault::undecodable,
    Severity::error,
    "The JPEG data of a strip or tile is whole.",
    "libjpeg's warnings through libtiff: 'Corrupt JPEG data', 'premature end'",
    "Loaders give grey or smeared rows without a word."};
inline constexpr Rule decode_warning{"tiff.decode.warning",
                                     Fault::undecodable,
                                     Severity::warning,
                                     "libtiff decodes every strip and tile without a complaint.",
                                     "warnings of libtiff's codecs",
                                     "Loaders read the picture; a part of it may be wrong."};
inline constexpr Rule decode_unsupported{
    "tiff.decode.unsupported",
    Fault::unsupported,
    Severity::warning,
    "libtiff has the codec and reads the layout.",
    "TIFFIsCODECConfigured(), libtiff's answers",
    "The pixels were not judged; loaders that use libtiff refuse the file."};

inline constexpr const Rule *all_rules[] = {
    &header,
    &ifd_outside,
    &ifd_missing,
    &ifd_count,
    &ifd_loop,
    &ifd_overlap,
    &ifd_child,
    &ifd_nesting,
    &entry_order,
    &entry_type,
    &entry_outside,
    &entry_required,
    &entry_twice,
    &entry_value,
    &entry_hint,
    &image_limit,
    &image_samples,
    &image_extra,
    &image_depths,
    &image_colour_map,
    &image_compression,
    &image_unknown_compression,
    &image_raw,
    &strips_count,
    &strips_excess,
    &strips_no_counts,
    &strips_outside,
    &strips_empty,
    &strips_sparse,
    &strips_size,
    &strips_ratio,
    &strips_overlap,
    &tile_size,
    &deflate_damaged,
    &deflate_checksum,
    &deflate_unfinished,
    &decode_open,
    &decode_error,
    &decode_damage,
    &decode_warning,
    &decode_unsupported,
};

} // namespace datavet::tiff
