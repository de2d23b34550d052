/// Makes JPEGs by libjpeg, for tests, benchmarks and demonstrations: every property by name, and the same
/// bytes for the same wishes.
#pragma once

#include <cstdint>
#include <vector>

namespace datavet::test {

struct JpegWishes {
  unsigned width = 96;
  unsigned height = 64;
  int quality = 85; ///< 1-100
  enum class Colour : std::uint8_t { grey, ycbcr, rgb, cmyk, ycck } colour = Colour::ycbcr;
  unsigned horizontal =
      2; ///< sampling of the first component against the others: 1 x 1 is 4:4:4, 2 x 2 is 4:2:0
  unsigned vertical = 2;
  unsigned restart_interval = 0; ///< MCUs; 0 = no restart markers
  bool progressive = false;
  bool arithmetic = false;
  bool optimised = false;        ///< Huffman tables of its own instead of those of T.81 K.3
  bool one_scan_each = false;    ///< a sequential scan for each component
  std::uint32_t seed = 1;        ///< of the picture: a gradient and noise
  unsigned noise = 48;           ///< amplitude; 0 = the gradient alone
  bool flat = false;             ///< one colour instead of the gradient
  unsigned exif_orientation = 0; ///< 1-8; 0 = no Exif
  unsigned icc_bytes = 0;        ///< size of an ICC profile of a kind, at least 132; 0 = none
};

std::vector<std::uint8_t> make_jpeg(const JpegWishes &wishes = {});

} // namespace datavet::test
