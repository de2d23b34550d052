#include "formats/bmp/header.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "formats/bmp/rules.h"
#include "formats/bytes/byte_reader.h"

namespace datavet::bmp {

std::string_view name_of(Compression compression) {
  switch (compression) {
  case Compression::none: return "uncompressed";
  case Compression::rle8: return "RLE8";
  case Compression::rle4: return "RLE4";
  case Compression::bit_fields: return "BITFIELDS";
  case Compression::jpeg: return "JPEG";
  case Compression::png: return "PNG";
  case Compression::alpha_bit_fields: return "ALPHABITFIELDS";
  case Compression::cmyk: return "CMYK";
  case Compression::cmyk_rle8: return "CMYK RLE8";
  case Compression::cmyk_rle4: return "CMYK RLE4";
  case Compression::huffman: return "Huffman 1D";
  case Compression::rle24: return "RLE24";
  case Compression::unknown: break;
  }
  return "unknown";
}

namespace {

Compression compression_of(std::uint32_t stored, bool os2) {
  switch (stored) {
  case 0: return Compression::none;
  case 1: return Compression::rle8;
  case 2: return Compression::rle4;
  // OS/2 2.0 gave these two numbers a meaning of their own: BCA_HUFFMAN1D and BCA_RLE24.
  case 3: return os2 ? Compression::huffman : Compression::bit_fields;
  case 4: return os2 ? Compression::rle24 : Compression::jpeg;
  case 5: return Compression::png;
  case 6: return Compression::alpha_bit_fields;
  case 11: return Compression::cmyk;
  case 12: return Compression::cmyk_rle8;
  case 13: return Compression::cmyk_rle4;
  default: return Compression::unknown;
  }
}

/// OS/2 2.x lets a writer cut the 64-byte header after any field.
bool is_os2_size(std::uint32_t size) {
  constexpr std::uint32_t sizes[] = {16, 20, 24, 28, 32, 36, 42, 44, 46, 48, 60, os2_size};
  return std::find(std::begin(sizes), std::end(sizes), size) != std::end(sizes);
}

bool is_windows_size(std::uint32_t size) {
  return size == core_size || size == info_size || size == v2_size || size == v3_size || size == v4_size ||
         size == v5_size;
}

/// A DIB begins with a number that many formats may begin with: the fields after it must hold too.
bool is_bare_dib(Bytes head) {
  std::optional<DibHeader> dib;
  if (head.size() >= info_size) {
    dib.emplace();
    std::memcpy(&*dib, head.data(), info_size);
  }
  if (!dib || (dib->size != info_size && dib->size != v4_size && dib->size != v5_size)) return false;
  constexpr std::uint32_t largest = 1u << 20;
  const std::uint32_t height = dib->height >> 31 ? 0u - dib->height : dib->height.value();
  const std::uint32_t bits = dib->bits;
  const bool sound_bits = bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
  return dib->width >= 1 && dib->width <= largest && height >= 1 && height <= largest && dib->planes == 1 &&
         sound_bits && dib->compression <= 6;
}

bool has_file_header(Bytes head) {
  if (head.size() < sizeof(FileHeader) + 4 || head[0] != 'B' || head[1] != 'M') return false;
  // A text that begins with "BM" has letters here, so its "header" would be larger than 64 KiB.
  const std::uint32_t dib_size = *ByteReader(head, sizeof(FileHeader)).read<le32>();
  return dib_size >= core_size && dib_size <= 0xffff;
}

void read_core(const CoreHeader &core, Header &header) {
  header.width = core.width;
  header.height = core.height;
  header.planes = core.planes;
  header.bits = core.bits;
  header.colour_size = 3; // Microsoft: BITMAPCOREINFO holds RGBTRIPLEs
}

void read_dib(const DibHeader &dib, Header &header) {
  header.width = static_cast<std::int32_t>(dib.width.value());
  header.height = static_cast<std::int32_t>(dib.height.value());
  header.top_down = header.height < 0;
  if (header.top_down) header.height = -header.height;
  header.planes = dib.planes;
  header.bits = dib.bits;
  header.stored_compression = dib.compression;
  header.compression = compression_of(dib.compression, header.os2);
  header.image_size = dib.image_size;
  header.colours_used = dib.colours_used;
  if (header.size >= v3_size && !header.os2)
    header.masks = {dib.red_mask, dib.green_mask, dib.blue_mask, dib.alpha_mask};
  else if (header.size == v2_size)
    header.masks = {dib.red_mask, dib.green_mask, dib.blue_mask, 0};
  if (header.size >= v4_size) header.colour_space = dib.colour_space;
  if (header.size >= v5_size) {
    header.profile_offset = dib.profile_offset;
    header.profile_size = dib.profile_size;
  }
}

/// Microsoft: after a BITMAPINFOHEADER come three masks for BI_BITFIELDS, four for BI_ALPHABITFIELDS.
bool read_masks_after(ByteReader &reader, Header &header) {
  if (header.size != info_size) return true;
  const bool fields = header.compression == Compression::bit_fields;
  const bool alpha = header.compression == Compression::alpha_bit_fields;
  if (!fields && !alpha) return true;
  std::uint32_t *masks[] = {&header.masks.red, &header.masks.green, &header.masks.blue, &header.masks.alpha};
  for (std::uint32_t *mask : std::span(masks).first(alpha ? 4 : 3)) {
    std::optional<le32> stored = reader.read<le32>();
    if (!stored) return false;
    *mask = *stored;
  }
  return true;
}

} // namespace

bool is_bmp(Bytes head) { return has_file_header(head) || is_bare_dib(head); }

std::optional<Header> read_header(Bytes sample, Evidence &evidence) {
  const bool signed_file = sample.size() >= 2 && sample[0] == 'B' && sample[1] == 'M';
  Header header;
  header.bare = !signed_file;
  if (header.bare && !is_bare_dib(sample)) {
    evidence.findings.add(bad_signature, 0, std::min<std::uint64_t>(sample.size(), 2));
    return std::nullopt;
  }
  auto truncated = [&](std::string_view what) {
    evidence.findings.add(header_truncated, sample.size(), 0, fmt::format("the file ends inside {}", what));
    return std::nullopt;
  };
  ByteReader reader(sample);
  if (!header.bare) {
    std::optional<FileHeader> file = reader.read<FileHeader>();
    if (!file) return truncated("the file header");
    header.stored_file_size = file->size;
    header.pixel_offset = file->pixel_offset;
  }
  header.at = reader.offset();
  std::optional<le32> size = reader.peek<le32>();
  if (!size) return truncated("the DIB header");
  header.size = *size;
  header.os2 = is_os2_size(header.size);
  if (header.size < core_size || header.size > 0xffff) {
    evidence.findings.add(bad_signature, header.at, 4, fmt::format("a DIB header of {} bytes", header.size));
    return std::nullopt;
  }
  std::optional<Bytes> stored = reader.take(header.size);
  if (!stored) return truncated("the DIB header");

  if (header.size == core_size) {
    CoreHeader core;
    std::memcpy(&core, stored->data(), sizeof core);
    read_core(core, header);
  } else {
    DibHeader dib{};
    std::memcpy(&dib, stored->data(), std::min<std::size_t>(stored->size(), sizeof dib));
    read_dib(dib, header);
  }
  if (!header.os2 && !is_windows_size(header.size))
    evidence.findings.add(header_size, header.at, 4, fmt::format("a DIB header of {} bytes", header.size));

  if (!read_masks_after(reader, header)) return truncated("the colour masks");
  header.palette_at = reader.offset();
  header.palette_colours = header.colours_used;
  if (header.indexed() && header.colours_used == 0) header.palette_colours = std::uint64_t{1} << header.bits;
  if (header.bare) header.pixel_offset = header.palette_end();
  return header;
}

} // namespace datavet::bmp
