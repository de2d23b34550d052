/// Writes good BMPs of every header version, for tests to damage.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/support/damage.h"

namespace datavet::test {

class BmpWriter {
public:
  std::uint32_t header_size = 40;
  std::int32_t width = 5, height = 4; ///< height negative: top-down
  std::uint16_t planes = 1, bits = 24;
  std::uint32_t compression = 0;
  std::uint32_t colours_used = 0;
  std::uint32_t palette_colours = 0; ///< written; 0 with indexed bits: all of them
  std::uint32_t masks[4] = {0, 0, 0, 0};
  bool masks_after_header = false;
  std::optional<Blob> stream; ///< in place of plain rows
  std::uint32_t gap = 0;      ///< bytes between palette and pixels
  std::uint32_t colour_space = 0;
  Blob profile; ///< after the pixels; V5 only
  bool file_header = true;

  std::uint32_t row_bytes() const { return (static_cast<std::uint32_t>(width) * bits + 31) / 32 * 4; }
  std::uint32_t rows() const { return static_cast<std::uint32_t>(height < 0 ? -height : height); }
  std::uint32_t colour_bytes() const { return header_size == 12 ? 3 : 4; }
  std::uint32_t palette_count() const {
    if (palette_colours > 0) return palette_colours;
    if (bits == 0 || bits > 8) return 0;
    return colours_used > 0 ? colours_used : 1u << bits;
  }
  std::size_t palette_at() const {
    return (file_header ? 14 : 0) + header_size + (masks_after_header ? (compression == 6 ? 16 : 12) : 0);
  }
  std::size_t pixels_at() const { return palette_at() + palette_count() * colour_bytes() + gap; }

  Blob write() const {
    Blob blob;
    Blob pixels = stream.value_or(Blob{});
    if (!stream)
      for (std::size_t i = 0; i < std::size_t{row_bytes()} * rows(); ++i)
        pixels.push_back(static_cast<std::uint8_t>(bits <= 8 && colours_used > 0 ? 0 : i * 7 + 1));
    if (file_header) {
      blob = {'B', 'M'};
      put32(blob, static_cast<std::uint32_t>(pixels_at() + pixels.size() + profile.size()));
      put32(blob, 0);
      put32(blob, static_cast<std::uint32_t>(pixels_at()));
    }
    write_dib(blob, static_cast<std::uint32_t>(pixels.size()));
    for (std::uint32_t i = 0; i < palette_count(); ++i)
      for (std::uint32_t byte = 0; byte < colour_bytes(); ++byte)
        blob.push_back(static_cast<std::uint8_t>(byte == 3 ? 0 : i * (byte + 1)));
    blob.resize(blob.size() + gap, 0xee);
    blob = append(blob, pixels);
    return append(blob, profile);
  }

private:
  static void put16(Blob &blob, std::uint32_t value) {
    blob.push_back(static_cast<std::uint8_t>(value));
    blob.push_back(static_cast<std::uint8_t>(value >> 8));
  }
  static void put32(Blob &blob, std::uint32_t value) {
    put16(blob, value & 0xffff);
    put16(blob, value >> 16);
  }

  void write_dib(Blob &blob, std::uint32_t image_size) const {
    Blob dib;
    put32(dib, header_size);
    if (header_size == 12) {
      put16(dib, static_cast<std::uint32_t>(width));
      put16(dib, static_cast<std::uint32_t>(height));
    } else {
      put32(dib, static_cast<std::uint32_t>(width));
      put32(dib, static_cast<std::uint32_t>(height));
    }
    put16(dib, planes);
    put16(dib, bits);
    put32(dib, compression);
    put32(dib, image_size);
    put32(dib, 2835);
    put32(dib, 2835);
    put32(dib, colours_used);
    put32(dib, 0);
    for (std::uint32_t mask : masks) put32(dib, mask);
    put32(dib, colour_space);
    dib.resize(112, 0);
    put32(dib, static_cast<std::uint32_t>(profile.empty() ? 0 : pixels_at() - 14 + row_bytes() * rows()));
    put32(dib, static_cast<std::uint32_t>(profile.size()));
    dib.resize(124, 0);
    dib.resize(header_size, 0);
    blob = append(blob, dib);
    if (!masks_after_header) return;
    for (int i = 0; i < (compression == 6 ? 4 : 3); ++i) put32(blob, masks[i]);
  }
};

} // namespace datavet::test
