#include "formats/bmp/bmp.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "formats/any/rules.h"
#include "formats/bmp/header.h"
#include "formats/bmp/loaders.h"
#include "formats/bmp/pixels.h"
#include "formats/bmp/rules.h"

namespace datavet {

namespace bmp {

namespace {

/// Where the fields of the header stand, so that findings point at them.
std::uint64_t field(const Header &header, std::uint64_t in_info, std::uint64_t in_core) {
  return header.at + (header.size == core_size ? in_core : in_info);
}

bool goes_with(Compression compression, std::uint32_t bits) {
  switch (compression) {
  case Compression::none: return bits != 0;
  case Compression::rle8: return bits == 8;
  case Compression::rle4: return bits == 4;
  case Compression::bit_fields:
  case Compression::alpha_bit_fields: return bits == 16 || bits == 32;
  case Compression::jpeg:
  case Compression::png: return true; // "biBitCount is 0", but writers set what the picture has
  case Compression::cmyk: return bits == 32;
  case Compression::cmyk_rle8:
  case Compression::cmyk_rle4: return true;
  case Compression::huffman: return bits == 1;
  case Compression::rle24: return bits == 24;
  case Compression::unknown: return false;
  }
  return false;
}

/// Judges the fields that geometry depends on. False when there is no use in going on.
bool check_fields(const Header &header, Findings &findings) {
  if (header.planes != 1)
    findings.add(planes, field(header, 12, 8), 2, fmt::format("{} planes", header.planes));
  if (header.width <= 0 || header.height == 0) {
    findings.add(dimensions, field(header, 4, 4), header.size == core_size ? 4 : 8,
                 fmt::format("{} x {} pixels", header.width, header.height));
    return false;
  }
  constexpr std::uint32_t defined[] = {0, 1, 2, 4, 8, 16, 24, 32};
  if (std::find(std::begin(defined), std::end(defined), header.bits) == std::end(defined)) {
    findings.add(bit_count, field(header, 14, 10), 2, fmt::format("{} bits per pixel", header.bits));
    return false;
  }
  if (!goes_with(header.compression, header.bits)) {
    findings.add(bad_compression, field(header, 16, 10), 4,
                 header.compression == Compression::unknown
                     ? fmt::format("compression {}", header.stored_compression)
                     : fmt::format("{} with {} bits per pixel", name_of(header.compression), header.bits));
    return false;
  }
  const bool compressed = header.compression != Compression::none &&
                          header.compression != Compression::bit_fields &&
                          header.compression != Compression::alpha_bit_fields;
  if (header.top_down && compressed)
    findings.add(top_down, header.at + 8, 4,
                 fmt::format("{} and rows from top to bottom", name_of(header.compression)));
  if (header.indexed() && header.colours_used > 256) {
    findings.add(palette_size, header.at + 32, 4, fmt::format("{} colours", header.colours_used));
    return false;
  }
  if (header.indexed() && header.colours_used > 1u << header.bits)
    findings.add(palette_excess, header.at + 32, 4,
                 fmt::format("{} colours for {} bits per pixel", header.colours_used, header.bits));
  return true;
}

void fill_facts(const Header &header, Facts &facts) {
  facts.width = static_cast<std::uint32_t>(header.width);
  facts.height = static_cast<std::uint32_t>(header.height);
  facts.frames = 1;
  const bool alpha =
      header.masks.alpha != 0 && header.bits == 32 &&
      (header.compression == Compression::bit_fields || header.compression == Compression::alpha_bit_fields);
  facts.channels = header.indexed() ? 1 : alpha ? 4 : 3;
  facts.colour = header.indexed() ? Colour::palette : alpha ? Colour::rgba : Colour::rgb;
  facts.bits = static_cast<std::uint16_t>(header.indexed() ? header.bits : header.bits == 16 ? 5 : 8);
  // Loaders expand a palette to three channels.
  facts.decoded_bytes =
      std::uint64_t{facts.width} * facts.height * std::max<std::uint64_t>(facts.channels, 3);
}

void check_masks(const Header &header, Findings &findings) {
  if (header.compression != Compression::bit_fields && header.compression != Compression::alpha_bit_fields)
    return;
  if (header.masks == Masks{}) return; // Pillow and OpenCV both take BGRA then
  const std::uint64_t at = header.at + info_size;
  struct Named {
    std::string_view name;
    std::uint32_t mask;
  };
  const Named all[] = {{"red", header.masks.red},
                       {"green", header.masks.green},
                       {"blue", header.masks.blue},
                       {"alpha", header.masks.alpha}};
  std::uint32_t taken = 0;
  for (std::size_t i = 0; i < std::size(all); ++i) {
    const std::uint32_t mask = all[i].mask;
    const std::uint32_t run = mask == 0 ? 0 : mask >> std::countr_zero(mask);
    const bool contiguous = (run & (run + 1)) == 0;
    const bool overlaps = (mask & taken) != 0;
    const bool outside = header.bits == 16 && mask > 0xffff;
    if (!contiguous || overlaps || outside) {
      findings.add(masks, at + 4 * i, 4,
                   fmt::format("{} mask {:08x} {}", all[i].name, mask,
                               !contiguous ? "has holes"
                               : overlaps  ? "overlaps another"
                                           : "lies outside the pixel"));
      return;
    }
    taken |= mask;
  }
  if (opencv_mistakes_colours(header))
    findings.add(
        masks_ignored, at, 16,
        fmt::format("masks {:08x} {:08x} {:08x}", header.masks.red, header.masks.green, header.masks.blue));
}

/// A header or masks that no specification knows: that Pillow refuses them goes without saying.
bool has_undefined_fields(const Findings &findings) {
  return std::any_of(findings.list().begin(), findings.list().end(), [](const Finding &finding) {
    return finding.rule == &header_size || finding.rule == &masks;
  });
}

void check_kind(const Header &header, Bytes sample, Findings &findings) {
  const std::optional<std::string> pillow = pillow_refusal(header), opencv = opencv_refusal(header, sample);
  if (pillow && opencv)
    return findings.add(refused, header.at, header.size,
                        fmt::format("Pillow: {}; OpenCV: {}", *pillow, *opencv));
  check_masks(header, findings);
  if (header.bare)
    findings.add(no_file_header, 0, 0, "a DIB as on the clipboard");
  else if (opencv)
    findings.add(partly_refused, header.at, header.size, fmt::format("OpenCV refuses it: {}", *opencv));
  else if (pillow && !has_undefined_fields(findings))
    findings.add(partly_refused, header.at, header.size, fmt::format("Pillow refuses it: {}", *pillow));
}

void check_limits(const Facts &facts, const Limits &limits, Findings &findings) {
  const std::uint64_t pixels = std::uint64_t{facts.width} * facts.height;
  if (pixels > limits.pixels)
    findings.add(any::too_large, 0, 0, fmt::format("{} pixels, the limit is {}", pixels, limits.pixels));
  else if (facts.decoded_bytes > limits.decoded_bytes)
    findings.add(any::too_large, 0, 0,
                 fmt::format("{} bytes decoded, the limit is {}", facts.decoded_bytes, limits.decoded_bytes));
}

std::string_view header_name(const Header &header) {
  switch (header.size) {
  case core_size: return "BITMAPCOREHEADER";
  case info_size: return "BITMAPINFOHEADER";
  case v2_size: return "BITMAPV2INFOHEADER";
  case v3_size: return "BITMAPV3INFOHEADER";
  case v4_size: return "BITMAPV4HEADER";
  case v5_size: return "BITMAPV5HEADER";
  default: return header.os2 ? "OS22XBITMAPHEADER" : "DIB header";
  }
}

void outline_headers(const Header &header, Outline *outline) {
  if (outline == nullptr) return;
  if (!header.bare) outline->add(0, 0, sizeof(FileHeader), "BITMAPFILEHEADER");
  outline->add(0, header.at, header.size, std::string(header_name(header)),
               fmt::format("{} x {}, {} bits per pixel, {}{}", header.width, header.height, header.bits,
                           name_of(header.compression), header.top_down ? ", top-down" : ""));
}

void check(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  std::optional<Header> header = read_header(sample, evidence);
  if (!header) return;
  outline_headers(*header, evidence.outline);
  if (!check_fields(*header, evidence.findings)) return;
  fill_facts(*header, evidence.facts);
  if (options.depth >= Depth::structure) check_pixels(*header, sample, options.depth, evidence);
  if (evidence.findings.any_at_least(Severity::error)) return;
  check_kind(*header, sample, evidence.findings);
  check_limits(evidence.facts, options.limits, evidence.findings);
}

constexpr std::string_view extensions[] = {"bmp", "dib"};

} // namespace

} // namespace bmp

const Format bmp_format{
    .name = "bmp",
    .title = "BMP",
    .layout = Layout::whole,
    .extensions = bmp::extensions,
    .rules = bmp::all_rules,
    .sniff = bmp::is_bmp,
    .check = bmp::check,
    .decoder_family = "opencv",
    .asks_decoder_from = Depth::decode,
};

} // namespace datavet
