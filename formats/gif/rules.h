/// What a healthy GIF obeys. Sources: CompuServe's GIF89a specification of 31 July 1990, by its sections;
/// Pillow 9.4 (GifImagePlugin.py, GifDecode.c); giflib 5.2.1 (DGifSlurp, D_GIF_ERR_*), which TensorFlow uses.
#pragma once

#include <datavet/finding.h>

namespace datavet::gif {

inline constexpr Rule bad_signature{"gif.header.signature", Fault::malformed, Severity::error,
    "A GIF begins with GIF87a or GIF89a.", "GIF89a 17; Pillow _accept(), giflib D_GIF_ERR_NOT_GIF_FILE",
    "Pillow raises UnidentifiedImageError."};
inline constexpr Rule truncated{"gif.file.truncated", Fault::truncated, Severity::error,
    "Every table, block and chain of sub-blocks that begins also ends.", "GIF89a 15, 16; giflib D_GIF_ERR_READ_FAILED",
    "giflib refuses the frame; Pillow raises \"image file is truncated\" when pixels are missing. Fetch the file again."};
inline constexpr Rule no_image{"gif.file.no_image", Fault::malformed, Severity::error,
    "There is at least one image.", "GIF89a 20; giflib D_GIF_ERR_NO_IMAG_DSCR",
    "Pillow raises UnidentifiedImageError, TensorFlow InvalidArgumentError."};
inline constexpr Rule no_trailer{"gif.file.no_trailer", Fault::truncated, Severity::warning,
    "A trailer, 3B, ends the file.", "GIF89a 27; giflib D_GIF_ERR_READ_FAILED after the last frame",
    "Pillow and TensorFlow read the frames that are there. Some writers forget it; else frames are missing."};
inline constexpr Rule trailing{"gif.file.trailing", Fault::trailing_data, Severity::warning,
    "Nothing follows the trailer.", "GIF89a 27: \"indicates the end of the GIF Data Stream\"",
    "Loaders ignore it. It may be a second file, or the rest of a longer one that was overwritten."};
inline constexpr Rule padding{"gif.file.padding", Fault::trailing_data, Severity::note,
    "Not even zero bytes or line ends follow the trailer.", "GIF89a 27", "Harmless: some writers pad files."};

inline constexpr Rule screen_empty{"gif.screen.empty", Fault::malformed, Severity::warning,
    "The logical screen has a width and a height.", "GIF89a 18",
    "Loaders take the size of the frames instead."};
inline constexpr Rule screen_background{"gif.screen.background", Fault::inconsistent, Severity::warning,
    "A frame is restored to a background colour that the colour table has.", "GIF89a 18, 23; Pillow 9.4: TypeError in _seek()",
    "Pillow 9.4 raises TypeError when it seeks to this frame; other loaders do not look at the background colour."};

inline constexpr Rule unknown_block{"gif.block.unknown", Fault::malformed, Severity::error,
    "A block begins with 21, 2C or 3B.", "GIF89a 20, 23, 27, appendix B; giflib D_GIF_ERR_WRONG_RECORD",
    "giflib stops: TensorFlow loses the frames from here on, or raises. Pillow searches on and may find frames that are none."};
inline constexpr Rule stray_bytes{"gif.block.stray", Fault::malformed, Severity::warning,
    "Nothing stands between the blocks.", "GIF89a appendix B; giflib D_GIF_ERR_WRONG_RECORD, Pillow skips the bytes",
    "Pillow skips them. TensorFlow loses the frames from here on, and raises when there is none before."};

inline constexpr Rule extension_empty{"gif.extension.empty", Fault::malformed, Severity::warning,
    "An extension has a sub-block.", "GIF89a 23-26; giflib 5.2.1 takes the next block for its data",
    "Pillow reads the file. giflib loses its place: TensorFlow loses the frames from here on, and raises when there is none before."};
inline constexpr Rule extension_unknown{"gif.extension.unknown", Fault::malformed, Severity::warning,
    "The label of an extension is 01, F9, FE or FF.", "GIF89a 23-26",
    "Every loader skips it. If a label was damaged, times, transparency or disposal of a frame are lost."};
inline constexpr Rule extension_size{"gif.extension.size", Fault::malformed, Severity::warning,
    "The first sub-block has 12 bytes in a plain text extension, 11 in an application extension.", "GIF89a 25, 26",
    "Every loader skips it."};
inline constexpr Rule plain_text{"gif.extension.text", Fault::inconsistent, Severity::note,
    "No plain text extension draws upon the picture.", "GIF89a 25; no common loader renders it",
    "The text is not part of what a loader gives."};
inline constexpr Rule control_short{"gif.control.short", Fault::malformed, Severity::error,
    "A graphic control extension holds the fields that its flags announce.", "GIF89a 23; Pillow: TypeError, struct.error or IndexError in _seek()",
    "Pillow raises: it cannot open the file, or seek to this frame."};
inline constexpr Rule control_size{"gif.control.size", Fault::malformed, Severity::warning,
    "A graphic control extension has one sub-block, of four bytes.", "GIF89a 23: Block Size \"contains the fixed value 4\"; giflib DGifExtensionToGCB()",
    "giflib ignores the whole block, Pillow what is too much."};
inline constexpr Rule control_repeated{"gif.control.repeated", Fault::malformed, Severity::note,
    "An image has one graphic control extension.", "GIF89a 23: \"At most one Graphic Control Extension may precede a graphic rendering block\"",
    "Loaders take the delay and transparency of the first or of the last."};
inline constexpr Rule control_disposal{"gif.control.disposal", Fault::malformed, Severity::note,
    "The disposal method is 0 to 3.", "GIF89a 23: \"4-7 - To be defined\"; Pillow takes them for 3",
    "Old writers meant 3 by 4. Others do not restore: later frames may differ."};
inline constexpr Rule application_refused{"gif.application.refused", Fault::malformed, Severity::error,
    "An application extension before the first image has its identifier, and NETSCAPE2.0 its sub-block.", "GIF89a 26; Pillow: TypeError in _seek()",
    "Pillow raises UnidentifiedImageError: it cannot open the file."};

inline constexpr Rule frame_empty{"gif.frame.empty", Fault::malformed, Severity::error,
    "A frame has a width and a height.", "GIF89a 20; giflib DGifSlurp(), Pillow: \"tile cannot extend outside image\"",
    "giflib refuses the file; Pillow raises, or decodes the frame over the whole picture and finds it truncated."};
inline constexpr Rule frame_beyond{"gif.frame.beyond", Fault::inconsistent, Severity::warning,
    "A frame lies inside the logical screen.", "GIF89a 20: \"Each image must fit within the boundaries of the Logical Screen\"",
    "Pillow makes the picture larger, others cut the frame off: sizes differ between loaders, and between frames."};
inline constexpr Rule frame_colourless{"gif.frame.no_table", Fault::inconsistent, Severity::warning,
    "A frame has a local colour table, or there is a global one.", "GIF89a 19, 21; TensorFlow: \"missing color map for frame\"",
    "TensorFlow raises; Pillow takes the indices for shades of grey, and may raise when frames before had colours."};
inline constexpr Rule grey_transparent{"gif.frame.grey_transparent", Fault::inconsistent, Severity::warning,
    "A later frame with transparency has a colour table that is not the plain grey ramp, as the first has.", "Pillow 9.4 drops a grey ramp, then raises \"image has no palette\" in load_end()",
    "Pillow 9.4 raises ValueError when it seeks to this frame; other loaders read it."};

inline constexpr Rule bad_code_size{"gif.lzw.code_size", Fault::malformed, Severity::error,
    "The LZW minimum code size is 2 to 8.", "GIF89a 22, appendix F; giflib refuses more than 8",
    "Above 8 giflib raises; below 2 Pillow raises or gives noise, as it never widens such codes."};
inline constexpr Rule code_size_refused{"gif.lzw.code_size_refused", Fault::undecodable, Severity::warning,
    "The LZW minimum code size is one that every loader reads.", "GIF89a 22, appendix F; giflib refuses more than 8",
    "Pillow reads the frame. With 9 to 11 TensorFlow raises. Write the picture again."};
inline constexpr Rule undefined_code{"gif.lzw.code", Fault::malformed, Severity::error,
    "Each LZW code is in the table when it is used.", "GIF89a appendix F; Pillow IMAGING_CODEC_BROKEN, giflib D_GIF_ERR_IMAGE_DEFECT",
    "Pillow raises \"broken data stream\"; giflib may go on and give other pixels without a word."};
inline constexpr Rule short_data{"gif.lzw.short", Fault::truncated, Severity::error,
    "The codes of a frame give all its pixels.", "GIF89a 20, 22; giflib D_GIF_ERR_EOF_TOO_SOON, Pillow \"image file is truncated\"",
    "giflib refuses the frame. Pillow reads on in what follows and raises, or gives noise."};
inline constexpr Rule long_data{"gif.lzw.long", Fault::inconsistent, Severity::warning,
    "The codes of a frame give no more than its pixels.", "GIF89a 20, 22",
    "Loaders ignore the surplus. If the frame's width is damaged, every row is shifted, without a word."};
inline constexpr Rule stray_index{"gif.lzw.index", Fault::inconsistent, Severity::error,
    "Every pixel names a colour of the table.", "GIF89a 22; TensorFlow: \"found color index outside of color map range\"",
    "TensorFlow raises; Pillow gives some colour without a word. Data or table are damaged."};
inline constexpr Rule stray_transparent{"gif.lzw.transparent", Fault::inconsistent, Severity::warning,
    "Transparent pixels too name a colour of the table.", "GIF89a 22, 23; TensorFlow: \"found color index outside of color map range\"",
    "Most loaders take them for transparent, as they are meant; TensorFlow raised before it made an exception for them."};
inline constexpr Rule no_clear_code{"gif.lzw.no_clear", Fault::malformed, Severity::note,
    "The first code is a clear code.", "GIF89a appendix F: \"Encoders should output a Clear code as the first code\"",
    "Loaders begin with an empty table anyway."};
inline constexpr Rule no_end_code{"gif.lzw.no_end", Fault::malformed, Severity::note,
    "An end code follows the last pixel.", "GIF89a appendix F: End of Information \"must be the last code output\"",
    "Loaders stop after the last pixel."};
inline constexpr Rule after_end_code{"gif.lzw.after_end", Fault::trailing_data, Severity::note,
    "The end code is in the last byte of the image data.", "GIF89a appendix F",
    "Loaders skip the rest. One zero byte more is the habit of several writers."};

inline constexpr const Rule *all_rules[] = {
    &bad_signature, &truncated, &no_image, &no_trailer, &trailing, &padding, &screen_empty, &screen_background,
    &unknown_block, &stray_bytes, &extension_empty, &extension_unknown, &extension_size, &plain_text, &control_short,
    &control_size, &control_repeated, &control_disposal, &application_refused, &frame_empty, &frame_beyond,
    &frame_colourless, &grey_transparent, &bad_code_size, &code_size_refused, &undefined_code, &short_data, &long_data, &stray_index,
    &stray_transparent, &no_clear_code, &no_end_code, &after_end_code,
};

} // namespace datavet::gif
