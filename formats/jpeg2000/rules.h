/// What a healthy JPEG 2000 sample obeys. "T.800" is ITU-T T.800 | ISO/IEC 15444-1.
#pragma once

#include <datavet/finding.h>

namespace datavet::jpeg2000 {

inline constexpr Rule bad_signature{"jpeg2000.signature.bytes", Fault::malformed, Severity::error,
    "A sample begins with the JP2 signature box, or with SOC and SIZ.", "T.800 I.5.1, A.4.1",
    "No loader recognises it."};
inline constexpr Rule box_truncated{"jpeg2000.box.truncated", Fault::truncated, Severity::error,
    "Each box ends inside the file.", "T.800 I.4",
    "OpenJPEG raises, or decodes what is there and leaves the rest grey. Fetch the file again."};
inline constexpr Rule box_length{"jpeg2000.box.length", Fault::malformed, Severity::error,
    "Each box has a length that its header and its fields fit into.", "T.800 I.4, table I.1",
    "OpenJPEG refuses the file."};
inline constexpr Rule box_order{"jpeg2000.box.order", Fault::malformed, Severity::error,
    "The file type box comes second, the JP2 header before the codestream, the image header first in it.",
    "T.800 I.2.2, I.5.3", "OpenJPEG and Pillow refuse the file."};
inline constexpr Rule box_missing{"jpeg2000.box.missing", Fault::malformed, Severity::error,
    "The file holds a file type, a JP2 header with an image header, and a codestream.", "T.800 I.2.2, I.5.3",
    "OpenJPEG refuses the file."};
inline constexpr Rule brand{"jpeg2000.ftyp.brand", Fault::malformed, Severity::warning,
    "The file type box lists a brand of JPEG 2000 among those it is compatible with.", "T.800 I.5.2",
    "Loaders ignore the list; the file may be of another kind."};
inline constexpr Rule image_header{"jpeg2000.ihdr.fields", Fault::malformed, Severity::error,
    "The image header has 14 bytes, positive sizes, components, and compression type 7.", "T.800 I.5.3.1",
    "OpenJPEG refuses the file."};
inline constexpr Rule header_mismatch{"jpeg2000.ihdr.mismatch", Fault::inconsistent, Severity::error,
    "The image header and the codestream agree on size and components.", "T.800 I.5.3.1; Pillow raises \"broken data stream\"",
    "Pillow allocates by one and decodes by the other."};
inline constexpr Rule colour{"jpeg2000.colr.method", Fault::malformed, Severity::warning,
    "The JP2 header has a colour box, whose method and colour space are defined.", "T.800 I.5.3, I.5.3.3, T.801 M.11.7.3",
    "Loaders guess sRGB or refuse."};
inline constexpr Rule palette{"jpeg2000.palette.fields", Fault::malformed, Severity::error,
    "Palette and component mapping have the lengths they declare and name what exists.", "T.800 I.5.3.4, I.5.3.5",
    "OpenJPEG refuses the file."};
inline constexpr Rule size_segment{"jpeg2000.siz.fields", Fault::malformed, Severity::error,
    "Image, tile and component sizes in SIZ are positive and fit each other.", "T.800 A.5.1, B.2, B.3",
    "OpenJPEG refuses the codestream."};
inline constexpr Rule marker_order{"jpeg2000.marker.order", Fault::malformed, Severity::error,
    "SIZ follows SOC, COD and QCD stand in the main header, SOD ends each tile-part header.", "T.800 A.3",
    "OpenJPEG refuses the codestream."};
inline constexpr Rule marker_unknown{"jpeg2000.marker.unknown", Fault::malformed, Severity::warning,
    "Each marker is one that may stand where it stands.", "T.800 A.2, table A.2",
    "OpenJPEG skips it, or loses the rest of the tile."};
inline constexpr Rule marker_length{"jpeg2000.marker.length", Fault::malformed, Severity::error,
    "Each marker segment has the length that its fields need.", "T.800 A.1.2",
    "OpenJPEG refuses the codestream."};
inline constexpr Rule coding{"jpeg2000.cod.fields", Fault::malformed, Severity::error,
    "The coding style is within its ranges: progression, layers, levels, code-blocks, precincts, transformation.",
    "T.800 A.6.1, tables A.12 to A.21", "OpenJPEG refuses the codestream or decodes noise."};
inline constexpr Rule quantization{"jpeg2000.qcd.fields", Fault::malformed, Severity::error,
    "The quantization has a defined style and a step for each sub-band.", "T.800 A.6.4, tables A.27 to A.30",
    "OpenJPEG refuses the codestream or decodes noise."};
inline constexpr Rule stream_truncated{"jpeg2000.stream.truncated", Fault::truncated, Severity::error,
    "The codestream holds its headers and every tile-part whole.", "T.800 A.4.2",
    "OpenJPEG decodes what is there without raising: missing tiles are grey. Fetch the file again."};
inline constexpr Rule tile_fields{"jpeg2000.tile.fields", Fault::malformed, Severity::error,
    "Each tile-part names a tile that exists and its parts in order.", "T.800 A.4.2",
    "OpenJPEG refuses the codestream or misplaces the tile."};
inline constexpr Rule tile_length{"jpeg2000.tile.length", Fault::malformed, Severity::error,
    "The length of a tile-part leads to the next one, or to EOC.", "T.800 A.4.2: Psot",
    "OpenJPEG stops there: the tiles that follow are missing. Bytes were lost or inserted."};
inline constexpr Rule tile_missing{"jpeg2000.tile.missing", Fault::malformed, Severity::error,
    "Every tile has all its parts.", "T.800 A.4.2, B.3",
    "OpenJPEG leaves the tile grey without raising."};
inline constexpr Rule data_marker{"jpeg2000.data.marker", Fault::malformed, Severity::error,
    "Packet data holds no byte pair above FF8F but SOP and EPH.", "T.800 B.10.1, C.2.10: bit stuffing",
    "The tile's data are damaged here; decoders go on with noise and do not raise."};
inline constexpr Rule end_missing{"jpeg2000.eoc.missing", Fault::truncated, Severity::warning,
    "EOC ends the codestream.", "T.800 A.4.4",
    "Every tile is there, and loaders do not notice. The last bytes of the file may be missing."};
inline constexpr Rule trailing{"jpeg2000.file.trailing", Fault::trailing_data, Severity::warning,
    "Nothing follows EOC.", "T.800 A.4.4",
    "Loaders ignore it. Two files may have been joined, or something is hidden."};
inline constexpr Rule unsupported{"jpeg2000.kind.unsupported", Fault::unsupported, Severity::warning,
    "The codestream is of part 1 of the standard.", "T.814 (HTJ2K), T.801 (part 2)",
    "Most loaders do not read it, and datavet judges its frame only."};
inline constexpr Rule decode_failed{"jpeg2000.decode.failed", Fault::undecodable, Severity::error,
    "OpenCV decodes a picture of an ordinary kind.", "cv::imdecode raised or returned an empty picture",
    "cv2.imread returns None. The headers are sound, so the coded data are damaged."};
inline constexpr Rule decode_unsupported{"jpeg2000.decode.unsupported", Fault::unsupported, Severity::warning,
    "The picture is of a kind that OpenCV decodes.",
    "OpenCV 4.6: 1, 3 or 4 unsigned components of 8 to 16 bits, not subsampled, image origin at 0",
    "cv2.imread returns None for such pictures; other loaders may read them."};

inline constexpr const Rule *all_rules[] = {
    &bad_signature, &box_truncated, &box_length, &box_order, &box_missing, &brand, &image_header, &header_mismatch,
    &colour, &palette, &size_segment, &marker_order, &marker_unknown, &marker_length, &coding, &quantization,
    &stream_truncated, &tile_fields, &tile_length, &tile_missing, &data_marker, &end_missing, &trailing,
    &unsupported, &decode_failed, &decode_unsupported,
};

} // namespace datavet::jpeg2000
