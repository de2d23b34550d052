/// What a healthy BMP obeys. Sources: Microsoft's "Bitmap Storage" and [MS-WMF] 2.2.2.3 (header fields),
/// IBM's OS/2 2.0 Presentation Manager reference, and the code of Pillow 9.4 and OpenCV 4.6.
#pragma once

#include <datavet/finding.h>

namespace datavet::bmp {

inline constexpr Rule bad_signature{"bmp.header.signature", Fault::malformed, Severity::error,
    "A BMP begins with BM and a DIB header.", "Microsoft: BITMAPFILEHEADER, bfType",
    "No loader recognises it."};
inline constexpr Rule header_truncated{"bmp.header.truncated", Fault::truncated, Severity::error,
    "The file holds its headers, masks and palette whole.", "Microsoft: Bitmap Storage; Pillow and OpenCV raise at the end of file",
    "Every loader raises. Usually an interrupted download: fetch the file again."};
inline constexpr Rule header_size{"bmp.header.size", Fault::malformed, Severity::warning,
    "The DIB header has one of the sizes that Windows or OS/2 define.", "Microsoft: Bitmap Header Types; Pillow raises \"Unsupported BMP header type\"",
    "Pillow raises; OpenCV reads what it guesses. Write the picture again."};
inline constexpr Rule planes{"bmp.header.planes", Fault::malformed, Severity::warning,
    "The number of planes is 1.", "Microsoft: BITMAPINFOHEADER, biPlanes",
    "Loaders ignore the field, but whoever wrote it was not a sound BMP writer, or the header is damaged."};
inline constexpr Rule dimensions{"bmp.header.dimensions", Fault::malformed, Severity::error,
    "Width is positive and height is not zero.", "Microsoft: BITMAPINFOHEADER, biWidth, biHeight",
    "OpenCV returns None; Pillow takes a negative width for one of 4 billion pixels and raises."};
inline constexpr Rule bit_count{"bmp.header.bits", Fault::malformed, Severity::error,
    "Bits per pixel are 1, 2, 4, 8, 16, 24 or 32 (0 for an embedded JPEG or PNG).", "Microsoft: BITMAPINFOHEADER, biBitCount",
    "Pillow raises \"Unsupported BMP pixel depth\", OpenCV returns None."};
inline constexpr Rule bad_compression{"bmp.header.compression", Fault::malformed, Severity::error,
    "The compression is a defined one and goes with the bits per pixel.", "Microsoft: BITMAPINFOHEADER, biCompression",
    "OpenCV returns None; Pillow raises, or decodes noise."};
inline constexpr Rule top_down{"bmp.header.top_down", Fault::malformed, Severity::warning,
    "A bitmap with rows from top to bottom is not compressed.", "Microsoft: BITMAPINFOHEADER, biHeight: \"Top-down DIBs cannot be compressed\"",
    "Pillow and OpenCV read it; other loaders refuse it or turn it upside down."};
inline constexpr Rule palette_size{"bmp.palette.size", Fault::malformed, Severity::error,
    "A palette has at most 256 colours.", "Microsoft: BITMAPINFOHEADER, biClrUsed; OpenCV: clrused <= 256",
    "Pillow raises (\"invalid palette size\"), OpenCV returns None."};
inline constexpr Rule palette_excess{"bmp.palette.excess", Fault::malformed, Severity::warning,
    "A palette has no more colours than the bits of a pixel can name.", "Microsoft: BITMAPINFOHEADER, biClrUsed",
    "Loaders ignore the excess colours."};
inline constexpr Rule palette_index{"bmp.pixels.index", Fault::inconsistent, Severity::warning,
    "Every pixel names a colour of the palette.", "Microsoft: BITMAPINFOHEADER, biClrUsed",
    "Loaders give black, or whatever lay in memory. Pixels or palette are damaged."};
inline constexpr Rule pixels_offset{"bmp.header.offset", Fault::malformed, Severity::error,
    "Pixel data does not begin inside the headers.", "Microsoft: BITMAPFILEHEADER, bfOffBits",
    "Loaders show the header's bytes as pixels, without a word."};
inline constexpr Rule pixels_overlap{"bmp.pixels.overlap", Fault::inconsistent, Severity::warning,
    "Pixel data begins after the masks and the palette.", "Microsoft: BITMAPFILEHEADER, bfOffBits",
    "Loaders disagree: some skip the palette, OpenCV shows its bytes as pixels. Write the picture again."};
inline constexpr Rule masks{"bmp.masks.form", Fault::malformed, Severity::warning,
    "Colour masks are contiguous, do not overlap, and lie inside the pixel.", "Microsoft: BITMAPV4HEADER: \"bits must be contiguous and should not overlap\"",
    "Loaders disagree about the colours."};
inline constexpr Rule masks_ignored{"bmp.masks.ignored", Fault::inconsistent, Severity::warning,
    "Colour masks are those that every loader honours.", "OpenCV 4.6: masks of 32-bit pixels are read from headers of 56 bytes on, and for whole bytes only",
    "OpenCV gives channels in another order, or darker, without a word. Write the picture as 24-bit BMP or PNG."};
inline constexpr Rule refused{"bmp.kind.refused", Fault::undecodable, Severity::error,
    "The kind of BMP is one that a common loader reads.", "Pillow 9.4 raises and OpenCV 4.6 returns None for these headers",
    "The bytes may be sound, but no common loader reads them. Convert the picture."};
inline constexpr Rule partly_refused{"bmp.kind.partly_refused", Fault::undecodable, Severity::warning,
    "The kind of BMP is one that every common loader reads.", "Pillow 9.4 raises or OpenCV 4.6 returns None for these headers",
    "A training script that uses the other loader fails on this sample. Convert the picture."};
inline constexpr Rule no_file_header{"bmp.file.no_header", Fault::inconsistent, Severity::warning,
    "A bitmap file begins with a BITMAPFILEHEADER.", "Pillow reads a bare DIB; OpenCV returns None",
    "The clipboard's form of a bitmap was saved as it is. Convert the picture."};
inline constexpr Rule file_size{"bmp.file.size", Fault::inconsistent, Severity::note,
    "The file size in the header is the size of the file.", "Microsoft: BITMAPFILEHEADER, bfSize",
    "No loader looks at the field, and many writers leave it wrong."};
inline constexpr Rule pixels_truncated{"bmp.pixels.truncated", Fault::truncated, Severity::error,
    "The file holds every row of pixels.", "Microsoft: bitmap rows are padded to 4 bytes; OpenCV reads each whole row",
    "OpenCV returns None, Pillow raises \"image file is truncated\". Fetch the file again."};
inline constexpr Rule rle_truncated{"bmp.rle.truncated", Fault::truncated, Severity::error,
    "Run-length codes go on until the last row is complete.", "Microsoft: Bitmap Compression",
    "OpenCV returns None, Pillow raises or fills with the first colour. Fetch the file again."};
inline constexpr Rule rle_overrun{"bmp.rle.overrun", Fault::malformed, Severity::error,
    "Runs and jumps stay inside the row and the picture.", "Microsoft: Bitmap Compression; OpenCV refuses a run past the end of a row",
    "OpenCV returns None; Pillow shifts the rest of the picture. The stream is damaged."};
inline constexpr Rule rle_short{"bmp.rle.short", Fault::malformed, Severity::error,
    "The end-of-bitmap code stands after the last row.", "Pillow raises \"not enough image data\"",
    "Pillow raises; OpenCV fills the missing rows with the first colour."};
inline constexpr Rule rle_unset{"bmp.rle.unset", Fault::inconsistent, Severity::warning,
    "Every pixel gets a colour.", "Microsoft: Bitmap Compression: jumps leave pixels as they are",
    "Skipped pixels are transparent in Windows; loaders give the first colour of the palette."};
inline constexpr Rule rle_end{"bmp.rle.end", Fault::malformed, Severity::warning,
    "An end-of-bitmap code closes the stream.", "Microsoft: Bitmap Compression, escape 1",
    "Loaders stop after the last row and do not notice."};
inline constexpr Rule profile_place{"bmp.profile.place", Fault::malformed, Severity::warning,
    "The colour profile lies inside the file.", "Microsoft: BITMAPV5HEADER, bV5ProfileData, bV5ProfileSize",
    "Pillow and OpenCV ignore the profile; viewers that use it fail. The file's end may be missing."};
inline constexpr Rule profile_linked{"bmp.profile.linked", Fault::inconsistent, Severity::note,
    "The colour profile is part of the file.", "Microsoft: BITMAPV5HEADER, PROFILE_LINKED",
    "The file names a profile elsewhere on the disk; loaders ignore it."};
inline constexpr Rule trailing{"bmp.file.trailing", Fault::trailing_data, Severity::warning,
    "Nothing follows the pixels and the profile.", "Microsoft: Bitmap Storage",
    "Loaders ignore it. Two files may have been joined, or something is hidden."};
inline constexpr Rule padding{"bmp.file.padding", Fault::trailing_data, Severity::note,
    "Nothing follows the pixels and the profile.", "some writers round the file up to 4 bytes",
    "Harmless."};
inline constexpr Rule decode_refused{"bmp.decode.refused", Fault::undecodable, Severity::warning,
    "OpenCV decodes the picture.", "cv::imdecode returned an empty picture",
    "cv2.imread returns None. Our own check found no damage: see whether the loader that is used reads it."};

inline constexpr const Rule *all_rules[] = {
    &bad_signature, &header_truncated, &header_size, &planes, &dimensions, &bit_count, &bad_compression, &top_down,
    &palette_size, &palette_excess, &palette_index, &pixels_offset, &pixels_overlap, &masks, &masks_ignored, &refused,
    &partly_refused, &no_file_header, &file_size, &pixels_truncated, &rle_truncated, &rle_overrun, &rle_short,
    &rle_unset, &rle_end, &profile_place, &profile_linked, &trailing, &padding, &decode_refused,
};

} // namespace datavet::bmp
