#include "formats/jpeg/entropy/scan_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/jpeg/rules.h"

namespace datavet::jpeg {

namespace {

using Kind = ScanFault::Kind;

struct Words {
  const Rule *rule;
  const char *text;
};

Words words_of(Kind kind) {
  switch (kind) {
  case Kind::missing: return {&scan_missing, "the data end before the last MCU"};
  case Kind::code: return {&scan_code, "bits that are no code of the Huffman table"};
  case Kind::symbol: return {&scan_symbol, "a symbol that cannot stand there"};
  case Kind::coefficient: return {&scan_coefficient, "a coefficient past the end of its band"};
  case Kind::dc_value: return {&scan_dc_value, "a block mean beyond what 8-bit samples have"};
  case Kind::eob_run: return {&scan_eob_run, "a run of empty blocks past the last block"};
  case Kind::extra: return {&scan_extra, "data are left after the last MCU"};
  case Kind::padding: return {&scan_padding, "bytes of zeros or ones after the last MCU"};
  case Kind::last_bits: return {&scan_last_bits, "the last byte is not filled with ones"};
  case Kind::none: break;
  }
  return {nullptr, ""};
}

void report(Kind kind, const ScanDataOutcome::LeftOver &left, Evidence &evidence) {
  if (left.times == 0) return;
  const Words words = words_of(kind);
  evidence.findings.add(*words.rule, left.offset, 0, fmt::format("{}, {} times", words.text, left.times));
}

} // namespace

std::string describe_loss(const Structure &structure, std::size_t scan, std::uint64_t mcu,
                          std::uint64_t lost) {
  const Frame &frame = *structure.frame;
  const Scan &in = structure.scans[scan];
  // T.81 A.2: the MCU of a component alone is a block of it.
  const FrameComponent &first = frame.components[in.components[0].component];
  const bool alone = in.component_count == 1;
  const std::uint64_t mcus_wide = alone ? first.blocks_wide : frame.mcus_wide;
  const std::uint64_t rows_in_mcu = 8u * (alone ? frame.max_vertical / first.vertical : frame.max_vertical);
  const std::uint64_t row = std::min<std::uint64_t>(mcu / mcus_wide * rows_in_mcu, frame.height - 1u);
  return fmt::format("from MCU {} of {} on, row {} of {}: {:.1f} % lost", mcu, in.mcus, row, frame.height,
                     100.0 * static_cast<double>(lost) / static_cast<double>(in.mcus));
}

void report(const Picture &picture, Evidence &evidence) {
  const ScanDataOutcome &outcome = picture.outcome;
  if (const std::optional<ScanDataOutcome::Spoiled> &spoiled = outcome.spoiled) {
    const Structure &structure = *picture.structure;
    const Words words = words_of(spoiled->kind);
    std::string text = fmt::format("{}; ", words.text);
    if (structure.scans.size() > 1)
      text += fmt::format("scan {} of {}, ", spoiled->scan + 1, structure.scans.size());
    text += spoiled->kind == Kind::extra && spoiled->lost == 0
                ? std::string("some of the MCUs before it are not what was written")
                : describe_loss(structure, spoiled->scan, spoiled->mcu, spoiled->lost);
    if (structure.scans[spoiled->scan].segments > 1)
      text += fmt::format("; {} of {} restart intervals are damaged", spoiled->segments,
                          structure.scans[spoiled->scan].segments);
    evidence.findings.add(*words.rule, spoiled->offset, 0, std::move(text));
  }
  report(Kind::padding, outcome.padding, evidence);
  report(Kind::last_bits, outcome.last_bits, evidence);
}

} // namespace datavet::jpeg
