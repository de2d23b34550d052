#include "formats/jpeg/frame.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/any/rules.h"
#include "formats/bytes/byte_reader.h"
#include "formats/jpeg/markers.h"
#include "formats/jpeg/rules.h"

namespace datavet::jpeg {

bool Frame::progressive() const { return marker == SOF2; }

namespace {

struct FrameHeader {
  std::uint8_t precision;
  be16 height;
  be16 width;
  std::uint8_t component_count;
};
static_assert(sizeof(FrameHeader) == 6);

struct ComponentHeader {
  std::uint8_t id;
  std::uint8_t sampling; ///< Hi << 4 | Vi
  std::uint8_t quantization;
};
static_assert(sizeof(ComponentHeader) == 3);

constexpr unsigned longest_side = 65'500; // libjpeg's JPEG_MAX_DIMENSION

constexpr std::uint32_t divide_up(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

/// What the fixed part of the header says, in the order in which libjpeg would trip over it.
bool judge_header(const Segment &sof, const FrameHeader &header, Evidence &evidence) {
  const std::uint64_t offset = sof.parameters_offset();
  Findings &findings = evidence.findings;
  if (sof.marker > SOF2) {
    findings.add(sof_process, sof.offset, sof.size(),
                 fmt::format("{}: {}", name_of_marker(sof.marker), process_of(sof.marker)));
    return false;
  }
  if (header.precision == 12 && sof.marker != SOF0) {
    findings.add(sof_process, offset, 1, fmt::format("{}, 12 bits", process_of(sof.marker)));
    return false;
  }
  if (header.precision != 8) {
    findings.add(sof_precision, offset, 1, fmt::format("{} bits", header.precision));
    return false;
  }
  if (header.width == 0 || header.component_count == 0) {
    findings.add(sof_dimensions, offset, sizeof header,
                 fmt::format("{} x {}, {} components", header.width.value(), header.height.value(),
                             header.component_count));
    return false;
  }
  return true;
}

std::uint64_t place_of_component(const Segment &sof, std::size_t index) {
  return sof.parameters_offset() + sizeof(FrameHeader) + sizeof(ComponentHeader) * index;
}

/// The first component of which `wrong` is true: a finding of `rule` on its sampling factors.
template <class Wrong>
bool judge_sampling(const Segment &sof, const Frame &frame, const Rule &rule, Evidence &evidence,
                    Wrong wrong) {
  for (std::size_t i = 0; i < frame.components.size(); ++i) {
    const FrameComponent &component = frame.components[i];
    if (!wrong(component)) continue;
    evidence.findings.add(rule, place_of_component(sof, i) + 1, 1,
                          fmt::format("component {}: {} x {}, the largest are {} x {}", component.id,
                                      component.horizontal, component.vertical, frame.max_horizontal,
                                      frame.max_vertical));
    return false;
  }
  return true;
}

bool sampling_is_legal(const Segment &sof, const Frame &frame, Evidence &evidence) {
  return judge_sampling(sof, frame, sof_sampling, evidence, [](const FrameComponent &component) {
    return component.horizontal < 1 || component.horizontal > 4 || component.vertical < 1 ||
           component.vertical > 4;
  });
}

bool sampling_is_whole(const Segment &sof, const Frame &frame, Evidence &evidence) {
  return judge_sampling(sof, frame, sof_ratio, evidence, [&](const FrameComponent &component) {
    return frame.max_horizontal % component.horizontal != 0 || frame.max_vertical % component.vertical != 0;
  });
}

/// T.81 A.1.1, A.2.2 and A.2.3: the sizes of the components, in blocks.
void derive_geometry(Frame &frame) {
  frame.mcus_wide = divide_up(frame.width, 8u * frame.max_horizontal);
  frame.mcus_high = divide_up(frame.height, 8u * frame.max_vertical);
  for (FrameComponent &component : frame.components) {
    component.blocks_wide =
        divide_up(divide_up(frame.width * std::uint32_t{component.horizontal}, frame.max_horizontal), 8);
    component.blocks_high =
        divide_up(divide_up(frame.height * std::uint32_t{component.vertical}, frame.max_vertical), 8);
  }
}

void judge_component_ids(const Segment &sof, const Frame &frame, Evidence &evidence) {
  for (std::size_t i = 1; i < frame.components.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (frame.components[i].id == frame.components[j].id) {
        evidence.findings.add(
            sof_component_id, place_of_component(sof, i), 1,
            fmt::format("components {} and {} are both called {}", j + 1, i + 1, frame.components[i].id));
        return;
      }
}

bool within_limits(const Segment &sof, const Facts &facts, const Limits &limits, Evidence &evidence) {
  const std::uint64_t pixels = std::uint64_t{facts.width} * facts.height;
  if (pixels <= limits.pixels && facts.decoded_bytes <= limits.decoded_bytes) return true;
  evidence.findings.add(any::too_large, sof.offset, sof.size(),
                        fmt::format("{} x {}: {} pixels, {} bytes decoded", facts.width, facts.height, pixels,
                                    facts.decoded_bytes));
  return false;
}

} // namespace

std::optional<Frame> read_frame(const Segment &sof, const Limits &limits, Evidence &evidence) {
  ByteReader reader(sof.parameters);
  const std::optional<FrameHeader> header = reader.read<FrameHeader>();
  if (!header || reader.remaining() != sizeof(ComponentHeader) * header->component_count) {
    evidence.findings.add(
        segment_length, sof.offset, sof.size(),
        fmt::format("{} has {} bytes of parameters, {} components would have {}", name_of_marker(sof.marker),
                    sof.parameters.size(), header ? header->component_count : 0,
                    sizeof(FrameHeader) + sizeof(ComponentHeader) * (header ? header->component_count : 0u)));
    return std::nullopt;
  }
  Facts &facts = evidence.facts;
  facts.width = header->width;
  facts.height = header->height;
  facts.channels = header->component_count;
  facts.bits = header->precision;
  facts.frames = 1;
  facts.progressive = process_of(sof.marker).find("progressive") != std::string_view::npos;
  facts.decoded_bytes = std::uint64_t{facts.width} * facts.height * facts.channels * (facts.bits > 8 ? 2 : 1);
  if (!judge_header(sof, *header, evidence) || !within_limits(sof, facts, limits, evidence))
    return std::nullopt;
  if (header->width > longest_side || header->height > longest_side) {
    evidence.findings.add(sof_side, sof.offset, sof.size(),
                          fmt::format("{} x {}", facts.width, facts.height));
    return std::nullopt;
  }
  if (header->component_count == 2 || header->component_count > 4) {
    evidence.findings.add(sof_components, sof.offset, sof.size(),
                          fmt::format("{} components", facts.channels));
    return std::nullopt;
  }

  Frame frame;
  frame.offset = sof.offset;
  frame.marker = sof.marker;
  frame.precision = header->precision;
  frame.width = header->width;
  frame.height = header->height;
  while (const std::optional<ComponentHeader> read = reader.read<ComponentHeader>()) {
    FrameComponent component;
    component.id = read->id;
    component.horizontal = read->sampling >> 4;
    component.vertical = read->sampling & 15;
    component.quantization = read->quantization;
    frame.max_horizontal = std::max(frame.max_horizontal, component.horizontal);
    frame.max_vertical = std::max(frame.max_vertical, component.vertical);
    frame.components.push_back(component);
  }
  if (!sampling_is_legal(sof, frame, evidence) || !sampling_is_whole(sof, frame, evidence))
    return std::nullopt;
  judge_component_ids(sof, frame, evidence);
  derive_geometry(frame);
  return frame;
}

// Only a guess, but everybody's: T.81 itself does not say what the components mean.
Colour colour_of(const Frame &frame, bool jfif, int adobe_transform) {
  const std::vector<FrameComponent> &components = frame.components;
  if (components.size() == 1) return Colour::grey;
  if (components.size() == 4)
    return adobe_transform < 0 || adobe_transform == 0 ? Colour::cmyk : Colour::ycck;
  if (jfif) return Colour::ycbcr;
  if (adobe_transform >= 0) return adobe_transform == 0 ? Colour::rgb : Colour::ycbcr;
  const bool called_rgb = components[0].id == 'R' && components[1].id == 'G' && components[2].id == 'B';
  return called_rgb ? Colour::rgb : Colour::ycbcr;
}

} // namespace datavet::jpeg
