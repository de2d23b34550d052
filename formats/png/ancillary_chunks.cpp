#include "formats/png/ancillary_chunks.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "formats/png/calibration_chunks.h"
#include "formats/png/chromaticities.h"
#include "formats/png/rules.h"
#include "formats/png/text_chunks.h"

namespace datavet::png {
namespace {

void bad_length(Inspection &inspection, const Chunk &chunk, std::string_view wanted) {
  inspection.report(
      ancillary_length, chunk,
      fmt::format("{} holds {} bytes, {}", name_of_type(chunk.type), chunk.data.size(), wanted));
}

void bad_value(Inspection &inspection, const Chunk &chunk, std::string detail) {
  inspection.report(ancillary_value, chunk, fmt::format("{}: {}", name_of_type(chunk.type), detail));
}

/// The 16-bit integer at `index`, counted in integers.
unsigned u16(const Chunk &chunk, std::size_t index) {
  return static_cast<unsigned>(chunk.data[2 * index] << 8 | chunk.data[2 * index + 1]);
}

/// PNG 3rd ed. 7.1: four-byte unsigned integers are at most 2^31-1.
bool integers_in_range(const Chunk &chunk, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if ((chunk.data[4 * i] & 0x80u) != 0) return false;
  return true;
}

void judge_integers(Inspection &inspection, const Chunk &chunk) {
  if (!integers_in_range(chunk, chunk.data.size() / 4)) bad_value(inspection, chunk, "a value above 2^31-1");
}

/// libpng: "gamma value out of range". Its bounds are 1/6250 and 6250.
void judge_gama(Inspection &inspection, const Chunk &chunk) {
  be32 gamma; // times 100,000
  std::memcpy(&gamma, chunk.data.data(), sizeof gamma);
  if (gamma < 16 || gamma > 625'000'000) bad_value(inspection, chunk, fmt::format("gamma {}", gamma.value()));
}

void judge_srgb(Inspection &inspection, const Chunk &chunk) {
  if (chunk.data[0] > 3) bad_value(inspection, chunk, fmt::format("rendering intent {}", chunk.data[0]));
}

void judge_cicp(Inspection &inspection, const Chunk &chunk) {
  if (chunk.data[2] != 0)
    bad_value(inspection, chunk, fmt::format("matrix coefficients {}", chunk.data[2]));
  else if (chunk.data[3] > 1)
    bad_value(inspection, chunk, fmt::format("full range flag {}", chunk.data[3]));
}

/// PNG 3rd ed. 11.3.2.4: one byte a channel, palette images count their three palette channels.
void judge_sbit(Inspection &inspection, const Chunk &chunk) {
  if (!inspection.header) return;
  const Ihdr &header = *inspection.header;
  const bool palette = header.colour == colour_palette;
  const std::size_t channels = palette ? 3 : channels_of(header.colour);
  const unsigned depth = palette ? 8 : header.depth;
  if (chunk.data.size() != channels)
    return bad_length(inspection, chunk, fmt::format("the colour type asks for {}", channels));
  for (std::uint8_t bits : chunk.data)
    if (bits == 0 || bits > depth)
      return bad_value(inspection, chunk, fmt::format("{} significant bits of {}", bits, depth));
}

/// Samples of the image's own depth in 16-bit fields, as bKGD and tRNS hold them.
void judge_samples(Inspection &inspection, const Chunk &chunk) {
  const unsigned depth = inspection.header->depth;
  for (std::size_t i = 0; i < chunk.data.size() / 2; ++i)
    if (u16(chunk, i) >> depth != 0)
      return bad_value(inspection, chunk,
                       fmt::format("sample {} in an image of {} bits", u16(chunk, i), depth));
}

void judge_bkgd(Inspection &inspection, const Chunk &chunk) {
  if (!inspection.header) return;
  const std::uint8_t colour = inspection.header->colour;
  const bool grey = colour == colour_grey || colour == colour_grey_alpha;
  const std::size_t length = colour == colour_palette ? 1 : grey ? 2 : 6;
  if (chunk.data.size() != length)
    return bad_length(inspection, chunk, fmt::format("the colour type asks for {}", length));
  if (colour != colour_palette) return judge_samples(inspection, chunk);
  if (inspection.palette_entries != 0 && chunk.data[0] >= inspection.palette_entries)
    bad_value(inspection, chunk,
              fmt::format("index {}, PLTE has {} entries", chunk.data[0], inspection.palette_entries));
}

void judge_hist(Inspection &inspection, const Chunk &chunk) {
  if (inspection.palette_entries != 0 && chunk.data.size() != 2 * inspection.palette_entries)
    bad_length(inspection, chunk, fmt::format("PLTE has {} entries", inspection.palette_entries));
}

/// Pillow reads the fields of the grey and colour forms without looking at the length.
void judge_trns(Inspection &inspection, const Chunk &chunk) {
  if (!inspection.header) return;
  const std::size_t size = chunk.data.size();
  switch (inspection.header->colour) {
  case colour_grey_alpha:
  case colour_rgba: return bad_value(inspection, chunk, "the image has an alpha channel");
  case colour_palette:
    if (size == 0) return bad_length(inspection, chunk, "that makes nothing transparent");
    if (inspection.palette_entries != 0 && size > inspection.palette_entries)
      bad_length(inspection, chunk, fmt::format("PLTE has {} entries", inspection.palette_entries));
    return;
  default: break;
  }
  const std::size_t length = inspection.header->colour == colour_grey ? 2 : 6;
  if (size < length)
    return inspection.report(ancillary_short, chunk, fmt::format("tRNS holds {} of {} bytes", size, length));
  if (size > length) return bad_length(inspection, chunk, fmt::format("the colour type asks for {}", length));
  judge_samples(inspection, chunk);
}

void judge_phys(Inspection &inspection, const Chunk &chunk) {
  if (chunk.data[8] > 1) return bad_value(inspection, chunk, fmt::format("unit {}", chunk.data[8]));
  judge_integers(inspection, chunk);
}

void judge_offs(Inspection &inspection, const Chunk &chunk) {
  if (chunk.data[8] > 1) bad_value(inspection, chunk, fmt::format("unit {}", chunk.data[8]));
}

void judge_ster(Inspection &inspection, const Chunk &chunk) {
  if (chunk.data[0] > 1) bad_value(inspection, chunk, fmt::format("mode {}", chunk.data[0]));
}

/// PNG 3rd ed. 11.3.4.4: a name, a sample depth, entries of 6 or 10 bytes.
void judge_splt(Inspection &inspection, const Chunk &chunk) {
  const std::optional<std::size_t> name = judge_keyword(inspection, chunk);
  if (!name) return;
  if (*name >= chunk.data.size()) return bad_length(inspection, chunk, "the sample depth is missing");
  const std::uint8_t depth = chunk.data[*name];
  if (depth != 8 && depth != 16) return bad_value(inspection, chunk, fmt::format("sample depth {}", depth));
  if ((chunk.data.size() - *name - 1) % (depth == 8 ? 6 : 10) != 0)
    bad_length(inspection, chunk, "not a whole number of entries");
}

/// PNG 3rd ed. 11.3.4.6.
void judge_time(Inspection &inspection, const Chunk &chunk) {
  const unsigned month = chunk.data[2], day = chunk.data[3], hour = chunk.data[4], minute = chunk.data[5],
                 second = chunk.data[6];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
    bad_value(
        inspection, chunk,
        fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", u16(chunk, 0), month, day, hour, minute, second));
}

/// The orientation in a TIFF structure, 0 when there is none.
template <class U16, class U32> std::uint8_t orientation_in(Bytes tiff) {
  struct Entry {
    U16 tag, type;
    U32 count;
    U16 value;
    std::array<std::uint8_t, 2> rest;
  };
  ByteReader reader(tiff, 4);
  const std::optional<U32> first_directory = reader.read<U32>();
  if (!first_directory) return 0;
  reader.seek(*first_directory);
  const std::optional<U16> entries = reader.read<U16>();
  for (unsigned i = 0; entries && i < *entries; ++i) {
    const std::optional<Entry> entry = reader.read<Entry>();
    if (!entry) return 0;
    constexpr unsigned orientation = 0x0112, type_short = 3; // Exif 2.32, 4.6.5.1.6
    if (entry->tag == orientation && entry->type == type_short && entry->count == 1 && entry->value >= 1 &&
        entry->value <= 8)
      return static_cast<std::uint8_t>(entry->value);
  }
  return 0;
}

void judge_exif(Inspection &inspection, const Chunk &chunk) {
  constexpr std::array<std::uint8_t, 4> little = {'I', 'I', 42, 0}, big = {'M', 'M', 0, 42};
  const Bytes head = chunk.data.first(4);
  std::uint8_t &orientation = inspection.evidence.facts.orientation;
  if (std::equal(head.begin(), head.end(), little.begin()))
    orientation = orientation_in<le16, le32>(chunk.data);
  else if (std::equal(head.begin(), head.end(), big.begin()))
    orientation = orientation_in<be16, be32>(chunk.data);
  else
    inspection.report(
        exif_header, chunk,
        fmt::format("it begins with {:02x} {:02x} {:02x} {:02x}", head[0], head[1], head[2], head[3]));
}

enum class Place : std::uint8_t { anywhere, before_plte, after_plte, before_idat, after_idat };
enum class Number : std::uint8_t { one, any };

constexpr std::uint32_t any_length = longest_chunk;

struct AncillaryKind {
  std::uint32_t type;
  Place place;
  Number number;
  std::uint32_t shortest, longest;            ///< lengths that the specification allows
  std::uint32_t pillow_needs;                 ///< Pillow raises on fewer bytes
  void (*judge)(Inspection &, const Chunk &); ///< the fields of a chunk of allowed length; may be null
};

// PNG 3rd ed. 5.6 table 7 and 11.3, and the registered extensions. eXIf may stand anywhere: exiftool and
// ImageMagick write it after the image data.
constexpr AncillaryKind kinds[] = {
    {type_of("cHRM"), Place::before_plte, Number::one, 32, 32, 0, judge_chrm},
    {type_of("cICP"), Place::before_plte, Number::one, 4, 4, 0, judge_cicp},
    {type_of("gAMA"), Place::before_plte, Number::one, 4, 4, 4, judge_gama},
    {type_of("iCCP"), Place::before_plte, Number::one, 0, any_length, 0, judge_iccp},
    {type_of("mDCV"), Place::before_plte, Number::one, 24, 24, 0, nullptr},
    {type_of("cLLI"), Place::before_plte, Number::one, 8, 8, 0, nullptr},
    {type_of("sBIT"), Place::before_plte, Number::one, 0, any_length, 0, judge_sbit},
    {type_of("sRGB"), Place::before_plte, Number::one, 1, 1, 1, judge_srgb},
    {type_of("bKGD"), Place::after_plte, Number::one, 0, any_length, 0, judge_bkgd},
    {type_of("hIST"), Place::after_plte, Number::one, 0, any_length, 0, judge_hist},
    {type_of("tRNS"), Place::after_plte, Number::one, 0, any_length, 0, judge_trns},
    {type_of("pHYs"), Place::before_idat, Number::one, 9, 9, 9, judge_phys},
    {type_of("sPLT"), Place::before_idat, Number::any, 0, any_length, 0, judge_splt},
    {type_of("oFFs"), Place::before_idat, Number::one, 9, 9, 0, judge_offs},
    {type_of("pCAL"), Place::before_idat, Number::one, 14, any_length, 0, judge_pcal},
    {type_of("sCAL"), Place::before_idat, Number::one, 4, any_length, 0, judge_scal},
    {type_of("sTER"), Place::before_idat, Number::one, 1, 1, 0, judge_ster},
    {actl, Place::before_idat, Number::one, 8, 8, 8, judge_actl},
    {fctl, Place::anywhere, Number::any, 26, 26, 26, judge_fctl},
    {fdat, Place::after_idat, Number::any, 4, any_length, 4, judge_fdat},
    {type_of("eXIf"), Place::anywhere, Number::one, 4, any_length, 0, judge_exif},
    {type_of("tIME"), Place::anywhere, Number::one, 7, 7, 0, judge_time},
    {type_of("tEXt"), Place::anywhere, Number::any, 0, any_length, 0, judge_text},
    {type_of("zTXt"), Place::anywhere, Number::any, 0, any_length, 0, judge_ztxt},
    {type_of("iTXt"), Place::anywhere, Number::any, 0, any_length, 0, judge_itxt},
};
static_assert(std::size(kinds) <= 64, "Inspection::ancillary_seen has a bit for each");

const AncillaryKind *kind_of(std::uint32_t type) {
  const AncillaryKind *found = std::find_if(std::begin(kinds), std::end(kinds),
                                            [&](const AncillaryKind &kind) { return kind.type == type; });
  return found == std::end(kinds) ? nullptr : found;
}

std::uint64_t bit_of(const AncillaryKind &kind) { return std::uint64_t{1} << (&kind - std::begin(kinds)); }

/// Where the chunk stands wrongly, or nothing.
std::string_view misplacement(const Inspection &inspection, const AncillaryKind &kind) {
  const bool palette_image = inspection.header && inspection.header->colour == colour_palette;
  switch (kind.place) {
  case Place::anywhere: return {};
  case Place::after_idat: return inspection.idat_seen ? std::string_view{} : "before the image data";
  case Place::before_idat: break;
  case Place::before_plte:
    if (inspection.plte_seen) return "after PLTE";
    break;
  case Place::after_plte: // hIST has no meaning without a palette, the others only in palette images
    if (!inspection.plte_seen && (palette_image || kind.type == type_of("hIST")))
      return "before PLTE, or without one";
    break;
  }
  return inspection.idat_seen ? "after the image data" : std::string_view{};
}

/// True when a finding says why the fields need no look.
bool is_misframed(Inspection &inspection, const AncillaryKind &kind, const Chunk &chunk) {
  const std::string_view where = misplacement(inspection, kind);
  if (!where.empty() && !inspection.chunks_doubtful) {
    inspection.report(ancillary_order, chunk, fmt::format("{} {}", name_of_type(chunk.type), where));
    return true;
  }
  const std::uint64_t size = chunk.data.size();
  // Pillow unpacks cHRM as so many whole integers.
  if (size < kind.pillow_needs || (kind.type == type_of("cHRM") && size % 4 != 0)) {
    inspection.report(
        ancillary_short, chunk,
        fmt::format("{} holds {} bytes, {} are needed", name_of_type(chunk.type), size, kind.shortest));
    return true;
  }
  if (size < kind.shortest || size > kind.longest) {
    bad_length(inspection, chunk, fmt::format("{} are needed", kind.shortest));
    return true;
  }
  return false;
}

} // namespace

bool is_registered_ancillary(std::uint32_t type) { return kind_of(type) != nullptr; }

void note_ancillary(Inspection &inspection, std::uint32_t type) {
  if (const AncillaryKind *kind = kind_of(type)) inspection.ancillary_seen |= bit_of(*kind);
}

bool is_noted(const Inspection &inspection, std::uint32_t type) {
  const AncillaryKind *kind = kind_of(type);
  return kind != nullptr && (inspection.ancillary_seen & bit_of(*kind)) != 0;
}

void judge_ancillary(Inspection &inspection, const Chunk &chunk) {
  const AncillaryKind *kind = kind_of(chunk.type);
  if (kind == nullptr) return;
  const bool repeated = kind->number == Number::one && (inspection.ancillary_seen & bit_of(*kind)) != 0;
  inspection.ancillary_seen |= bit_of(*kind);
  if (is_misframed(inspection, *kind, chunk)) return;
  if (repeated)
    return inspection.report(ancillary_repeated, chunk, fmt::format("a second {}", name_of_type(chunk.type)));
  if (kind->judge != nullptr) kind->judge(inspection, chunk);
}

} // namespace datavet::png
