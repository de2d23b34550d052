/// Writes JPEG 2000 codestreams and JP2 boxes whose every field a test may choose. The packets are
/// those of a tiny real picture, or filler that keeps to the rule of bit stuffing.
#pragma once

#include <cstdint>
#include <string_view>

#include "tests/support/damage.h"

namespace datavet::test {

class J2kWriter {
public:
  std::uint16_t capabilities = 0;
  std::uint32_t width = 20, height = 10, x_offset = 0, y_offset = 0;
  std::uint32_t tile_width = 10, tile_height = 10;
  std::uint16_t components = 3;
  std::uint8_t depth = 7, step = 1; ///< depth as stored: bits - 1
  std::uint8_t levels = 2;
  unsigned parts = 1;         ///< of each tile
  Blob data = Blob(30, 0x5a); ///< of each tile-part
  bool last_open = false;     ///< Psot of the last tile-part is 0
  Blob extra;                 ///< further marker segments of the main header

  unsigned tiles() const {
    return (width + tile_width - 1) / tile_width * ((height + tile_height - 1) / tile_height);
  }
  std::size_t siz_at() const { return 2; }
  std::size_t cod_at() const { return 2 + 40 + 3u * components; }
  std::size_t qcd_at() const { return cod_at() + 14; }
  std::size_t first_sot_at() const { return qcd_at() + 5 + 3u * levels + 1 + extra.size(); }
  std::size_t part_bytes() const { return 14 + data.size(); }
  std::size_t eoc_at() const { return first_sot_at() + part_bytes() * parts * tiles(); }

  Blob write() const {
    Blob blob;
    put16(blob, 0xff4f);
    put16(blob, 0xff51);
    put16(blob, 38u + 3u * components);
    put16(blob, capabilities);
    for (std::uint32_t field : {width, height, x_offset, y_offset, tile_width, tile_height, 0u, 0u})
      put32(blob, field);
    put16(blob, components);
    for (unsigned i = 0; i < components; ++i) blob = append(blob, {depth, step, step});
    put16(blob, 0xff52);
    put16(blob, 12);
    blob = append(blob, {0, 0, 0, 1, 0, levels, 2, 2, 0, 1});
    put16(blob, 0xff5c);
    put16(blob, 3u + 3u * levels + 1);
    blob.push_back(0x40);
    for (unsigned i = 0; i < 3u * levels + 1; ++i) blob.push_back(0x48);
    blob = append(blob, extra);
    for (unsigned part = 0; part < parts; ++part)
      for (unsigned tile = 0; tile < tiles(); ++tile) put_tile_part(blob, tile, part);
    put16(blob, 0xffd9);
    return blob;
  }

  static void put16(Blob &blob, std::uint32_t value) {
    blob.push_back(static_cast<std::uint8_t>(value >> 8));
    blob.push_back(static_cast<std::uint8_t>(value));
  }
  static void put32(Blob &blob, std::uint32_t value) {
    put16(blob, value >> 16);
    put16(blob, value & 0xffff);
  }

private:
  void put_tile_part(Blob &blob, unsigned tile, unsigned part) const {
    const bool last = tile + 1 == tiles() && part + 1 == parts;
    put16(blob, 0xff90);
    put16(blob, 10);
    put16(blob, tile);
    put32(blob, last && last_open ? 0 : static_cast<std::uint32_t>(part_bytes()));
    blob.push_back(static_cast<std::uint8_t>(part));
    blob.push_back(static_cast<std::uint8_t>(parts));
    put16(blob, 0xff93);
    blob = append(blob, data);
  }
};

inline Blob jp2_box(std::string_view type, const Blob &body) {
  Blob box;
  J2kWriter::put32(box, static_cast<std::uint32_t>(8 + body.size()));
  box.insert(box.end(), type.begin(), type.end());
  return append(box, body);
}

inline Blob jp2_signature() { return jp2_box("jP  ", {0x0d, 0x0a, 0x87, 0x0a}); }
inline Blob jp2_file_type() { return jp2_box("ftyp", {'j', 'p', '2', ' ', 0, 0, 0, 0, 'j', 'p', '2', ' '}); }

inline Blob jp2_image_header(const J2kWriter &stream) {
  Blob body;
  J2kWriter::put32(body, stream.height - stream.y_offset);
  J2kWriter::put32(body, stream.width - stream.x_offset);
  J2kWriter::put16(body, stream.components);
  return jp2_box("ihdr", append(body, {stream.depth, 7, 0, 0}));
}

inline Blob jp2_colour(std::uint8_t space = 16) { return jp2_box("colr", {1, 0, 0, 0, 0, 0, space}); }

/// Everything but the codestream box.
inline Blob jp2_start(const J2kWriter &stream, const Blob &more_header = {}) {
  Blob file = append(jp2_signature(), jp2_file_type());
  return append(file, jp2_box("jp2h", append(append(jp2_image_header(stream), jp2_colour()), more_header)));
}

inline Blob jp2(const J2kWriter &stream, const Blob &more_header = {}) {
  return append(jp2_start(stream, more_header), jp2_box("jp2c", stream.write()));
}

} // namespace datavet::test
