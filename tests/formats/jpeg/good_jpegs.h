/// Good samples of every kind that the format has: what is clean must stay clean.
#pragma once

#include <string_view>
#include <vector>

#include "tests/formats/jpeg/jpeg_maker.h"
#include "tests/support/damage.h"

namespace datavet::test {

struct GoodJpeg {
  std::string_view name;
  Blob bytes;
  bool four_channels = false;
};

inline std::vector<GoodJpeg> good_jpegs() {
  using Colour = JpegWishes::Colour;
  return {
      {"4:2:0", make_jpeg()},
      {"grey", make_jpeg({.colour = Colour::grey})},
      {"RGB", make_jpeg({.colour = Colour::rgb, .horizontal = 1, .vertical = 1})},
      {"4:2:2", make_jpeg({.horizontal = 2, .vertical = 1})},
      {"4:4:0", make_jpeg({.horizontal = 1, .vertical = 2})},
      {"4:1:1", make_jpeg({.horizontal = 4, .vertical = 1})},
      {"progressive", make_jpeg({.progressive = true})},
      {"progressive grey", make_jpeg({.colour = Colour::grey, .progressive = true})},
      {"restart intervals", make_jpeg({.restart_interval = 3})},
      {"a restart marker after each MCU", make_jpeg({.restart_interval = 1})},
      {"progressive restart intervals", make_jpeg({.restart_interval = 5, .progressive = true})},
      {"own Huffman tables", make_jpeg({.optimised = true})},
      {"one scan for each component", make_jpeg({.one_scan_each = true})},
      {"one pixel", make_jpeg({.width = 1, .height = 1})},
      {"sides not whole MCUs", make_jpeg({.width = 97, .height = 33, .restart_interval = 4})},
      {"sides not whole MCUs, progressive", make_jpeg({.width = 97, .height = 33, .progressive = true})},
      {"quality 5", make_jpeg({.quality = 5})},
      {"quality 100", make_jpeg({.quality = 100})},
      {"one colour, all zero bits",
       make_jpeg({.width = 2048, .height = 2048, .optimised = true, .noise = 0, .flat = true})},
      {"Exif", make_jpeg({.exif_orientation = 6})},
      {"ICC in two chunks", make_jpeg({.icc_bytes = 70'000})},
      {"CMYK", make_jpeg({.colour = Colour::cmyk, .horizontal = 1, .vertical = 1}), true},
      {"YCCK, progressive", make_jpeg({.colour = Colour::ycck, .progressive = true}), true},
  };
}

} // namespace datavet::test
