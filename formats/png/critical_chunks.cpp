#include "formats/png/critical_chunks.h"

#include <cstring>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "formats/png/rules.h"

namespace datavet::png {
namespace {

void set_facts(const Ihdr &header, Facts &facts) {
  facts.width = header.width;
  facts.height = header.height;
  facts.channels = static_cast<std::uint16_t>(channels_of(header.colour));
  facts.bits = header.depth;
  facts.colour = fact_of(header.colour);
  facts.progressive = header.interlace == 1;
  facts.frames = 1;
  facts.decoded_bytes = saturating_product(std::uint64_t{header.width} * header.height,
                                           channels_of(header.colour) * (header.depth == 16 ? 2u : 1u));
}

/// The first thing wrong with the fields, or a null rule.
struct IhdrFault {
  const Rule *rule = nullptr;
  std::uint64_t at = 0, length = 0; ///< in the data of the chunk
  std::string detail;
};

IhdrFault fault_of(const Ihdr &header) {
  for (const auto &[name, size, at] :
       {std::tuple{"width", &header.width, 0u}, std::tuple{"height", &header.height, 4u}})
    if (size->value() == 0 || size->value() > 0x7fffffff)
      return {&ihdr_dimensions, at, 4, fmt::format("{} is {}", name, size->value())};
  if (!is_legal_depth(header.colour, header.depth))
    return {&ihdr_colour, 8, 2, fmt::format("colour type {} with bit depth {}", header.colour, header.depth)};
  if (header.compression != 0)
    return {&ihdr_method, 10, 1, fmt::format("compression method {}", header.compression)};
  if (header.filter != 0) return {&ihdr_method, 11, 1, fmt::format("filter method {}", header.filter)};
  if (header.interlace > 1)
    return {&ihdr_method, 12, 1, fmt::format("interlace method {}", header.interlace)};
  return {};
}

/// Before anything is allocated for the picture.
bool within_limits(Inspection &inspection, const Chunk &chunk) {
  const Facts &facts = inspection.evidence.facts;
  const Limits &limits = inspection.options.limits;
  const std::uint64_t pixels = std::uint64_t{facts.width} * facts.height;
  if (pixels > limits.pixels) {
    inspection.report(ihdr_limit, chunk.data_offset(), 8,
                      fmt::format("{} x {} = {} pixels, the limit is {}", facts.width, facts.height, pixels,
                                  limits.pixels));
    return false;
  }
  if (facts.decoded_bytes > limits.decoded_bytes) {
    inspection.report(ihdr_limit, chunk.data_offset(), 10,
                      fmt::format("{} x {} pixels decode to {} bytes, the limit is {}", facts.width,
                                  facts.height, facts.decoded_bytes, limits.decoded_bytes));
    return false;
  }
  return true;
}

} // namespace

void judge_ihdr(Inspection &inspection, const Chunk &chunk) {
  if (chunk.data.size() != sizeof(Ihdr)) {
    inspection.report(ihdr_length, chunk, fmt::format("it holds {} bytes", chunk.data.size()));
    return;
  }
  Ihdr header;
  std::memcpy(&header, chunk.data.data(), sizeof header);
  set_facts(header, inspection.evidence.facts);
  if (IhdrFault fault = fault_of(header); fault.rule != nullptr) {
    inspection.report(*fault.rule, chunk.data_offset() + fault.at, fault.length, std::move(fault.detail));
    return;
  }
  inspection.header = header;
  if (!within_limits(inspection, chunk)) return;
  if (header.width > widest_for_libpng || header.height > widest_for_libpng)
    inspection.report(ihdr_extent, chunk.data_offset(), 8,
                      fmt::format("{} x {} pixels", header.width.value(), header.height.value()));
  inspection.geometry =
      Geometry{header.width, header.height, channels_of(header.colour) * header.depth, header.interlace == 1};
}

void judge_plte(Inspection &inspection, const Chunk &chunk) {
  const bool repeated = inspection.plte_seen;
  inspection.plte_seen = true;
  if (repeated) {
    inspection.report(plte_repeated, chunk, "a second PLTE");
    return;
  }
  const std::size_t size = chunk.data.size();
  const bool well_formed = size > 0 && size % 3 == 0 && size <= 3 * 256;
  if (!inspection.header) return;
  if (inspection.header->colour == colour_palette) {
    if (inspection.idat_seen) return; // the missing PLTE was reported at the first IDAT
    if (!well_formed) {
      inspection.report(plte_length, chunk,
                        fmt::format("{} bytes are not 1 to 256 entries of 3 bytes", size));
      return;
    }
    inspection.palette_entries = static_cast<unsigned>(size / 3);
    const unsigned nameable = 1u << inspection.header->depth;
    if (inspection.palette_entries > nameable)
      inspection.report(plte_surplus, chunk,
                        fmt::format("{} entries, {} bits name {}", inspection.palette_entries,
                                    inspection.header->depth, nameable));
    return;
  }
  const bool grey =
      inspection.header->colour == colour_grey || inspection.header->colour == colour_grey_alpha;
  if (grey)
    inspection.report(plte_unused, chunk, "a palette in a grey image");
  else if (size == 0 && !inspection.idat_seen)
    inspection.report(plte_length, chunk, "it is empty"); // libpng refuses this one in a colour image too
  else if (!well_formed)
    inspection.report(plte_unused, chunk, fmt::format("{} bytes are not 1 to 256 entries of 3 bytes", size));
  else if (inspection.idat_seen && !inspection.chunks_doubtful)
    inspection.report(plte_unused, chunk, "it follows the image data");
}

void judge_idat_place(Inspection &inspection, std::uint64_t offset, std::uint64_t present) {
  if (!inspection.idat_seen) {
    inspection.idat_seen = true;
    if (inspection.header && inspection.header->colour == colour_palette && !inspection.plte_seen &&
        !inspection.chunks_doubtful)
      inspection.report(plte_missing, offset, 0, "the image data begins, and there was no PLTE");
  } else if (inspection.idat_ended) {
    if (!inspection.chunks_doubtful)
      inspection.report(idat_consecutive, offset, 0,
                        fmt::format("image data goes on after other chunks; {} bytes of it came before",
                                    inspection.image.bytes));
    inspection.chunks_doubtful =
        true; // each further IDAT, and a stream that is cut here, are the same damage
    inspection.image_doubtful = true;
    return;
  }
  inspection.image.add(offset, present);
}

void judge_iend(Inspection &inspection, const Chunk &chunk) {
  if (!chunk.data.empty())
    inspection.report(iend_length, chunk, fmt::format("it holds {} bytes", chunk.data.size()));
  if (!inspection.idat_seen && !inspection.chunks_doubtful)
    inspection.report(idat_missing, chunk, "IEND, and there was no IDAT");
}

} // namespace datavet::png
