/// The headers of a BMP, whatever their version, in one form.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/bytes/bytes.h"
#include "formats/bytes/endian.h"
#include "formats/evidence.h"

namespace datavet::bmp {

/// Microsoft: BITMAPFILEHEADER.
struct FileHeader {
  std::uint8_t type[2]; ///< "BM"
  le32 size;
  le16 reserved1, reserved2;
  le32 pixel_offset;
};
static_assert(sizeof(FileHeader) == 14);

/// Microsoft: BITMAPCOREHEADER, the only one with 16-bit sizes.
struct CoreHeader {
  le32 size;
  le16 width, height, planes, bits;
};
static_assert(sizeof(CoreHeader) == 12);

/// Microsoft: BITMAPV5HEADER. Each older header is a beginning of it; absent fields are read as zero.
struct DibHeader {
  le32 size, width, height;
  le16 planes, bits;
  le32 compression, image_size, x_pixels_per_meter, y_pixels_per_meter, colours_used, colours_important;
  le32 red_mask, green_mask, blue_mask, alpha_mask;
  le32 colour_space;
  std::uint8_t endpoints[36];
  le32 gamma[3];
  le32 intent, profile_offset, profile_size, reserved;
};
static_assert(sizeof(DibHeader) == 124);

constexpr std::uint32_t core_size = 12, info_size = 40, v2_size = 52, v3_size = 56, os2_size = 64,
                        v4_size = 108, v5_size = 124;

enum class Compression : std::uint8_t {
  none,
  rle8,
  rle4,
  bit_fields,
  jpeg,
  png,
  alpha_bit_fields,
  cmyk,
  cmyk_rle8,
  cmyk_rle4,
  huffman,
  rle24,
  unknown
};

std::string_view name_of(Compression compression);

struct Masks {
  std::uint32_t red = 0, green = 0, blue = 0, alpha = 0;
  friend bool operator==(const Masks &, const Masks &) = default;
};

struct Header {
  bool bare = false;       ///< a DIB without BITMAPFILEHEADER
  std::uint64_t at = 0;    ///< of the DIB header
  std::uint32_t size = 0;  ///< of the DIB header
  bool os2 = false;        ///< an OS/2 2.x header: other compressions
  std::int64_t width = 0;  ///< as stored: may be zero or negative
  std::int64_t height = 0; ///< without its sign
  bool top_down = false;
  std::uint32_t planes = 0, bits = 0;
  std::uint32_t stored_compression = 0;
  Compression compression = Compression::none;
  std::uint32_t image_size = 0;
  std::uint32_t colours_used = 0;
  Masks masks; ///< of a bit-field compression
  std::uint32_t colour_space = 0, profile_offset = 0, profile_size = 0;
  std::uint32_t stored_file_size = 0;
  std::uint64_t palette_at = 0;      ///< after the header and the masks that follow it
  std::uint64_t palette_colours = 0; ///< declared; 0 when the pixels need no palette and none is declared
  std::uint64_t colour_size = 4;     ///< bytes of one palette entry
  std::uint64_t pixel_offset = 0;

  bool indexed() const { return bits >= 1 && bits <= 8; }
  std::uint64_t header_end() const { return at + size; }
  std::uint64_t palette_end() const { return palette_at + palette_colours * colour_size; }
  /// Bytes of one row: padded to a multiple of four.
  std::uint64_t row_bytes() const { return (static_cast<std::uint64_t>(width) * bits + 31) / 32 * 4; }
};

/// True when these are the first bytes of a BMP or of a bare DIB, and can hardly be anything else.
bool is_bmp(Bytes head);

/// Reads the headers. Nothing when they are not there: a finding says why.
std::optional<Header> read_header(Bytes sample, Evidence &evidence);

} // namespace datavet::bmp
