#include "formats/bmp/loaders.h"

#include <algorithm>
#include <bit>
#include <iterator>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"

namespace datavet::bmp {

namespace {

constexpr Masks bgrx{0x00ff0000, 0x0000ff00, 0x000000ff, 0};
constexpr Masks bgra{0x00ff0000, 0x0000ff00, 0x000000ff, 0xff000000};
constexpr Masks rgb_565{0xf800, 0x07e0, 0x001f, 0};
constexpr Masks rgb_555{0x7c00, 0x03e0, 0x001f, 0};

bool same_colours(const Masks &one, const Masks &other) {
  return one.red == other.red && one.green == other.green && one.blue == other.blue;
}

/// BmpImagePlugin.py, SUPPORTED.
bool pillow_knows_masks(const Header &header) {
  constexpr Masks xbgr{0xff000000, 0x00ff0000, 0x0000ff00, 0};
  constexpr Masks abgr{0xff000000, 0x00ff0000, 0x0000ff00, 0x000000ff};
  constexpr Masks rgba{0x000000ff, 0x0000ff00, 0x00ff0000, 0xff000000};
  constexpr Masks none{};
  switch (header.bits) {
  case 16: return same_colours(header.masks, rgb_565) || same_colours(header.masks, rgb_555);
  case 24: return same_colours(header.masks, bgrx);
  case 32: {
    constexpr Masks known[] = {bgrx, bgra, xbgr, abgr, rgba, none};
    return std::find(std::begin(known), std::end(known), header.masks) != std::end(known);
  }
  default: return false;
  }
}

bool one_of(std::uint32_t value, std::initializer_list<std::uint32_t> values) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// grfmt_bmp.cpp, readHeader(): the pairs of bits and compression that it reads.
bool opencv_knows(const Header &header) {
  if (header.size == core_size) return one_of(header.bits, {1, 4, 8, 24, 32});
  switch (header.stored_compression) {
  case 0: return one_of(header.bits, {1, 4, 8, 16, 24, 32});
  case 1: return header.bits == 8;
  case 2: return header.bits == 4;
  case 3: return one_of(header.bits, {16, 32});
  default: return false;
  }
}

} // namespace

std::optional<std::string> pillow_refusal(const Header &header) {
  if (!one_of(header.size, {core_size, info_size, os2_size, v4_size, v5_size}))
    return fmt::format("header of {} bytes", header.size);
  if (!one_of(header.bits, {1, 4, 8, 16, 24, 32})) return fmt::format("{} bits per pixel", header.bits);
  if (header.stored_compression > 3) return fmt::format("compression {}", name_of(header.compression));
  if (header.stored_compression == 3 && !pillow_knows_masks(header)) return "these colour masks";
  if (header.indexed() && header.colours_used > 256) return fmt::format("{} colours", header.colours_used);
  // Image.MAX_IMAGE_PIXELS, twice: a DecompressionBombError.
  constexpr std::int64_t most_pixels = 178'956'970;
  if (header.width > 0 && header.height > most_pixels / header.width) return "more than 178,956,970 pixels";
  return std::nullopt;
}

std::optional<std::string> opencv_refusal(const Header &header, Bytes sample) {
  if (header.bare) return "no file header";
  if (header.size < 36 && header.size != core_size) return fmt::format("header of {} bytes", header.size);
  if (!opencv_knows(header))
    return fmt::format("{} bits per pixel, {}", header.bits, name_of(header.compression));
  // loadsave.cpp, validateInputImageSize().
  if (header.width > 1 << 20 || header.height > 1 << 20) return "a side longer than 1,048,576 pixels";
  if (header.height > (std::int64_t{1} << 30) / std::max<std::int64_t>(header.width, 1))
    return "more than 1,073,741,824 pixels";
  if (header.indexed()) {
    const std::uint64_t colours =
        header.size != core_size && header.colours_used != 0 ? header.colours_used : 1u << header.bits;
    if (colours > 256) return fmt::format("{} colours", colours);
    if (header.header_end() + colours * header.colour_size > sample.size()) return "no whole palette";
  }
  if (header.bits == 16 && header.compression == Compression::bit_fields) {
    // It looks for the masks after the header, also when the header itself holds them.
    ByteReader reader(sample, header.header_end());
    Masks found;
    for (std::uint32_t *mask : {&found.red, &found.green, &found.blue})
      *mask = reader.read<le32>().value_or(le32{});
    if (!same_colours(found, rgb_565) && !same_colours(found, rgb_555)) return "these 16-bit colour masks";
  }
  return std::nullopt;
}

bool opencv_mistakes_colours(const Header &header) {
  if (header.bits != 32 || header.compression != Compression::bit_fields || header.masks == Masks{})
    return false;
  if (header.size < v3_size) return !same_colours(header.masks, bgrx);
  // It shifts each mask down to bit 0 and keeps eight bits, without scaling.
  for (std::uint32_t mask : {header.masks.red, header.masks.green, header.masks.blue})
    if (mask == 0 || mask >> std::countr_zero(mask) != 0xff) return true;
  return false;
}

} // namespace datavet::bmp
