/// What every healthy PNG has. "libpng", "Pillow", "OpenCV" below: 1.6.39, 9.4.0, 4.6.0 (Debian 12), by experiment.
#pragma once

#include <datavet/finding.h>

namespace datavet::png {

// The file as a whole.
inline constexpr Rule bad_signature{"png.signature.bytes", Fault::malformed, Severity::error,
    "A PNG begins with 89 50 4E 47 0D 0A 1A 0A.", "PNG 3rd ed. 5.2; libpng and Pillow refuse any other",
    "Every loader refuses it. Changed line ends or a lost high bit mean a transfer in text mode: all bytes are suspect, fetch the file again in binary mode."};
inline constexpr Rule truncated{"png.file.truncated", Fault::truncated, Severity::error,
    "The file goes on until its IEND chunk is complete.", "PNG 3rd ed. 5.6, 11.2.4; libpng: Read Error",
    "OpenCV returns None, TensorFlow raises; Pillow raises or, with LOAD_TRUNCATED_IMAGES, fills the rest with black. Fetch the file again."};
inline constexpr Rule trailing{"png.file.trailing", Fault::trailing_data, Severity::warning,
    "Nothing follows the IEND chunk.", "PNG 3rd ed. 5.6: the IEND chunk marks the end of the datastream",
    "Every loader ignores it. It may be a second file, or the rest of a longer one that was overwritten."};
inline constexpr Rule padding{"png.file.padding", Fault::trailing_data, Severity::note,
    "Not even zero bytes or line ends follow the IEND chunk.", "PNG 3rd ed. 5.6",
    "Harmless: some writers and block copies pad files."};

// Framing of chunks.
inline constexpr Rule chunk_type{"png.chunk.type", Fault::malformed, Severity::error,
    "The four bytes of a chunk type are ASCII letters.", "PNG 3rd ed. 5.3; libpng: invalid chunk type",
    "libpng stops here, and so do OpenCV, torchvision and TensorFlow. The type, or the length of the chunk before, is damaged."};
inline constexpr Rule reserved_bit{"png.chunk.reserved_bit", Fault::malformed, Severity::warning,
    "The third letter of a chunk type is upper case.", "PNG 3rd ed. 5.4; pngcheck refuses it",
    "Loaders skip the chunk. It comes from a writer that does not follow the specification."};
inline constexpr Rule chunk_length{"png.chunk.length", Fault::malformed, Severity::error,
    "A chunk's length is at most 2^31-1 and ends inside the file.", "PNG 3rd ed. 5.3; libpng: PNG unsigned integer out of range",
    "Every loader stops here. The length field is damaged: the file itself still ends with IEND."};
inline constexpr Rule critical_crc{"png.chunk.crc", Fault::checksum, Severity::error,
    "The CRC of each critical chunk matches its type and data.", "PNG 3rd ed. 5.3, annex D; libpng: CRC error",
    "libpng raises, OpenCV returns None, TensorFlow raises; Pillow does not look at the CRC of IDAT and may give wrong pixels."};
inline constexpr Rule ancillary_crc{"png.chunk.crc_ancillary", Fault::checksum, Severity::error,
    "The CRC of each ancillary chunk matches its type and data.", "PNG 3rd ed. 5.3, annex D; Pillow: bad header checksum",
    "Pillow raises UnidentifiedImageError when it stands before the image data, and verify() always does; libpng warns and drops the chunk."};
inline constexpr Rule unknown_critical{"png.chunk.unknown_critical", Fault::malformed, Severity::error,
    "Every critical chunk is IHDR, PLTE, IDAT or IEND.", "PNG 3rd ed. 4.7, 13.2; libpng: unhandled critical chunk",
    "A decoder must not show a picture whose critical chunk it does not know: libpng refuses. Xcode's CgBI is one: undo it with pngcrush -revert-iphone-optimizations."};

// IHDR.
inline constexpr Rule ihdr_first{"png.ihdr.first", Fault::malformed, Severity::error,
    "The first chunk is IHDR.", "PNG 3rd ed. 5.6, 11.2.1; libpng: missing IHDR",
    "Every loader refuses it: without IHDR nothing else has a meaning."};
inline constexpr Rule ihdr_repeated{"png.ihdr.repeated", Fault::malformed, Severity::error,
    "There is one IHDR.", "PNG 3rd ed. 5.6 table 7; libpng: IHDR: out of place",
    "libpng raises. Two files were perhaps joined without their signatures."};
inline constexpr Rule ihdr_length{"png.ihdr.length", Fault::malformed, Severity::error,
    "IHDR holds 13 bytes.", "PNG 3rd ed. 11.2.1; libpng: IHDR: invalid", "libpng raises."};
inline constexpr Rule ihdr_dimensions{"png.ihdr.dimensions", Fault::malformed, Severity::error,
    "Width and height lie in 1..2^31-1.", "PNG 3rd ed. 11.2.1; libpng: Invalid IHDR data", "Every loader refuses it."};
inline constexpr Rule ihdr_colour{"png.ihdr.colour", Fault::malformed, Severity::error,
    "Colour type and bit depth are a pair that the specification allows.", "PNG 3rd ed. 11.2.1 table 12; libpng: Invalid IHDR data",
    "Every loader refuses it."};
inline constexpr Rule ihdr_method{"png.ihdr.method", Fault::malformed, Severity::error,
    "Compression and filter method are 0, interlace method is 0 or 1.", "PNG 3rd ed. 11.2.1; libpng: Invalid IHDR data",
    "libpng refuses it; Pillow reads any interlace method above 0 as Adam7."};
inline constexpr Rule ihdr_limit{"png.ihdr.limit", Fault::over_limit, Severity::warning,
    "Width x height, and the bytes of the decoded picture, are within the limits.", "datavet's --max-pixels and --max-decoded",
    "Nothing was allocated or inflated for it. Loaders may run out of memory, Pillow raises DecompressionBombError. Raise the limit if the size is wanted."};
inline constexpr Rule ihdr_extent{"png.ihdr.extent", Fault::unsupported, Severity::warning,
    "Neither width nor height exceeds 1,000,000 pixels.", "libpng's default user limits: Image width exceeds user limit in IHDR",
    "Legal, but libpng refuses it, and with it OpenCV, torchvision and TensorFlow; Pillow may read it."};

// PLTE.
inline constexpr Rule plte_missing{"png.plte.missing", Fault::malformed, Severity::error,
    "A palette image has its PLTE before its image data.", "PNG 3rd ed. 11.2.2; libpng: Missing PLTE before IDAT",
    "libpng raises, OpenCV returns None; Pillow shows a grey ramp."};
inline constexpr Rule plte_repeated{"png.plte.repeated", Fault::malformed, Severity::error,
    "There is at most one PLTE.", "PNG 3rd ed. 5.6 table 7; libpng: PLTE: duplicate", "libpng raises."};
inline constexpr Rule plte_length{"png.plte.length", Fault::malformed, Severity::error,
    "The PLTE of a palette image holds 1 to 256 entries of three bytes; no PLTE is empty.", "PNG 3rd ed. 11.2.2; libpng: PLTE: invalid, Invalid palette",
    "libpng raises, OpenCV returns None."};
inline constexpr Rule plte_surplus{"png.plte.surplus", Fault::inconsistent, Severity::warning,
    "PLTE has no more entries than the bit depth can name.", "PNG 3rd ed. 11.2.2; pngcheck refuses it",
    "Loaders drop the surplus entries without a word."};
inline constexpr Rule plte_unused{"png.plte.unused", Fault::malformed, Severity::warning,
    "A PLTE that the pixels do not need is a well-formed suggestion for a colour image, before the image data.",
    "PNG 3rd ed. 5.6, 11.2.2; libpng: PLTE: ignored in grayscale PNG / invalid / out of place", "Loaders ignore the chunk."};

// IDAT, the zlib stream in it, the rows in that.
inline constexpr Rule idat_missing{"png.idat.missing", Fault::malformed, Severity::error,
    "There is image data before IEND.", "PNG 3rd ed. 5.6; libpng: IEND: out of place", "Every loader raises or returns nothing."};
inline constexpr Rule idat_consecutive{"png.idat.consecutive", Fault::malformed, Severity::error,
    "The IDAT chunks follow each other without other chunks between them.", "PNG 3rd ed. 5.6, 11.2.3; libpng: Not enough image data",
    "libpng and Pillow stop at the first chunk between: the rest of the picture is lost."};
inline constexpr Rule idat_surplus{"png.idat.surplus", Fault::trailing_data, Severity::warning,
    "The zlib stream fills the image data chunks to their end.", "PNG 3rd ed. 10.1; libpng: Extra compressed data",
    "Every loader ignores the bytes."};
inline constexpr Rule zlib_header{"png.zlib.header", Fault::malformed, Severity::error,
    "The zlib stream says deflate, a window of at most 32 KiB, no preset dictionary, and its check bits agree.",
    "PNG 3rd ed. 10.1, RFC 1950 2.2; libpng: incorrect header check, invalid window size", "Every loader raises."};
inline constexpr Rule zlib_block{"png.zlib.block", Fault::malformed, Severity::error,
    "Every block of the compressed image data is valid deflate.", "RFC 1951 3.2; libpng: invalid distance too far back, ...",
    "libpng raises, OpenCV returns None; Pillow raises, or fills the rest with black."};
inline constexpr Rule zlib_window{"png.zlib.window", Fault::malformed, Severity::error,
    "No match reaches back further than the window that the zlib header declares.", "RFC 1950 2.2 CINFO; libpng: invalid distance too far back",
    "libpng allots the declared window only and raises; loaders with a full window read it. pngfix rewrites the header."};
inline constexpr Rule zlib_adler{"png.zlib.adler", Fault::checksum, Severity::error,
    "The Adler-32 of the zlib stream matches the inflated rows.", "RFC 1950 2.2; libpng: incorrect data check",
    "libpng and Pillow raise. The chunk CRCs are right, so the writer, or memory while it wrote, was at fault."};
inline constexpr Rule zlib_end{"png.zlib.end", Fault::truncated, Severity::error,
    "The zlib stream is complete, its Adler-32 included.", "RFC 1950 2.2; libpng: Not enough image data",
    "libpng raises even when all rows are there; Pillow raises when rows are missing."};
inline constexpr Rule image_short{"png.image.short", Fault::inconsistent, Severity::error,
    "The inflated data fills all rows that IHDR or fcTL declare.", "PNG 3rd ed. 10.1; libpng: Not enough image data",
    "libpng raises. The stream ended in good order: the declared size is wrong, or the writer stopped early."};
inline constexpr Rule image_long{"png.image.long", Fault::inconsistent, Severity::warning,
    "The inflated data holds no more than the rows that IHDR or fcTL declare.", "PNG 3rd ed. 10.1; libpng: Too much image data",
    "Loaders ignore the surplus: part of a larger picture may be lost without a word."};
inline constexpr Rule row_filter{"png.row.filter", Fault::malformed, Severity::error,
    "Each row begins with a filter type 0 to 4.", "PNG 3rd ed. 9.2; libpng: bad adaptive filter value",
    "libpng raises, Pillow raises. All checksums are right: the data was wrong when it was written."};
inline constexpr Rule palette_index{"png.palette.index", Fault::inconsistent, Severity::warning,
    "Every pixel of a palette image names an entry of PLTE.", "PNG 3rd ed. 11.2.2; libpng: Read palette index exceeding num_palette",
    "Loaders read it and disagree on the colour: black in OpenCV, grey in Pillow. Harmless where the indices themselves are labels."};
inline constexpr Rule iend_length{"png.iend.length", Fault::malformed, Severity::warning,
    "IEND holds no data.", "PNG 3rd ed. 11.2.4; libpng: IEND: invalid", "Loaders ignore it."};

// Ancillary chunks in general.
inline constexpr Rule ancillary_order{"png.ancillary.order", Fault::malformed, Severity::warning,
    "Ancillary chunks stand where the specification allows.", "PNG 3rd ed. 5.6 table 7; libpng: out of place",
    "libpng drops the chunk, Pillow may use it: transparency and colours depend on the loader."};
inline constexpr Rule ancillary_repeated{"png.ancillary.repeated", Fault::malformed, Severity::warning,
    "Ancillary chunks other than text, sPLT, fcTL and fdAT occur once.", "PNG 3rd ed. 5.6 table 7; libpng: duplicate",
    "libpng uses the first, Pillow the last."};
inline constexpr Rule ancillary_short{"png.ancillary.short", Fault::malformed, Severity::error,
    "Fixed-size ancillary chunks hold all the fields that loaders read from them.",
    "PNG 3rd ed. 11.3; Pillow raises struct.error or ValueError (cHRM: when its length is no multiple of four)",
    "Pillow cannot open the file because of it; libpng drops the chunk."};
inline constexpr Rule ancillary_length{"png.ancillary.length", Fault::malformed, Severity::warning,
    "Ancillary chunks have the length that the specification, the colour type and the palette give them.",
    "PNG 3rd ed. 11.3; libpng: invalid", "libpng drops the chunk: transparency or colour information is lost without a word."};
inline constexpr Rule ancillary_value{"png.ancillary.value", Fault::malformed, Severity::warning,
    "The fields of ancillary chunks lie in their ranges.", "PNG 3rd ed. 11.3; libpng: invalid, out-of-range samples",
    "libpng drops the chunk or clips the value."};
inline constexpr Rule text_keyword{"png.text.keyword", Fault::malformed, Severity::warning,
    "Keywords and names are 1 to 79 printable Latin-1 characters, without leading, trailing or double spaces, and end in NUL.",
    "PNG 3rd ed. 11.3.3.1; libpng: bad keyword", "libpng drops the text, Pillow keeps it under a strange key."};
inline constexpr Rule text_content{"png.text.content", Fault::malformed, Severity::warning,
    "Text holds no NUL; iTXt has a known compression flag and method, and is UTF-8.", "PNG 3rd ed. 11.3.3.2-4",
    "Loaders drop or mangle the text. Pipelines that decode metadata strictly have died on it."};
inline constexpr Rule metadata_method{"png.metadata.method", Fault::malformed, Severity::error,
    "zTXt uses compression method 0, and the name of an iCCP profile ends in NUL.", "PNG 3rd ed. 11.3.2.3, 11.3.3.3; Pillow: Unknown compression method",
    "Pillow raises SyntaxError or IndexError: the file cannot be opened."};
inline constexpr Rule metadata_zlib{"png.metadata.zlib", Fault::malformed, Severity::warning,
    "Compressed text and profiles inflate by method 0.", "PNG 3rd ed. 10.3; libpng: incorrect header check, ...", "Loaders drop the text or profile."};
inline constexpr Rule metadata_bomb{"png.metadata.bomb", Fault::undecodable, Severity::error,
    "A compressed text or profile inflates to at most 1 MiB, all text together to 64 MiB.", "Pillow: Decompressed Data Too Large (MAX_TEXT_CHUNK, MAX_TEXT_MEMORY)",
    "Pillow raises ValueError and does not load the picture: it takes the chunk for a decompression bomb. Strip the chunk."};
inline constexpr Rule metadata_limit{"png.metadata.limit", Fault::over_limit, Severity::warning,
    "A compressed text or profile inflates within the limit on metadata.", "datavet's limit on metadata bytes", "It was not examined further."};
inline constexpr Rule icc_profile{"png.iccp.profile", Fault::malformed, Severity::warning,
    "The profile in iCCP has its own length in its header, and the signature acsp.", "PNG 3rd ed. 11.3.2.3, ICC.1 7.2; libpng: iCCP: ...",
    "libpng drops the profile; colour-managed loaders raise."};
inline constexpr Rule exif_header{"png.exif.header", Fault::malformed, Severity::warning,
    "eXIf begins with a TIFF header.", "PNG 3rd ed. 11.3.4.5; libpng: incorrect byte-order specifier",
    "Loaders that apply the orientation (Pillow's exif_transpose) raise or ignore it."};

// APNG.
inline constexpr Rule actl_frames{"png.actl.frames", Fault::malformed, Severity::warning,
    "acTL declares 1 to 2^31-1 frames.", "PNG 3rd ed. 11.3.6.1; Pillow: Invalid APNG, will use default PNG image",
    "Loaders show the default image only."};
inline constexpr Rule actl_missing{"png.actl.missing", Fault::malformed, Severity::warning,
    "Frames of an animation are announced by acTL before the image data.", "PNG 3rd ed. 11.3.6.1",
    "Loaders show the default image only."};
inline constexpr Rule apng_sequence{"png.apng.sequence", Fault::malformed, Severity::error,
    "fcTL and fdAT chunks are numbered 0, 1, 2, ... without gap or repetition.", "PNG 3rd ed. 11.3.6; Pillow: APNG contains frame sequence errors",
    "Pillow raises at this frame. A frame was lost, doubled or moved."};
inline constexpr Rule fctl_geometry{"png.fctl.geometry", Fault::malformed, Severity::error,
    "A frame is not empty and lies inside the picture; one made of IDAT covers it.", "PNG 3rd ed. 11.3.6.2; Pillow: APNG contains invalid frames",
    "Pillow raises."};
inline constexpr Rule fctl_operation{"png.fctl.operation", Fault::malformed, Severity::warning,
    "A frame's disposal is 0 to 2, its blending 0 or 1.", "PNG 3rd ed. 11.3.6.2", "Loaders choose some operation of their own."};
inline constexpr Rule apng_frame_data{"png.apng.frame_data", Fault::malformed, Severity::error,
    "Each fcTL is followed by the data of its frame, and no data stands without its fcTL.", "PNG 3rd ed. 11.3.6; Pillow: APNG missing frame data",
    "Pillow raises at this frame."};
inline constexpr Rule apng_frames_missing{"png.apng.frames_missing", Fault::truncated, Severity::error,
    "There are as many frames as acTL declares.", "PNG 3rd ed. 11.3.6.1; Pillow: Truncated File Read", "Pillow raises at the first frame that is missing."};
inline constexpr Rule apng_frames_surplus{"png.apng.frames_surplus", Fault::inconsistent, Severity::warning,
    "There are no more frames than acTL declares.", "PNG 3rd ed. 11.3.6.1", "Loaders never show the surplus frames."};

// libpng itself, at Depth::decode.
inline constexpr Rule decode_error{"png.decode.error", Fault::undecodable, Severity::error,
    "libpng decodes the picture.", "png_error", "OpenCV returns None, torchvision and TensorFlow raise: all use libpng."};
inline constexpr Rule decode_warning{"png.decode.warning", Fault::undecodable, Severity::note,
    "libpng decodes the picture without a warning.", "png_warning", "The picture is read. Many real writers cause one of these, say by an old sRGB profile."};

inline constexpr const Rule *all_rules[] = {
    &bad_signature, &truncated, &trailing, &padding, &chunk_type, &reserved_bit, &chunk_length, &critical_crc,
    &ancillary_crc, &unknown_critical, &ihdr_first, &ihdr_repeated, &ihdr_length, &ihdr_dimensions, &ihdr_colour,
    &ihdr_method, &ihdr_limit, &ihdr_extent, &plte_missing, &plte_repeated, &plte_length, &plte_surplus, &plte_unused,
    &idat_missing, &idat_consecutive, &idat_surplus, &zlib_header, &zlib_block, &zlib_window, &zlib_adler, &zlib_end,
    &image_short, &image_long, &row_filter, &palette_index, &iend_length, &ancillary_order, &ancillary_repeated,
    &ancillary_short, &ancillary_length, &ancillary_value, &text_keyword, &text_content, &metadata_method,
    &metadata_zlib, &metadata_bomb, &metadata_limit, &icc_profile, &exif_header, &actl_frames, &actl_missing,
    &apng_sequence, &fctl_geometry, &fctl_operation, &apng_frame_data, &apng_frames_missing, &apng_frames_surplus,
    &decode_error, &decode_warning,
};

} // namespace datavet::png
