/// The numbers of TIFF 6.0 section 8, of its supplements and of the tag registry that are judged here.
#pragma once

#include <cstdint>
#include <string_view>

namespace datavet::tiff {

enum Tag : std::uint16_t {
  image_width = 256,
  image_length = 257,
  bits_per_sample = 258,
  compression = 259,
  photometric = 262,
  fill_order = 266,
  strip_offsets = 273,
  orientation = 274,
  samples_per_pixel = 277,
  rows_per_strip = 278,
  strip_byte_counts = 279,
  x_resolution = 282,
  y_resolution = 283,
  planar_configuration = 284,
  resolution_unit = 296,
  predictor = 317,
  colour_map = 320,
  tile_width = 322,
  tile_length = 323,
  tile_offsets = 324,
  tile_byte_counts = 325,
  sub_ifds = 330,
  extra_samples = 338,
  sample_format = 339,
  jpeg_interchange = 513,
  ycbcr_subsampling = 530,
  exif_ifd = 34665,
  gps_ifd = 34853,
  interoperability_ifd = 40965,
  dng_version = 50706,
};

/// Tags without which, or with a wrong value of which, loaders get other pixels or none.
constexpr bool describes_pixels(std::uint16_t tag) {
  switch (tag) {
  case image_width:
  case image_length:
  case bits_per_sample:
  case compression:
  case photometric:
  case fill_order:
  case strip_offsets:
  case samples_per_pixel:
  case rows_per_strip:
  case strip_byte_counts:
  case planar_configuration:
  case colour_map:
  case tile_width:
  case tile_length:
  case tile_offsets:
  case tile_byte_counts:
  case sample_format: return true;
  default: return false;
  }
}

/// "ImageWidth"; empty for a tag that has no name here.
std::string_view name_of_tag(std::uint16_t tag);

/// Bytes of one value of a field type, 0 = unknown type. TIFF 6.0 section 2; 13 of Technical Note 1; 16 to
/// 18 of BigTIFF.
constexpr unsigned size_of_type(std::uint16_t type) {
  switch (type) {
  case 1:
  case 2:
  case 6:
  case 7: return 1; // BYTE, ASCII, SBYTE, UNDEFINED
  case 3:
  case 8: return 2; // SHORT, SSHORT
  case 4:
  case 9:
  case 11:
  case 13: return 4; // LONG, SLONG, FLOAT, IFD
  case 5:
  case 10:
  case 12:
  case 16:
  case 17:
  case 18: return 8; // RATIONAL, SRATIONAL, DOUBLE, LONG8, SLONG8, IFD8
  default: return 0;
  }
}

constexpr std::string_view name_of_type(std::uint16_t type) {
  constexpr std::string_view names[] = {
      "0",         "BYTE",  "ASCII",  "SHORT", "LONG", "RATIONAL", "SBYTE", "UNDEFINED", "SSHORT", "SLONG",
      "SRATIONAL", "FLOAT", "DOUBLE", "IFD",   "14",   "15",       "LONG8", "SLONG8",    "IFD8"};
  return type < std::size(names) ? names[type] : std::string_view("unknown");
}

enum Compression : std::uint16_t {
  none = 1,
  ccitt_rle = 2,
  ccitt_t4 = 3,
  ccitt_t6 = 4,
  lzw = 5,
  old_jpeg = 6,
  jpeg = 7,
  adobe_deflate = 8,
  packbits = 32773,
  deflate = 32946,
};

/// Decoded by the libtiff that Pillow and OpenCV use.
bool is_common_compression(std::uint64_t number);
/// Registered with Adobe, or used by some camera or scanner: valid, whoever can read it.
bool is_registered_compression(std::uint64_t number);

enum Photometric : std::uint16_t {
  white_is_zero = 0,
  black_is_zero = 1,
  rgb = 2,
  palette = 3,
  mask = 4,
  separated = 5,
  ycbcr = 6,
  cie_lab = 8,
  icc_lab = 9,
  itu_lab = 10,
  colour_filter_array = 32803,
  log_l = 32844,
  log_luv = 32845,
  linear_raw = 34892,
  depth_map = 51177,
  photometric_mask = 52527,
};
bool is_registered_photometric(std::uint64_t number);

} // namespace datavet::tiff
