/// The rules "jpeg.*". "libjpeg" is libjpeg-turbo 2.1.5, the decoder inside Pillow, OpenCV, torchvision and
/// TensorFlow: JERR_* is an error on which all four give up, JWRN_* a complaint that only stderr hears.
#pragma once

#include <datavet/finding.h>

namespace datavet::jpeg {

// A table, a few lines a rule.
// clang-format off

// Markers and segments -------------------------------------------------------------------------------------

inline constexpr Rule signature{"jpeg.soi.signature", Fault::malformed, Severity::error,
    "A JPEG starts with SOI and another marker: FF D8 FF.", "T.81 B.2.1; Pillow _accept(), TensorFlow kJpegMagicBytes",
    "Pillow raises UnidentifiedImageError, OpenCV returns None, TensorFlow raises InvalidArgumentError."};
inline constexpr Rule second_soi{"jpeg.soi.repeated", Fault::malformed, Severity::error,
    "SOI occurs once, at the start.", "T.81 B.2.1; libjpeg JERR_SOI_DUPLICATE",
    "Two files were mixed, or a damaged byte looks like a marker: Pillow and torchvision raise."};
inline constexpr Rule unknown_marker{"jpeg.marker.unknown", Fault::malformed, Severity::error,
    "Every marker is one that T.81 gives a meaning.", "T.81 table B.1 (RES, JPGn); libjpeg JERR_UNKNOWN_MARKER",
    "Usually a damaged byte in the picture's data. Pillow and torchvision raise; OpenCV shows what came before it."};
inline constexpr Rule stray_marker{"jpeg.marker.stray", Fault::malformed, Severity::warning,
    "RSTn and TEM stand inside the entropy-coded data only.", "T.81 B.2.1; libjpeg skips them silently",
    "Loaders read the picture. The bytes around the marker may have been lost."};
inline constexpr Rule extraneous{"jpeg.marker.extraneous", Fault::malformed, Severity::warning,
    "A segment is followed by a marker at once.", "T.81 B.1.1.2, B.2.1; libjpeg JWRN_EXTRANEOUS_DATA",
    "Loaders skip the bytes. A segment's length is wrong, or bytes were inserted."};
inline constexpr Rule segment_truncated{"jpeg.segment.truncated", Fault::truncated, Severity::error,
    "Every segment ends inside the file.", "T.81 B.1.1.4; Pillow 'Truncated File Read', libjpeg JWRN_JPEG_EOF",
    "Every loader raises. The file was cut, or the segment's length is damaged: fetch it again."};
inline constexpr Rule segment_length{"jpeg.segment.length", Fault::malformed, Severity::error,
    "The length of a segment is that of its parameters.", "T.81 B.1.1.4, B.2.2-B.2.5; libjpeg JERR_BAD_LENGTH",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule segment_short{"jpeg.segment.short", Fault::malformed, Severity::warning,
    "The length of a segment counts its own two bytes.",
    "T.81 B.1.1.4; libjpeg takes 0 and 1 for 2 in segments it skips",
    "Loaders read the file, but the segment's length was damaged."};

// Tables ---------------------------------------------------------------------------------------------------

inline constexpr Rule dqt_destination{"jpeg.dqt.destination", Fault::malformed, Severity::error,
    "A quantization table is numbered 0 to 3.", "T.81 B.2.4.1; libjpeg JERR_DQT_INDEX",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule dqt_precision{"jpeg.dqt.precision", Fault::malformed, Severity::warning,
    "The precision of a quantization table is 0 or 1.", "T.81 B.2.4.1; libjpeg and Pillow take any other for 1",
    "Loaders read it, but the byte was damaged: the table is not to be trusted."};
inline constexpr Rule dqt_zero{"jpeg.dqt.zero", Fault::malformed, Severity::warning,
    "No quantization step is zero.", "T.81 B.2.4.1 (Qk: 1-255, 1-65535); libjpeg accepts it silently",
    "The coefficient is lost in every block: colours or detail of the whole picture are wrong."};
inline constexpr Rule dht_destination{"jpeg.dht.destination", Fault::malformed, Severity::error,
    "A Huffman table is of class 0 or 1 and numbered 0 to 3.", "T.81 B.2.4.2; libjpeg JERR_DHT_INDEX",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule dht_counts{"jpeg.dht.counts", Fault::malformed, Severity::error,
    "A Huffman table has at most 256 codes, all inside its segment.", "T.81 B.2.4.2; libjpeg JERR_BAD_HUFF_TABLE",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule dht_code{"jpeg.dht.code", Fault::malformed, Severity::error,
    "The code lengths of a Huffman table that is used make a prefix code without the all-ones word.",
    "T.81 annex C (Kraft sum below 1); libjpeg JERR_BAD_HUFF_TABLE",
    "libjpeg refuses the scan: every loader raises or returns nothing."};
inline constexpr Rule dht_category{"jpeg.dht.category", Fault::malformed, Severity::error,
    "A DC table that is used names difference categories of at most 15.", "T.81 F.1.2.1.1; libjpeg JERR_BAD_HUFF_TABLE",
    "libjpeg refuses the scan: every loader raises or returns nothing."};
inline constexpr Rule dht_symbol{"jpeg.dht.symbol", Fault::malformed, Severity::note,
    "A Huffman table names only symbols that can occur in its scan.", "T.81 F.1.2.1.1, F.1.2.2.1, G.1.2.2",
    "Harmless while no code of it is used; some writers list all 256. Damage in the table looks like this too."};
inline constexpr Rule dht_unused{"jpeg.dht.unused", Fault::malformed, Severity::warning,
    "A Huffman table that no scan uses is still a table.", "T.81 annex C; libjpeg looks at a table when it is used",
    "Loaders read the picture, but the table was damaged, or a scan that used it is missing."};
inline constexpr Rule dac_value{"jpeg.dac.value", Fault::malformed, Severity::error,
    "Arithmetic conditioning is in range.", "T.81 B.2.4.3; libjpeg JERR_DAC_INDEX, JERR_DAC_VALUE",
    "libjpeg refuses the file: every loader raises or returns nothing."};

// Frame ----------------------------------------------------------------------------------------------------

inline constexpr Rule sof_missing{"jpeg.sof.missing", Fault::malformed, Severity::error,
    "A frame header comes before the first scan and the end.", "T.81 B.2.1; libjpeg JERR_SOS_NO_SOF, JERR_NO_IMAGE",
    "There is no picture: every loader raises or returns nothing."};
inline constexpr Rule sof_repeated{"jpeg.sof.repeated", Fault::malformed, Severity::error,
    "There is one frame header.", "T.81 B.2.1; libjpeg JERR_SOF_DUPLICATE",
    "Two files were mixed, or a damaged byte looks like a marker: Pillow and torchvision raise."};
inline constexpr Rule sof_process{"jpeg.sof.process", Fault::unsupported, Severity::warning,
    "The coding process is baseline, extended sequential or progressive, Huffman-coded, of 8 bits.",
    "T.81 table B.1; libjpeg JERR_SOF_UNSUPPORTED, JERR_ARITH_NOTIMPL, JERR_BAD_PRECISION",
    "Valid JPEG that most loaders refuse (arithmetic coding depends on how libjpeg was built): datavet cannot judge it. Convert it."};
inline constexpr Rule sof_precision{"jpeg.sof.precision", Fault::malformed, Severity::error,
    "Samples have 8 bits, or 12 outside baseline.", "T.81 B.2.2; libjpeg JERR_BAD_PRECISION",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule sof_dimensions{"jpeg.sof.dimensions", Fault::malformed, Severity::error,
    "Width, height and number of components are not zero.", "T.81 B.2.2; libjpeg JERR_EMPTY_IMAGE",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule sof_lines{"jpeg.sof.lines", Fault::unsupported, Severity::warning,
    "The height stands in the frame header, not in a DNL segment.", "T.81 B.2.5; libjpeg 'DNL not supported'",
    "Valid JPEG, but no common loader reads it. Convert the file."};
inline constexpr Rule sof_side{"jpeg.sof.side", Fault::unsupported, Severity::warning,
    "Neither side is longer than 65,500 pixels.", "libjpeg JPEG_MAX_DIMENSION, JERR_IMAGE_TOO_BIG",
    "Valid JPEG, but no common loader reads it. Cut the picture into tiles."};
inline constexpr Rule sof_components{"jpeg.sof.components", Fault::undecodable, Severity::error,
    "There are 1, 3 or 4 components.",
    "Pillow 'cannot handle {n}-layer images'; OpenCV, torchvision: JERR_CONVERSION_NOTIMPL",
    "T.81 allows it, but every common loader raises or returns nothing."};
inline constexpr Rule sof_component_id{"jpeg.sof.component_id", Fault::malformed, Severity::warning,
    "The component identifiers differ.", "T.81 B.2.2 (Ci); libjpeg matches equal identifiers in order",
    "Loaders read it. A byte of the frame header may be damaged: look at the colours."};
inline constexpr Rule sof_sampling{"jpeg.sof.sampling", Fault::malformed, Severity::error,
    "Sampling factors are 1 to 4.", "T.81 B.2.2; libjpeg JERR_BAD_SAMPLING",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule sof_ratio{"jpeg.sof.ratio", Fault::undecodable, Severity::error,
    "The largest sampling factor is a multiple of each.", "libjpeg JERR_FRACT_SAMPLE_NOTIMPL",
    "T.81 allows it, libjpeg does not decode it: every loader raises. No known writer makes such files."};
inline constexpr Rule four_channels{"jpeg.sof.cmyk", Fault::inconsistent, Severity::warning,
    "The picture is grey or has three colours.", "T.81 B.2.2; Adobe TN 5116",
    "CMYK or YCCK: a tensor gets four channels, and loaders differ on whether the colours are inverted. Convert to RGB."};

// Scans ----------------------------------------------------------------------------------------------------

inline constexpr Rule sos_missing{"jpeg.sos.missing", Fault::malformed, Severity::error,
    "The frame has a scan.", "T.81 B.2.1; libjpeg JERR_SOF_NO_SOS",
    "There is no picture: every loader raises or returns nothing."};
inline constexpr Rule sos_unexpected{"jpeg.sos.unexpected", Fault::malformed, Severity::error,
    "No scan follows one that holds the whole sequential picture.", "T.81 B.2.3; libjpeg JERR_EOI_EXPECTED",
    "Usually a damaged byte in the picture's data. Pillow and torchvision raise."};
inline constexpr Rule sos_components{"jpeg.sos.components", Fault::malformed, Severity::error,
    "A scan names components of the frame, each once.", "T.81 B.2.3; libjpeg JERR_BAD_COMPONENT_ID",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule sos_mcu{"jpeg.sos.mcu", Fault::malformed, Severity::error,
    "The MCU of a scan has at most 10 blocks.", "T.81 B.2.3; libjpeg JERR_BAD_MCU_SIZE",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule sos_quantization{"jpeg.sos.quantization", Fault::malformed, Severity::error,
    "The quantization table of a component is defined before its scan.", "T.81 B.2.4.1; libjpeg JERR_NO_QUANT_TABLE",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule sos_huffman{"jpeg.sos.huffman", Fault::malformed, Severity::error,
    "The Huffman tables of a scan are defined before it.", "T.81 B.2.4.2; libjpeg JERR_NO_HUFF_TABLE",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule sos_standard_tables{"jpeg.sos.standard_tables", Fault::malformed, Severity::warning,
    "A sequential scan does not rely on tables that are not in the file.",
    "T.81 B.2.4.2; libjpeg-turbo assumes the tables of K.3 (Motion JPEG), older libjpegs refuse",
    "A frame of a Motion JPEG stream: loaders without libjpeg-turbo raise. Or its DHT was lost."};
inline constexpr Rule sos_sequential{"jpeg.sos.sequential", Fault::malformed, Severity::warning,
    "A sequential scan has Ss 0, Se 63, Ah 0, Al 0.", "T.81 table B.3; libjpeg JWRN_NOT_SEQUENTIAL",
    "Loaders ignore the four values; Samsung phones write them wrong (libvips #2309)."};
inline constexpr Rule sos_progression{"jpeg.sos.progression", Fault::malformed, Severity::error,
    "A progressive scan has a band and bits that T.81 allows.", "T.81 B.2.3, G.1.1.1; libjpeg JERR_BAD_PROGRESSION",
    "libjpeg refuses the file: every loader raises or returns nothing."};
inline constexpr Rule sos_script{"jpeg.sos.script", Fault::inconsistent, Severity::error,
    "Progressive scans follow each other: DC first, each refinement one bit below what is there.",
    "T.81 G.1.1.1; libjpeg JWRN_BOGUS_PROGRESSION",
    "A scan is missing, doubled or damaged: loaders give wrong coefficients without an error."};
inline constexpr Rule sos_repeated{"jpeg.sos.repeated", Fault::inconsistent, Severity::warning,
    "A component has one scan in a sequential frame.", "T.81 B.2.3; libjpeg lets the last one win",
    "Loaders show the last scan. Two files may have been mixed."};
inline constexpr Rule scan_limit{"jpeg.scans.limit", Fault::over_limit, Severity::warning,
    "There are not more scans than the limit.", "libjpeg-turbo: 'Two Issues with the JPEG Standard'; limits.scans",
    "Tiny legal files with thousands of scans keep a decoder busy for minutes. Nothing after the limit was examined."};
inline constexpr Rule scans_component{"jpeg.scans.component", Fault::inconsistent, Severity::error,
    "Every component has a scan.",
    "T.81 B.2.3, G.1.1.1 (each component has a DC scan); libjpeg JERR_MISSING_DATA when writing",
    "Loaders fill the component with grey without an error: the colours are wrong."};
inline constexpr Rule scans_headless{"jpeg.scans.headless", Fault::malformed, Severity::error,
    "After a scan, every byte belongs to a segment or to another scan.", "T.81 B.2.1; libjpeg JWRN_EXTRANEOUS_DATA",
    "Data have lost their scan header: a coarser or colourless picture, and Pillow and OpenCV say nothing."};
inline constexpr Rule scans_incomplete{"jpeg.scans.incomplete", Fault::inconsistent, Severity::warning,
    "Progressive scans bring every bit of every coefficient.", "T.81 G.1.1.1",
    "The last scans are missing: every loader shows a coarser picture without an error."};

// Entropy-coded data ---------------------------------------------------------------------------------------

inline constexpr Rule scan_short{"jpeg.scan.short", Fault::truncated, Severity::error,
    "A scan has at least the bits that its shortest codes need.", "T.81 F.1.2, G.1.2; libjpeg JWRN_HIT_MARKER",
    "The rest of the picture is grey. Data were lost, or the size in the frame header is damaged."};
inline constexpr Rule scan_missing{"jpeg.scan.missing", Fault::truncated, Severity::error,
    "The data of a scan, or of a restart interval, last to its last MCU.", "T.81 F.2.2, E.2.4; libjpeg JWRN_HIT_MARKER",
    "Data were lost. The rest of the picture is grey or smeared, and Pillow and OpenCV say nothing."};
inline constexpr Rule scan_code{"jpeg.scan.code", Fault::malformed, Severity::error,
    "Every code in the data of a scan stands in its Huffman table.", "T.81 F.2.2.3; libjpeg JWRN_HUFF_BAD_CODE",
    "Bits before it were damaged. The picture is wrong from there on, and Pillow and OpenCV say nothing."};
inline constexpr Rule scan_symbol{"jpeg.scan.symbol", Fault::malformed, Severity::error,
    "Every symbol in the data of a scan is one that a picture of 8 bits can need there.",
    "T.81 F.1.2.1.1, F.1.2.2.1, G.1.2.2, G.1.2.3; sizes that need more than twice the largest coefficient of A.3.3",
    "No encoder writes it: bits before it were damaged. libjpeg decodes it to wrong pixels without a word."};
inline constexpr Rule scan_coefficient{"jpeg.scan.coefficient", Fault::malformed, Severity::error,
    "No block has more coefficients than its band.", "T.81 F.2.2.2, G.1.2.2, G.1.2.3",
    "No encoder writes it: bits before it were damaged. libjpeg drops the coefficient and shows wrong pixels without a word."};
inline constexpr Rule scan_dc_value{"jpeg.scan.dc_value", Fault::malformed, Severity::error,
    "The mean of every block of the first component is one that samples of 8 bits can have.",
    "T.81 A.3.3: the DC coefficient of 8-bit samples lies in +-1024; +-1280 and a quantization step are allowed (mozjpeg overshoots)",
    "A damaged difference shifts the brightness or colour of all blocks after it; libjpeg shows them without a word."};
inline constexpr Rule scan_eob_run{"jpeg.scan.eob_run", Fault::malformed, Severity::error,
    "A run of blocks without further coefficients ends in its scan or restart interval.", "T.81 G.1.2.2",
    "No encoder writes it: bits before it were damaged. libjpeg shows wrong pixels without a word."};
inline constexpr Rule scan_extra{"jpeg.scan.extra", Fault::malformed, Severity::error,
    "No data are left after the last MCU of a scan or restart interval.", "T.81 F.1.2.3, E.1.4; libjpeg JWRN_EXTRANEOUS_DATA",
    "Some bits before were damaged so that fewer blocks' data were taken for all: the picture is wrong, silently."};
inline constexpr Rule scan_padding{"jpeg.scan.padding", Fault::trailing_data, Severity::warning,
    "No padding stands between the last MCU and the marker after it.", "T.81 F.1.2.3; libjpeg JWRN_EXTRANEOUS_DATA",
    "Only bytes of zeros or ones: loaders skip them. A habit of some encoders."};
inline constexpr Rule scan_last_bits{"jpeg.scan.last_bits", Fault::malformed, Severity::note,
    "The bits that fill the last byte of a scan or restart interval are ones.", "T.81 F.1.2.3; libjpeg does not look at them",
    "Harmless: some encoders fill with zeros. In files of an encoder that does not, the end of the data was damaged."};
inline constexpr Rule restart_order{"jpeg.restart.order", Fault::malformed, Severity::error,
    "Restart markers count from RST0 to RST7 and round again.", "T.81 B.1.1.3, E.1.4; libjpeg JWRN_MUST_RESYNC",
    "Whole restart intervals were lost or doubled: the picture shifts, and loaders raise no error."};
inline constexpr Rule restart_unexpected{"jpeg.restart.unexpected", Fault::malformed, Severity::error,
    "There is no restart marker without a restart interval.", "T.81 B.2.4.4, E.1.4; libjpeg JWRN_HIT_MARKER",
    "libjpeg stops there and fills the rest with grey. A DRI segment was lost, or a byte was damaged."};
inline constexpr Rule restart_count{"jpeg.restart.count", Fault::inconsistent, Severity::error,
    "A scan has as many restart intervals as its MCUs need.", "T.81 E.1.4; libjpeg JWRN_HIT_MARKER, JWRN_MUST_RESYNC",
    "Intervals were lost: loaders fill the rest of the picture with grey, or shift it, without an error."};
inline constexpr Rule restart_trailing{"jpeg.restart.trailing", Fault::malformed, Severity::warning,
    "No restart marker follows the last interval.", "T.81 E.1.4; libjpeg skips it silently",
    "Loaders read the picture: a habit of some cameras' encoders."};
inline constexpr Rule dnl_lines{"jpeg.dnl.lines", Fault::inconsistent, Severity::warning,
    "DNL stands after the first scan and repeats the height.", "T.81 B.2.5; libjpeg skips DNL",
    "Loaders believe the frame header: check the height of the picture."};

// The end --------------------------------------------------------------------------------------------------

inline constexpr Rule eoi_missing{"jpeg.eoi.missing", Fault::truncated, Severity::error,
    "EOI ends the picture.", "T.81 B.2.1; libjpeg JWRN_JPEG_EOF; Pillow 'image file is truncated', torchvision raises",
    "The file was cut. Pillow and torchvision raise; OpenCV gives a picture with grey or foreign rows. Fetch it again."};
inline constexpr Rule trailing_padding{"jpeg.trailing.padding", Fault::trailing_data, Severity::note,
    "Nothing follows EOI.", "T.81 B.2.1; loaders stop at EOI",
    "Only padding: harmless, though tools that look for FF D9 at the very end call it corrupt."};
inline constexpr Rule trailing_known{"jpeg.trailing.known", Fault::trailing_data, Severity::note,
    "Nothing follows EOI.", "CIPA DC-007 (MPF), Google motion photo, Samsung trailer; loaders stop at EOI",
    "Further pictures or a film of the same camera. Harmless, but a larger file; Pillow opens an MPF file as MPO."};
inline constexpr Rule trailing_data{"jpeg.trailing.data", Fault::trailing_data, Severity::warning,
    "Nothing follows EOI.", "T.81 B.2.1; loaders stop at EOI",
    "Loaders ignore the bytes. They may be another file, glued on by a broken download; ultralytics rewrites such files."};

// Metadata -------------------------------------------------------------------------------------------------

inline constexpr Rule metadata_short{"jpeg.metadata.short", Fault::truncated, Severity::error,
    "A JFIF, Exif, ICC, Adobe or Photoshop segment holds its first fields.", "Pillow JpegImagePlugin.APP(), SOF()",
    "Pillow unpacks them without looking at the length: Image.open raises UnidentifiedImageError. Strip the segment."};
inline constexpr Rule jfif_fields{"jpeg.jfif.fields", Fault::malformed, Severity::warning,
    "A JFIF segment is of version 1, with known units and a whole thumbnail.", "T.871 10.1; libjpeg JWRN_JFIF_MAJOR",
    "Loaders ignore it; without a good JFIF or Adobe segment a decoder guesses the colours."};
inline constexpr Rule adobe_fields{"jpeg.adobe.fields", Fault::malformed, Severity::warning,
    "An Adobe segment is whole and its transform fits the components.",
    "Adobe TN 5116 section 18; libjpeg JWRN_ADOBE_XFORM",
    "Decoders guess the colours: check whether the picture is inverted or tinted."};
inline constexpr Rule exif_header{"jpeg.exif.header", Fault::malformed, Severity::warning,
    "Exif starts with a TIFF header whose first IFD lies inside.", "CIPA DC-008 4.5.2; TIFF 6.0 section 2",
    "Pillow drops or raises on the metadata, orientation included. The picture is not concerned."};
inline constexpr Rule exif_ifd{"jpeg.exif.ifd", Fault::malformed, Severity::warning,
    "Every Exif entry is of a known type and lies, with its value, inside the segment.",
    "CIPA DC-008 4.6.2; TIFF 6.0 section 2",
    "Pillow warns or raises when the metadata is asked for; a Hugging Face iterator may end there. Strip the metadata."};
inline constexpr Rule exif_orientation{"jpeg.exif.orientation", Fault::malformed, Severity::warning,
    "The Exif orientation is one number from 1 to 8.", "CIPA DC-008 4.6.4 (Orientation)",
    "Loaders disagree on how to turn the picture, and so on where its boxes lie."};
inline constexpr Rule icc_sequence{"jpeg.icc.sequence", Fault::inconsistent, Severity::warning,
    "The chunks of an ICC profile are numbered 1 to their count, each once.", "ICC.1 annex B.4; libjpeg JWRN_BOGUS_ICC",
    "Loaders drop the profile or join it wrongly: colours differ between loaders."};
inline constexpr Rule icc_profile{"jpeg.icc.profile", Fault::malformed, Severity::warning,
    "An ICC profile has its signature and the length that it says.", "ICC.1 7.2",
    "Colour management raises or is skipped. Strip the profile if it is not wanted."};
inline constexpr Rule xmp_encoding{"jpeg.xmp.encoding", Fault::malformed, Severity::warning,
    "XMP is UTF-8 text.", "XMP part 3, 1.1.3 (JPEG); UTF-8: RFC 3629",
    "Pillow and Hugging Face datasets raise UnicodeDecodeError when they read it (datasets #7668). Strip the metadata."};
inline constexpr Rule mpf_index{"jpeg.mpf.index", Fault::malformed, Severity::warning,
    "A multi-picture index lists images inside the file.", "CIPA DC-007 5.2",
    "Pillow warns, or raises when the further images are asked for. The first picture is not concerned."};
inline constexpr Rule photoshop_resources{"jpeg.photoshop.resources", Fault::malformed, Severity::warning,
    "Photoshop image resources lie inside their segment.", "Adobe Photoshop File Formats, Image Resource Blocks",
    "Loaders ignore them. The segment was cut by an editor, or damaged."};

// What libjpeg says ----------------------------------------------------------------------------------------

inline constexpr Rule decode_error{"jpeg.decode.error", Fault::undecodable, Severity::error,
    "libjpeg decodes the picture.", "libjpeg error_exit()",
    "Every loader that uses libjpeg raises or returns nothing."};
inline constexpr Rule decode_premature_end{"jpeg.decode.premature_end", Fault::truncated, Severity::error,
    "libjpeg finds the picture's end in the file.", "libjpeg JWRN_JPEG_EOF",
    "Pillow and torchvision raise; OpenCV gives a picture with grey rows."};
inline constexpr Rule decode_missing_data{"jpeg.decode.missing_data", Fault::undecodable, Severity::error,
    "The entropy-coded data last to the end of the scan.", "libjpeg JWRN_HIT_MARKER",
    "The rest of the picture is grey or smeared, and Pillow and OpenCV say nothing."};
inline constexpr Rule decode_bad_huffman{"jpeg.decode.bad_huffman", Fault::undecodable, Severity::error,
    "Every Huffman code stands in its table.", "libjpeg JWRN_HUFF_BAD_CODE",
    "The picture is wrong from there on, and Pillow and OpenCV say nothing."};
inline constexpr Rule decode_restart_sync{"jpeg.decode.restart_sync", Fault::undecodable, Severity::error,
    "libjpeg finds each restart marker where it should be.", "libjpeg JWRN_MUST_RESYNC",
    "Parts of the picture are shifted or grey, and Pillow and OpenCV say nothing."};
inline constexpr Rule decode_extraneous_bytes{"jpeg.decode.extraneous_bytes", Fault::undecodable, Severity::error,
    "No data are left when the last MCU of a scan or interval is decoded.", "libjpeg JWRN_EXTRANEOUS_DATA",
    "Some bits before were damaged so that fewer blocks' data were taken for all: the picture is wrong, silently."};
inline constexpr Rule decode_padding{"jpeg.decode.padding", Fault::trailing_data, Severity::warning,
    "No padding stands between the last MCU and the marker after it.", "T.81 F.1.2.3; libjpeg JWRN_EXTRANEOUS_DATA",
    "Only zeros or ones: loaders skip them. A habit of some encoders."};
inline constexpr Rule decode_unsupported{"jpeg.decode.unsupported", Fault::unsupported, Severity::warning,
    "libjpeg has what the picture needs.", "libjpeg JERR_NOTIMPL, JERR_CONVERSION_NOTIMPL and the like",
    "Valid as far as can be told, but common loaders do not read it."};
inline constexpr Rule decode_scans{"jpeg.decode.scans", Fault::over_limit, Severity::warning,
    "Decoding needs no more scans than the limit.", "libjpeg-turbo: 'Two Issues with the JPEG Standard'; limits.scans",
    "Decoding was given up. A loader without such a limit is busy for minutes."};

inline constexpr const Rule *all_rules[] = {
    &signature, &second_soi, &unknown_marker, &stray_marker, &extraneous, &segment_truncated,
    &segment_length, &segment_short, &dqt_destination, &dqt_precision, &dqt_zero, &dht_destination,
    &dht_counts, &dht_code, &dht_category, &dht_symbol, &dht_unused, &dac_value, &sof_missing,
    &sof_repeated, &sof_process, &sof_precision, &sof_dimensions, &sof_lines, &sof_side, &sof_components,
    &sof_component_id, &sof_sampling, &sof_ratio, &four_channels, &sos_missing, &sos_unexpected,
    &sos_components, &sos_mcu, &sos_quantization, &sos_huffman, &sos_standard_tables, &sos_sequential,
    &sos_progression, &sos_script, &sos_repeated, &scan_limit, &scans_component, &scans_headless, &scans_incomplete,
    &scan_short, &scan_missing, &scan_code, &scan_symbol, &scan_coefficient, &scan_dc_value, &scan_eob_run,
    &scan_extra, &scan_padding, &scan_last_bits, &restart_order, &restart_unexpected, &restart_count, &restart_trailing, &dnl_lines,
    &eoi_missing, &trailing_padding, &trailing_known, &trailing_data, &metadata_short, &jfif_fields,
    &adobe_fields, &exif_header, &exif_ifd, &exif_orientation, &icc_sequence, &icc_profile, &xmp_encoding,
    &mpf_index, &photoshop_resources, &decode_error, &decode_premature_end, &decode_missing_data,
    &decode_bad_huffman, &decode_restart_sync, &decode_extraneous_bytes, &decode_padding,
    &decode_unsupported, &decode_scans,
};

// clang-format on

} // namespace datavet::jpeg
