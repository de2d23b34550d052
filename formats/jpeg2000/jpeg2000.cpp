#include "formats/jpeg2000/jpeg2000.h"

#include <fmt/format.h>

#include "formats/any/rules.h"
#include "formats/jpeg2000/boxes.h"
#include "formats/jpeg2000/codestream.h"
#include "formats/jpeg2000/rules.h"

namespace datavet {

namespace jpeg2000 {

namespace {

/// T.800 A.3: SOC, and SIZ at once.
bool is_codestream(Bytes head) {
  return head.size() >= 4 && head[0] == 0xff && head[1] == 0x4f && head[2] == 0xff && head[3] == 0x51;
}

bool sniff(Bytes head) { return is_jp2(head) || is_codestream(head); }

Colour colour_of(std::uint32_t components) {
  switch (components) {
  case 1: return Colour::grey;
  case 2: return Colour::grey_alpha;
  case 3: return Colour::rgb;
  case 4: return Colour::rgba;
  default: return Colour::unknown;
  }
}

void fill_facts(const Geometry &geometry, Facts &facts) {
  facts.width = geometry.width;
  facts.height = geometry.height;
  facts.channels = static_cast<std::uint16_t>(geometry.components);
  facts.bits = static_cast<std::uint16_t>(geometry.bits);
  facts.frames = 1;
  if (facts.colour == Colour::unknown) facts.colour = colour_of(geometry.components);
  const std::uint64_t pixels = std::uint64_t{geometry.width} * geometry.height;
  const std::uint64_t per_pixel = std::uint64_t{geometry.components} * (geometry.bits > 16  ? 4
                                                                        : geometry.bits > 8 ? 2
                                                                                            : 1);
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

void check(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  const bool boxed = is_jp2(sample);
  if (!boxed && !is_codestream(sample)) {
    evidence.findings.add(bad_signature, 0, 0);
    return;
  }
  const Geometry geometry = boxed ? check_boxes(sample, options.depth, evidence)
                                  : check_codestream(sample, 0, options.depth, evidence);
  if (!geometry.known) return;
  fill_facts(geometry, evidence.facts);
  if (evidence.findings.any_at_least(Severity::error)) return;
  if (geometry.high_throughput)
    evidence.findings.add(unsupported, 0, 0, "High-Throughput JPEG 2000 (part 15)");
  else if (geometry.extended)
    evidence.findings.add(unsupported, 0, 0, "extensions of part 2");
  check_limits(evidence.facts, options.limits, evidence.findings);
}

constexpr std::string_view extensions[] = {"jp2", "j2k", "j2c", "jpc", "jpf", "jpx"};

} // namespace

} // namespace jpeg2000

const Format jpeg2000_format{
    .name = "jpeg2000",
    .title = "JPEG 2000",
    .layout = Layout::whole,
    .extensions = jpeg2000::extensions,
    .rules = jpeg2000::all_rules,
    .sniff = jpeg2000::sniff,
    .check = jpeg2000::check,
    .decoder_family = "opencv",
    .asks_decoder_from = Depth::content,
};

} // namespace datavet
