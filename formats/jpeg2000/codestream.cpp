#include "formats/jpeg2000/codestream.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "formats/any/any.h"
#include "formats/bytes/byte_reader.h"
#include "formats/jpeg2000/rules.h"

namespace datavet::jpeg2000 {

namespace {

/// T.800 A.5.1, without marker and length.
struct SizSegment {
  be16 capabilities;
  be32 width, height, x_offset, y_offset;
  be32 tile_width, tile_height, tile_x_offset, tile_y_offset;
  be16 components;
};
static_assert(sizeof(SizSegment) == 36);

/// T.800 A.5.1: one for each component.
struct SizComponent {
  std::uint8_t depth; ///< bit 7: signed; bits 0 to 6: bits - 1
  std::uint8_t x_step, y_step;
};
static_assert(sizeof(SizComponent) == 3);

/// T.800 A.4.2, with its length, without the marker.
struct SotSegment {
  be16 length, tile;
  be32 part_length;
  std::uint8_t part, parts;
};
static_assert(sizeof(SotSegment) == 10);

/// T.800 table A.2, and the markers of parts 2 and 15 that may stand in a main header.
bool in_main_header(std::uint16_t marker) {
  constexpr std::uint16_t known[] = {cod, coc, rgn, qcd, qcc, poc, tlm, plm, ppm, crg, com, cap, prf, cpf};
  return std::find(std::begin(known), std::end(known), marker) != std::end(known) ||
         (marker >= 0xff70 && marker <= 0xff7f);
}

bool in_tile_header(std::uint16_t marker) {
  constexpr std::uint16_t known[] = {cod, coc, rgn, qcd, qcc, poc, ppt, plt, com};
  return std::find(std::begin(known), std::end(known), marker) != std::end(known) ||
         (marker >= 0xff70 && marker <= 0xff7f);
}

std::string marker_name(std::uint16_t marker) {
  switch (marker) {
  case soc: return "SOC";
  case siz: return "SIZ";
  case cod: return "COD";
  case coc: return "COC";
  case tlm: return "TLM";
  case plm: return "PLM";
  case plt: return "PLT";
  case qcd: return "QCD";
  case qcc: return "QCC";
  case rgn: return "RGN";
  case poc: return "POC";
  case ppm: return "PPM";
  case ppt: return "PPT";
  case crg: return "CRG";
  case com: return "COM";
  case cap: return "CAP";
  case prf: return "PRF";
  case cpf: return "CPF";
  case sot: return "SOT";
  case sod: return "SOD";
  case eoc: return "EOC";
  default: return fmt::format("marker {:04x}", marker);
  }
}

std::uint64_t ceil_divide(std::uint64_t value, std::uint64_t by) { return (value + by - 1) / by; }

class Checker {
public:
  Checker(Bytes stream, std::uint64_t offset, Depth depth, Evidence &evidence)
      : stream_(stream), reader_(stream), offset_(offset), depth_(depth), evidence_(evidence) {}

  Geometry check() {
    if (!read_start()) return {};
    if (depth_ == Depth::header) return geometry_;
    if (read_main_header() && read_tiles() && depth_ >= Depth::content)
      find_zero_run(stream_, offset_, evidence_);
    return geometry_;
  }

private:
  // --- saying what was seen ---

  bool report(const Rule &rule, std::uint64_t at, std::uint64_t length, std::string detail) {
    evidence_.findings.add(rule, offset_ + at, length, std::move(detail));
    return false;
  }

  bool truncated(std::string where) {
    return report(stream_truncated, stream_.size(), 0, "the codestream ends " + std::move(where));
  }

  void outline(unsigned level, std::uint64_t at, std::uint64_t length, std::string name,
               std::string detail = {}) {
    if (evidence_.outline != nullptr)
      evidence_.outline->add(level, offset_ + at, length, std::move(name), std::move(detail));
  }

  // --- main header ---

  bool read_start() {
    // T.800 A.3: SOC, then SIZ, before anything else.
    std::optional<be16> first = reader_.read<be16>(), second = reader_.read<be16>();
    if (!first || !second) return truncated("before SIZ");
    if (*first != soc || *second != siz) return report(bad_signature, 0, 4, "SOC and SIZ expected");
    return read_siz();
  }

  bool read_siz() {
    const std::uint64_t at = reader_.offset() - 2;
    std::optional<be16> length = reader_.read<be16>();
    std::optional<SizSegment> segment = reader_.read<SizSegment>();
    if (!length || !segment) return truncated("inside SIZ");
    const std::uint32_t components = segment->components;
    if (components == 0 || components > 16384)
      return report(size_segment, at + 38, 2, fmt::format("{} components", components));
    // T.800 table A.9: Lsiz = 38 + 3 Csiz.
    if (*length != 38 + 3 * components)
      return report(marker_length, at + 2, 2,
                    fmt::format("SIZ of {} bytes for {} components", length->value(), components));
    if (!read_grid(*segment, at)) return false;
    for (std::uint32_t i = 0; i < components; ++i) {
      std::optional<SizComponent> component = reader_.read<SizComponent>();
      if (!component) return truncated("inside SIZ");
      if (!read_component(*component, i)) return false;
    }
    geometry_.components = components;
    geometry_.high_throughput = (segment->capabilities & 0x4000) != 0; // T.814 A.2
    geometry_.extended = (segment->capabilities & 0x8000) != 0;        // T.801 A.2.1
    geometry_.known = true;
    outline(0, at, reader_.offset() - at, "SIZ",
            fmt::format("{} x {}, {} components of {} bits, {} tiles", geometry_.width, geometry_.height,
                        components, geometry_.bits, tiles_));
    return true;
  }

  /// T.800 B.2 and B.3: the image lies on the reference grid, and the first tile holds part of it.
  bool read_grid(const SizSegment &grid, std::uint64_t at) {
    const std::uint64_t width = grid.width, height = grid.height, left = grid.x_offset, top = grid.y_offset;
    const std::uint64_t tile_width = grid.tile_width, tile_height = grid.tile_height;
    const std::uint64_t tile_left = grid.tile_x_offset, tile_top = grid.tile_y_offset;
    if (left >= width || top >= height)
      return report(size_segment, at + 6, 16,
                    fmt::format("image area {} x {} from {}, {}", width, height, left, top));
    if (tile_width == 0 || tile_height == 0 || tile_left > left || tile_top > top ||
        tile_left + tile_width <= left || tile_top + tile_height <= top)
      return report(
          size_segment, at + 22, 16,
          fmt::format("tiles of {} x {} from {}, {}", tile_width, tile_height, tile_left, tile_top));
    geometry_.width = static_cast<std::uint32_t>(width - left);
    geometry_.height = static_cast<std::uint32_t>(height - top);
    geometry_.shifted = left != 0 || top != 0;
    tiles_ = ceil_divide(width - tile_left, tile_width) * ceil_divide(height - tile_top, tile_height);
    // Isot has 16 bits and T.800 table A.10 allows the values 0 to 65534.
    if (tiles_ > 65535) return report(size_segment, at + 22, 16, fmt::format("{} tiles", tiles_));
    return true;
  }

  bool read_component(const SizComponent &component, std::uint32_t number) {
    const std::uint32_t bits = (component.depth & 0x7fu) + 1;
    if (bits > 38 || component.x_step == 0 || component.y_step == 0)
      return report(size_segment, reader_.offset() - 3, 3,
                    fmt::format("component {}: {} bits, one sample every {} x {}", number, bits,
                                component.x_step, component.y_step));
    geometry_.bits = std::max(geometry_.bits, bits);
    geometry_.any_signed |= (component.depth & 0x80) != 0;
    geometry_.subsampled |= component.x_step != 1 || component.y_step != 1;
    return true;
  }

  bool read_main_header() {
    bool has_coding = false, has_quantization = false, overridden = false;
    while (true) {
      const std::uint64_t at = reader_.offset();
      std::optional<be16> marker = reader_.peek<be16>();
      if (!marker) return truncated("inside the main header");
      if (*marker == sot) {
        if (!has_coding || !has_quantization)
          return report(marker_order, at, 2,
                        fmt::format("no {} before the first tile-part", has_coding ? "QCD" : "COD"));
        return overridden || check_steps(quantization_at_);
      }
      std::optional<Bytes> body = read_segment(0, in_main_header(*marker));
      if (!body) return false;
      if (*marker == cod) has_coding = true, coding_at_ = at;
      if (*marker == qcd) has_quantization = true, quantization_at_ = at;
      overridden |= *marker == coc || *marker == qcc;
      if (*marker == cod && !check_coding(*body, at)) return false;
      if (*marker == qcd && !check_quantization(*body, at)) return false;
    }
  }

  /// Takes a whole marker segment; its body is what follows the length field.
  std::optional<Bytes> read_segment(unsigned level, bool expected) {
    const std::uint64_t at = reader_.offset();
    const std::uint16_t marker = *reader_.read<be16>();
    if (marker < 0xff01 || marker == soc || marker == sod || marker == eoc) {
      report(marker_order, at, 2, fmt::format("{} where a marker segment should be", marker_name(marker)));
      return std::nullopt;
    }
    if (!expected) report(marker_unknown, at, 2, fmt::format("{} may not stand here", marker_name(marker)));
    // T.800 A.1.3: markers FF30 to FF3F have no length and no parameters.
    if (marker >= 0xff30 && marker <= 0xff3f) return Bytes{};
    std::optional<be16> length = reader_.read<be16>();
    if (!length) {
      truncated("inside " + marker_name(marker));
      return std::nullopt;
    }
    if (*length < 2) {
      report(marker_length, at + 2, 2, fmt::format("{} of {} bytes", marker_name(marker), length->value()));
      return std::nullopt;
    }
    std::optional<Bytes> body = reader_.take(*length - 2u);
    if (!body) {
      truncated("inside " + marker_name(marker));
      return std::nullopt;
    }
    outline(level, at, 4 + body->size(), marker_name(marker));
    return body;
  }

  /// T.800 A.6.1: Scod, progression, layers (2), transform, then tables A.15 to A.21.
  bool check_coding(Bytes body, std::uint64_t at) {
    if (body.size() < 10)
      return report(marker_length, at + 2, 2, fmt::format("COD of {} bytes", body.size() + 2));
    auto wrong = [&](std::uint64_t field, std::string what) {
      return report(coding, at + 4 + field, 1, std::move(what));
    };
    const std::uint32_t style = body[0], levels = body[5];
    const std::uint32_t layers = body[2] * 256u + body[3];
    if (body[1] > 4) return wrong(1, fmt::format("progression order {}", body[1]));
    if (layers == 0) return wrong(2, "no layers");
    if (body[4] > 1 && !geometry_.extended)
      return wrong(4, fmt::format("component transformation {}", body[4]));
    if (body[4] == 1 && geometry_.components < 3)
      return wrong(4,
                   fmt::format("a transformation of three components, there are {}", geometry_.components));
    if (levels > 32) return wrong(5, fmt::format("{} decomposition levels", levels));
    // Table A.18: 2^(x+2) by 2^(y+2), neither above 1,024 and not above 4,096 together.
    if (body[6] > 8 || body[7] > 8 || body[6] + body[7] > 8)
      return wrong(6, fmt::format("code-blocks of 2^{} x 2^{}", body[6] + 2, body[7] + 2));
    if (body[9] > 1 && !geometry_.extended)
      return wrong(9, fmt::format("wavelet transformation {}", body[9]));
    const std::size_t precincts = (style & 1) != 0 ? levels + 1 : 0;
    if (body.size() != 10 + precincts)
      return report(marker_length, at + 2, 2,
                    fmt::format("COD of {} bytes for {} levels", body.size() + 2, levels));
    // Table A.21: only the lowest resolution may have precincts one sample wide or high.
    for (std::size_t i = 1; i < precincts; ++i)
      if ((body[10 + i] & 15) == 0 || body[10 + i] >> 4 == 0)
        return wrong(10 + i, fmt::format("precincts of one sample at resolution {}", i));
    levels_ = levels;
    return true;
  }

  /// T.800 A.6.4, table A.28: the style is in the five low bits.
  bool check_quantization(Bytes body, std::uint64_t at) {
    if (body.empty()) return report(marker_length, at + 2, 2, "QCD of 2 bytes");
    const std::uint32_t style = body[0] & 0x1fu;
    const std::size_t steps = body.size() - 1;
    if (style > 2) return report(quantization, at + 4, 1, fmt::format("quantization style {}", style));
    if ((style == 1 && steps != 2) || (style == 2 && steps % 2 != 0) || steps == 0)
      return report(marker_length, at + 2, 2,
                    fmt::format("QCD of {} bytes for style {}", body.size() + 2, style));
    sub_bands_ = style == 1 ? SIZE_MAX : style == 2 ? steps / 2 : steps;
    return true;
  }

  /// T.800 equation A-4: 3 x levels + 1 sub-bands. More steps than that do no harm.
  bool check_steps(std::uint64_t at) {
    const std::size_t needed = 3 * std::size_t{levels_} + 1;
    if (sub_bands_ >= needed) return true;
    return report(quantization, at, 0, fmt::format("{} steps for {} sub-bands", sub_bands_, needed));
  }

  // --- tile-parts ---

  bool read_tiles() {
    next_part_.assign(tiles_, 0);
    declared_parts_.assign(tiles_, 0);
    while (true) {
      const std::uint64_t at = reader_.offset();
      std::optional<be16> marker = reader_.peek<be16>();
      if (!marker) return end_without_eoc();
      if (*marker == eoc) return read_end(at);
      if (*marker != sot)
        return report(tile_length, at, 2,
                      fmt::format("{:04x} where the next tile-part or EOC should be", marker->value()));
      if (!read_tile_part(at)) return false;
    }
  }

  bool read_tile_part(std::uint64_t at) {
    reader_.skip(2);
    std::optional<SotSegment> part = reader_.read<SotSegment>();
    if (!part) return truncated("inside SOT");
    if (part->length != 10)
      return report(marker_length, at + 2, 2, fmt::format("SOT of {} bytes", part->length.value()));
    if (!check_part(*part, at)) return false;
    const std::uint64_t end = end_of_part(*part, at);
    if (end == 0) return false;
    outline(0, at, end - at, "SOT", fmt::format("tile {}, part {}", part->tile.value(), part->part));
    if (!read_tile_header(end)) return false;
    if (depth_ >= Depth::content && !geometry_.high_throughput && !check_data(end, part->tile)) return false;
    reader_.seek(end);
    return true;
  }

  bool check_part(const SotSegment &part, std::uint64_t at) {
    const std::uint32_t tile = part.tile;
    if (tile >= tiles_) return report(tile_fields, at + 4, 2, fmt::format("tile {} of {}", tile, tiles_));
    if (part.part != next_part_[tile])
      return report(tile_fields, at + 10, 1,
                    fmt::format("tile {}: part {} where {} should be", tile, part.part, next_part_[tile]));
    // TNsot may be told in any of the parts (zero: not told), but not twice differently.
    std::uint16_t &parts = declared_parts_[tile];
    if (part.parts != 0 && ((parts != 0 && parts != part.parts) || part.part >= part.parts))
      return report(tile_fields, at + 11, 1,
                    fmt::format("tile {}: part {} of {}", tile, part.part + 1, part.parts));
    if (part.parts != 0) parts = part.parts;
    ++next_part_[tile];
    return true;
  }

  /// Psot counts from the SOT marker; zero: up to EOC. Returns 0 after a finding.
  std::uint64_t end_of_part(const SotSegment &part, std::uint64_t at) {
    const std::uint64_t available = stream_.size() - at;
    if (part.part_length == 0) {
      const bool closed =
          available >= 16 && stream_[stream_.size() - 2] == 0xff && stream_.back() == (eoc & 0xff);
      return stream_.size() - (closed ? 2 : 0);
    }
    if (part.part_length < 14) {
      report(tile_length, at + 6, 4, fmt::format("a tile-part of {} bytes", part.part_length.value()));
      return 0;
    }
    if (part.part_length > available) {
      truncated(fmt::format("inside tile {} of {}: {} of {} bytes", part.tile.value(), tiles_, available,
                            part.part_length.value()));
      return 0;
    }
    return at + part.part_length;
  }

  bool read_tile_header(std::uint64_t end) {
    while (true) {
      const std::uint64_t at = reader_.offset();
      std::optional<be16> marker = reader_.peek<be16>();
      if (!marker) return truncated("inside a tile-part header");
      if (*marker == sod) {
        reader_.skip(2);
        if (reader_.offset() <= end) return true;
        return report(tile_length, at, 2, "SOD lies past the end of the tile-part");
      }
      std::optional<Bytes> body = read_segment(1, in_tile_header(*marker));
      if (!body) return false;
      if (reader_.offset() > end)
        return report(tile_length, at, 2, "the header is longer than the tile-part");
    }
  }

  /// T.800 B.10.1 and C.2.10: after FF no byte above 8F, in packet headers and bodies alike. A pair
  /// above FF8F can only be a marker, and within data there are two.
  bool check_data(std::uint64_t end, std::uint32_t tile) {
    std::uint64_t at = reader_.offset();
    while (at + 1 < end) {
      const void *found = std::memchr(stream_.data() + at, 0xff, end - at - 1);
      if (found == nullptr) break;
      at = static_cast<std::uint64_t>(static_cast<const std::uint8_t *>(found) - stream_.data());
      const std::uint16_t pair = static_cast<std::uint16_t>(0xff00u | stream_[at + 1]);
      if (pair > 0xff8f && pair != sop && pair != eph)
        return report(data_marker, at, 2, fmt::format("{:04x} in the data of tile {}", pair, tile));
      at += pair > 0xff8f ? 2 : 1;
    }
    return true;
  }

  // --- the end ---

  bool all_tiles_are_there(std::uint64_t at) {
    for (std::size_t tile = 0; tile < tiles_; ++tile)
      if (next_part_[tile] == 0 || next_part_[tile] < declared_parts_[tile])
        return report(tile_missing, at, 0,
                      fmt::format("tile {} of {}: {} of {} parts", tile, tiles_, next_part_[tile],
                                  std::max<unsigned>(declared_parts_[tile], 1)));
    return true;
  }

  bool end_without_eoc() {
    for (std::size_t tile = 0; tile < tiles_; ++tile)
      if (next_part_[tile] == 0 || next_part_[tile] < declared_parts_[tile])
        return truncated(fmt::format("before tile {} of {} is complete", tile, tiles_));
    report(end_missing, stream_.size(), 0, "the codestream ends after its last tile-part");
    return true;
  }

  bool read_end(std::uint64_t at) {
    if (!all_tiles_are_there(at)) return false;
    reader_.skip(2);
    outline(0, at, 2, "EOC");
    if (!reader_.at_end())
      report(trailing, reader_.offset(), reader_.remaining(),
             fmt::format("{} bytes after EOC", reader_.remaining()));
    return true;
  }

  Bytes stream_;
  ByteReader reader_;
  std::uint64_t offset_;
  Depth depth_;
  Evidence &evidence_;
  Geometry geometry_;
  std::uint64_t tiles_ = 0;
  std::uint64_t coding_at_ = 0, quantization_at_ = 0;
  std::uint32_t levels_ = 0;
  std::size_t sub_bands_ = 0;
  std::vector<std::uint16_t> next_part_, declared_parts_; ///< by tile
};

} // namespace

Geometry check_codestream(Bytes stream, std::uint64_t offset, Depth depth, Evidence &evidence) {
  return Checker(stream, offset, depth, evidence).check();
}

} // namespace datavet::jpeg2000
