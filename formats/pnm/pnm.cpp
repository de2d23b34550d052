#include "formats/pnm/pnm.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "formats/any/rules.h"
#include "formats/pnm/header.h"
#include "formats/pnm/raster.h"
#include "formats/pnm/rules.h"

namespace datavet {

namespace pnm {

namespace {

Colour colour_of(const Header &header) {
  switch (header.depth) {
  case 1: return Colour::grey;
  case 2: return Colour::grey_alpha;
  case 3: return Colour::rgb;
  case 4: return Colour::rgba;
  default: return Colour::unknown;
  }
}

void fill_facts(const Header &header, Facts &facts) {
  facts.width = static_cast<std::uint32_t>(header.width);
  facts.height = static_cast<std::uint32_t>(header.height);
  facts.channels = static_cast<std::uint16_t>(header.depth);
  facts.bits = static_cast<std::uint16_t>(header.is_bitmap() ? 1 : 8 * header.sample_bytes());
  facts.colour = colour_of(header);
  const std::uint64_t pixels = header.width * header.height, per_pixel = header.depth * header.sample_bytes();
  facts.decoded_bytes = pixels > UINT64_MAX / per_pixel ? UINT64_MAX : pixels * per_pixel;
}

void check_limits(const Facts &facts, const Limits &limits, Findings &findings) {
  const std::uint64_t pixels = std::uint64_t{facts.width} * facts.height;
  if (pixels > limits.pixels)
    findings.add(any::too_large, 0, 0, fmt::format("{} pixels, the limit is {}", pixels, limits.pixels));
  else if (facts.decoded_bytes > limits.decoded_bytes)
    findings.add(any::too_large, 0, 0,
                 fmt::format("{} bytes decoded, the limit is {}", facts.decoded_bytes, limits.decoded_bytes));
}

void check_tuple(const Header &header, std::uint64_t at, Findings &findings) {
  if (header.kind != '7' || header.tuple_type.empty()) return;
  struct Known {
    std::string_view name;
    std::uint32_t depth;
  };
  constexpr Known known[] = {{"BLACKANDWHITE", 1},   {"GRAYSCALE", 1}, {"RGB", 3},
                             {"GRAYSCALE_ALPHA", 2}, {"RGB_ALPHA", 4}, {"BLACKANDWHITE_ALPHA", 2}};
  const auto *type = std::find_if(std::begin(known), std::end(known),
                                  [&](const Known &one) { return one.name == header.tuple_type; });
  if (type == std::end(known) || type->depth != header.depth)
    findings.add(pam_tuple, at, header.raster_at,
                 fmt::format("tuple type \"{}\" with depth {}", header.tuple_type, header.depth));
}

/// A raw raster after CR LF that is one byte longer than it should be: the LF is not a sample.
bool has_line_feed_too_many(const Header &header, Bytes image) {
  if (header.is_plain() || image[header.raster_at - 1] != '\r' || header.raster_at >= image.size() ||
      image[header.raster_at] != '\n')
    return false;
  const std::uint64_t raster = image.size() - header.raster_at;
  return raster / header.row_bytes() == header.height && raster % header.row_bytes() == 1;
}

std::string_view name_of(const Header &header) {
  switch (header.kind) {
  case '1': return "plain PBM";
  case '2': return "plain PGM";
  case '3': return "plain PPM";
  case '4': return "PBM";
  case '5': return "PGM";
  case '6': return "PPM";
  case '7': return "PAM";
  default: return "PFM";
  }
}

/// One image; returns where it ends, or nothing when the rest of the sample cannot be judged.
std::optional<std::uint64_t> check_image(Bytes sample, std::uint64_t at, const CheckOptions &options,
                                         Evidence &evidence) {
  const Bytes image = sample.subspan(at);
  std::variant<Header, Problem> result = read_header(image);
  if (const Problem *problem = std::get_if<Problem>(&result)) {
    evidence.findings.add(*problem->rule, at + problem->offset, problem->length, problem->detail);
    return std::nullopt;
  }
  const Header &header = std::get<Header>(result);
  if (evidence.facts.frames++ == 0) fill_facts(header, evidence.facts);
  if (evidence.outline != nullptr)
    evidence.outline->add(0, at, header.raster_at, std::string(name_of(header)),
                          fmt::format("{} x {}, {} channels, maxval {}", header.width, header.height,
                                      header.depth, header.maxval));
  if (options.depth == Depth::header) return std::nullopt;
  check_tuple(header, at, evidence.findings);
  if (has_line_feed_too_many(header, image)) {
    evidence.findings.add(line_end, at + header.raster_at - 1, 2, "CR LF before the samples");
    return std::nullopt;
  }
  std::optional<std::uint64_t> end = check_raster(header, sample, at, options.depth, evidence);
  if (end && evidence.outline != nullptr)
    evidence.outline->add(1, at + header.raster_at, *end - at - header.raster_at, "samples");
  return end;
}

void check_rest(Bytes sample, std::uint64_t at, Findings &findings) {
  const Bytes rest = sample.subspan(at);
  if (std::all_of(rest.begin(), rest.end(), is_space))
    findings.add(newline, at, rest.size(), fmt::format("{} bytes of white space", rest.size()));
  else
    findings.add(trailing, at, rest.size(), fmt::format("{} bytes after the last sample", rest.size()));
}

void check(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  std::uint64_t at = 0;
  while (true) {
    const std::uint8_t kind = sample.size() - at >= 2 ? sample[at + 1] : 0;
    std::optional<std::uint64_t> end = check_image(sample, at, options, evidence);
    if (!end) break;
    // A plain image ends with the white space after its last sample, if there is any.
    if (kind >= '1' && kind <= '3')
      while (*end < sample.size() && is_space(sample[*end])) ++*end;
    if (*end == sample.size()) break;
    // pgm(5): a file may hold several images, one after the other.
    if (!is_pnm(sample.subspan(*end))) {
      check_rest(sample, *end, evidence.findings);
      break;
    }
    at = *end;
  }
  if (evidence.facts.frames == 0 || evidence.findings.any_at_least(Severity::error)) return;
  const char kind = static_cast<char>(sample[1]);
  if (kind == '7' || kind == 'F' || kind == 'f')
    evidence.findings.add(partly_refused, 0, 2, "Pillow does not read it");
  check_limits(evidence.facts, options.limits, evidence.findings);
}

constexpr std::string_view extensions[] = {"ppm", "pgm", "pbm", "pnm", "pam", "pfm"};

} // namespace

} // namespace pnm

const Format pnm_format{
    .name = "pnm",
    .title = "PNM (PBM, PGM, PPM, PAM, PFM)",
    .layout = Layout::whole,
    .extensions = pnm::extensions,
    .rules = pnm::all_rules,
    .sniff = pnm::is_pnm,
    .check = pnm::check,
    .decoder_family = "opencv",
    .asks_decoder_from = Depth::decode,
};

} // namespace datavet
