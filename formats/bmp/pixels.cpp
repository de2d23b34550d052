#include "formats/bmp/pixels.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "formats/bmp/rle.h"
#include "formats/bmp/rules.h"

namespace datavet::bmp {

namespace {

constexpr std::uint32_t profile_linked_mark = 0x4c494e4b;   // 'LINK'
constexpr std::uint32_t profile_embedded_mark = 0x4d424544; // 'MBED'

/// Colours of the palette that stand before the pixel data.
std::uint64_t colours_present(const Header &header) {
  if (header.pixel_offset <= header.palette_at) return 0;
  return std::min(header.palette_colours, (header.pixel_offset - header.palette_at) / header.colour_size);
}

/// Masks and palette, then the place where the pixels begin. False when there are none.
bool check_layout(const Header &header, Bytes sample, Evidence &evidence) {
  if (header.pixel_offset < header.header_end()) {
    evidence.findings.add(
        pixels_offset, 10, 4,
        fmt::format("pixel data at {}, the headers end at {}", header.pixel_offset, header.header_end()));
    return false;
  }
  if (header.indexed() && header.palette_end() > sample.size()) {
    evidence.findings.add(header_truncated, sample.size(), 0, "the file ends inside the palette");
    return false;
  }
  if (header.pixel_offset >= sample.size()) {
    evidence.findings.add(pixels_truncated, sample.size(), 0,
                          fmt::format("pixel data would begin at byte {}, the file has {}",
                                      header.pixel_offset, sample.size()));
    return false;
  }
  if (header.pixel_offset < header.palette_end())
    evidence.findings.add(pixels_overlap, header.pixel_offset, 0,
                          fmt::format("pixel data at {}, masks and palette of {} colours end at {}",
                                      header.pixel_offset, header.palette_colours, header.palette_end()));
  if (evidence.outline != nullptr) {
    if (header.palette_at > header.header_end())
      evidence.outline->add(0, header.header_end(), header.palette_at - header.header_end(), "colour masks");
    if (colours_present(header) > 0)
      evidence.outline->add(0, header.palette_at, colours_present(header) * header.colour_size, "palette",
                            fmt::format("{} colours", colours_present(header)));
  }
  return true;
}

bool is_run_length(Compression compression) {
  return compression == Compression::rle8 || compression == Compression::rle4;
}

bool has_plain_rows(Compression compression) {
  return compression == Compression::none || compression == Compression::bit_fields ||
         compression == Compression::alpha_bit_fields || compression == Compression::cmyk;
}

/// Microsoft: rows are stored one after another, each padded to four bytes. Returns the end of the
/// last row, or nothing when it is not in the file.
std::optional<std::uint64_t> check_rows(const Header &header, Bytes sample, Findings &findings) {
  const std::uint64_t available = sample.size() - header.pixel_offset;
  const std::uint64_t height = static_cast<std::uint64_t>(header.height);
  const std::uint64_t whole_rows = available / header.row_bytes();
  if (whole_rows < height) {
    findings.add(pixels_truncated, sample.size(), 0,
                 fmt::format("the file ends in row {} of {}", whole_rows + 1, height));
    return std::nullopt;
  }
  return header.pixel_offset + height * header.row_bytes();
}

/// A picture of another format inside: all that can be said is whether its bytes are there.
std::optional<std::uint64_t> check_embedded(const Header &header, Bytes sample, Findings &findings) {
  if (header.image_size > sample.size() - header.pixel_offset) {
    findings.add(pixels_truncated, sample.size(), 0,
                 fmt::format("{} bytes of {} declared, {} are there", header.image_size,
                             name_of(header.compression), sample.size() - header.pixel_offset));
    return std::nullopt;
  }
  return sample.size();
}

/// First pixel of a row whose index is not below `colours`, or `width`.
std::uint64_t first_bad_index(Bytes row, std::uint64_t width, std::uint32_t bits, std::uint64_t colours) {
  if (bits == 8) {
    // One pass without a branch, which the compiler turns into vector code; most rows end here.
    std::uint8_t highest = 0;
    for (std::uint8_t index : row.first(width)) highest = std::max(highest, index);
    if (highest < colours) return width;
  }
  const std::uint32_t per_byte = 8 / bits, mask = (1u << bits) - 1;
  for (std::uint64_t x = 0; x < width; ++x) {
    const std::uint32_t shift = bits * (per_byte - 1 - static_cast<std::uint32_t>(x % per_byte));
    if (((std::uint32_t{row[x / per_byte]} >> shift) & mask) >= colours) return x;
  }
  return width;
}

void check_indices(const Header &header, Bytes sample, std::uint64_t colours, Findings &findings) {
  if (!header.indexed() || colours == 0 || colours >= 1u << header.bits) return;
  const std::uint64_t width = static_cast<std::uint64_t>(header.width);
  for (std::uint64_t row = 0; row < static_cast<std::uint64_t>(header.height); ++row) {
    const std::uint64_t at = header.pixel_offset + row * header.row_bytes();
    const std::uint64_t x =
        first_bad_index(sample.subspan(at, header.row_bytes()), width, header.bits, colours);
    if (x == width) continue;
    findings.add(palette_index, at + x * header.bits / 8, 1,
                 fmt::format("row {}, column {}: a colour past the palette of {}", row + 1, x, colours));
    return;
  }
}

/// Returns the end of the stream, or nothing when that cannot be told.
std::optional<std::uint64_t> check_runs(const Header &header, Bytes sample, Findings &findings) {
  // Without a whole palette no index can be judged: pixels_overlap has said so.
  const std::uint64_t colours = header.pixel_offset < header.palette_end() ? 256 : colours_present(header);
  RleWalk walk = walk_rle(sample.subspan(header.pixel_offset), static_cast<std::uint64_t>(header.width),
                          static_cast<std::uint64_t>(header.height), header.bits, colours);
  if (walk.broken != nullptr)
    findings.add(*walk.broken, header.pixel_offset + walk.broken_at, 0, walk.detail);
  if (walk.broken != nullptr && walk.broken != &rle_end) return std::nullopt;
  if (walk.bad_index)
    findings.add(palette_index, header.pixel_offset + walk.bad_index_at, 1,
                 fmt::format("a colour past the palette of {}", colours));
  if (walk.unset > 0)
    findings.add(rle_unset, header.pixel_offset, walk.end,
                 fmt::format("{} of {} pixels are skipped", walk.unset, header.width * header.height));
  return header.pixel_offset + walk.end;
}

/// Returns the end of the profile, 0 without one, nothing when it is not where the header says.
std::optional<std::uint64_t> check_profile(const Header &header, Bytes sample, Evidence &evidence) {
  const bool linked = header.colour_space == profile_linked_mark;
  if (header.size < v5_size || (!linked && header.colour_space != profile_embedded_mark)) return 0;
  if (linked) evidence.findings.add(profile_linked, header.at + 56, 4, "the header names a profile file");
  const std::uint64_t begin = header.at + header.profile_offset;
  if (begin > sample.size() || header.profile_size > sample.size() - begin) {
    evidence.findings.add(
        profile_place, header.at + 112, 8,
        fmt::format("{} bytes at {}, the file has {}", header.profile_size, begin, sample.size()));
    return std::nullopt;
  }
  if (evidence.outline != nullptr) evidence.outline->add(0, begin, header.profile_size, "colour profile");
  return begin + header.profile_size;
}

void check_file_size(const Header &header, Bytes sample, Findings &findings) {
  if (!header.bare && header.stored_file_size != sample.size())
    findings.add(file_size, 2, 4,
                 fmt::format("stored {}, the file has {}", header.stored_file_size, sample.size()));
}

void check_trailing(std::uint64_t end, std::uint64_t size, Findings &findings) {
  if (end >= size) return;
  constexpr std::uint64_t largest_padding = 3;
  findings.add(size - end > largest_padding ? trailing : padding, end, size - end,
               fmt::format("{} bytes after the last one that belongs to something", size - end));
}

} // namespace

void check_pixels(const Header &header, Bytes sample, Depth depth, Evidence &evidence) {
  if (!check_layout(header, sample, evidence)) return;
  std::optional<std::uint64_t> end;
  if (has_plain_rows(header.compression))
    end = check_rows(header, sample, evidence.findings);
  else if (!is_run_length(header.compression))
    end = check_embedded(header, sample, evidence.findings);
  else if (depth >= Depth::content)
    end = check_runs(header, sample, evidence.findings);
  if (!end) return;
  if (evidence.outline != nullptr)
    evidence.outline->add(0, header.pixel_offset, *end - header.pixel_offset, "pixel data",
                          std::string(name_of(header.compression)));
  check_file_size(header, sample, evidence.findings);
  // When pixels begin where colours should be, neither indices nor what follows can be judged.
  if (header.pixel_offset < header.palette_end()) return;
  if (header.compression == Compression::none && depth >= Depth::content)
    check_indices(header, sample, colours_present(header), evidence.findings);
  const std::optional<std::uint64_t> profile_end = check_profile(header, sample, evidence);
  if (!profile_end) return;
  // Writers may count padding of their own as part of the pixels.
  const std::uint64_t declared_end = header.pixel_offset + header.image_size;
  check_trailing(std::max({*end, *profile_end, declared_end <= sample.size() ? declared_end : 0}),
                 sample.size(), evidence.findings);
}

} // namespace datavet::bmp
