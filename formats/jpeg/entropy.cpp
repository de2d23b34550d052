#include "formats/jpeg/entropy.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "formats/any/any.h"
#include "formats/jpeg/markers.h"
#include "formats/jpeg/rules.h"

namespace datavet::jpeg {

EntropySegment entropy_segment_at(Bytes sample, std::uint64_t offset) {
  EntropySegment segment;
  segment.bytes.offset = offset;
  for (std::uint64_t at = offset; at < sample.size();) {
    const void *found = std::memchr(sample.data() + at, 0xFF, sample.size() - at);
    if (found == nullptr) break;
    const std::uint64_t first =
        static_cast<std::uint64_t>(static_cast<const std::uint8_t *>(found) - sample.data());
    // T.81 B.1.1.2: any number of fill bytes FF may precede a marker.
    std::uint64_t code = first + 1;
    while (code < sample.size() && sample[code] == 0xFF) ++code;
    if (code == sample.size()) {
      segment.bytes.length = first - offset;
      segment.marker_offset = sample.size();
      return segment;
    }
    if (sample[code] != 0) {
      segment.bytes.length = first - offset;
      segment.marker = sample[code];
      segment.marker_offset = code - 1;
      return segment;
    }
    at = code + 1;
  }
  segment.bytes.length = sample.size() - offset;
  segment.marker_offset = sample.size();
  return segment;
}

namespace {

/// True when a long run of zero bits may be honest data: a flat area whose every code is all zeros.
bool zero_bits_are_data(const Structure &structure, const Scan &scan) {
  if (scan.approximation_high != 0) return true; // refinement: one bit a coefficient, mostly zeros
  auto first_symbol = [&](std::int32_t table) {
    return table < 0 ? 0 : structure.huffman_tables[static_cast<std::size_t>(table)].values[0];
  };
  // T.81 annex C: the first code of a table is all zeros. In data, DC category 0 and EOB (or EOBn) leave
  // nothing else to be coded.
  return std::all_of(scan.in_scan().begin(), scan.in_scan().end(), [&](const ScanComponent &component) {
    return first_symbol(component.dc_table) == 0 && (first_symbol(component.ac_table) & 15) == 0;
  });
}

/// The fewest bits in which the scan's blocks can be coded; 0 where runs make that meaningless.
std::uint64_t fewest_bits(const Structure &structure, const Scan &scan) {
  if (scan.spectral_start > 0) return 0; // one end-of-band run may cover 32,767 blocks
  std::uint64_t bits_in_mcu = 0;
  for (const ScanComponent &component : scan.in_scan()) {
    auto shortest = [&](std::int32_t table) {
      return table < 0 ? 0u : structure.huffman_tables[static_cast<std::size_t>(table)].shortest_code();
    };
    const FrameComponent &in_frame = structure.frame->components[component.component];
    const unsigned blocks =
        scan.component_count == 1 ? 1u : unsigned{in_frame.horizontal} * in_frame.vertical;
    // T.81 F.1.2: a block has a DC code and at least one AC code. G.1.2.1: a DC refinement is one bit.
    const unsigned bits =
        scan.approximation_high != 0 ? 1 : shortest(component.dc_table) + shortest(component.ac_table);
    bits_in_mcu += std::uint64_t{blocks} * bits;
  }
  return bits_in_mcu * scan.mcus;
}

/// The restart marker after segment number `number` (from 0), when it is the right one.
bool judge_restart(const EntropySegment &segment, std::uint64_t number, const Scan &scan,
                   Evidence &evidence) {
  Findings &findings = evidence.findings;
  if (scan.restart_interval == 0) {
    findings.add(restart_unexpected, segment.marker_offset, 2,
                 fmt::format("{} in a scan without a restart interval", name_of_marker(segment.marker)));
    return false;
  }
  const unsigned expected = RST0 + static_cast<unsigned>(number % 8);
  if (segment.marker != expected) {
    findings.add(restart_order, segment.marker_offset, 2,
                 fmt::format("{} instead of RST{} after interval {} of {}", name_of_marker(segment.marker),
                             expected - RST0, number + 1, scan.expected_segments()));
    return false;
  }
  return true;
}

bool judge_count(const EntropySegment &last, Scan &scan, Evidence &evidence) {
  const std::uint64_t expected = scan.expected_segments();
  if (scan.segments == expected + 1 && last.bytes.length == 0) {
    --scan.segments;
    evidence.findings.add(restart_trailing, last.bytes.offset - 2, 2,
                          fmt::format("after interval {}, the last", expected));
    return true;
  }
  // Without a marker at the end the file was cut, and that is said there.
  if (scan.segments == expected || last.marker == 0) return true;
  evidence.findings.add(
      restart_count, scan.entropy.offset, scan.entropy.length,
      fmt::format("{} restart intervals, {} MCUs need {}", scan.segments, scan.mcus, expected));
  return false;
}

} // namespace

std::optional<std::uint64_t> read_entropy(Bytes sample, std::uint64_t offset, Depth depth,
                                          const Structure &structure, Scan &scan, Evidence &evidence) {
  constexpr std::uint64_t worth_searching = 4096;
  const bool search_zeros = depth >= Depth::content && !zero_bits_are_data(structure, scan);
  scan.entropy = {offset, 0};
  EntropySegment segment;
  for (std::uint64_t start = offset;; start = segment.marker_offset + 2) {
    segment = entropy_segment_at(sample, start);
    scan.entropy.length = segment.bytes.end() - offset;
    ++scan.segments;
    if (search_zeros && segment.bytes.length >= worth_searching)
      find_zero_run(sample.subspan(segment.bytes.offset, segment.bytes.length), segment.bytes.offset,
                    evidence);
    if (!is_restart(segment.marker)) break;
    if (!judge_restart(segment, scan.segments - 1, scan, evidence)) return std::nullopt;
  }
  if (structure.frame->height == 0) return segment.marker_offset; // how much there should be is not known yet
  if (!judge_count(segment, scan, evidence)) return std::nullopt;
  const std::uint64_t needed = (fewest_bits(structure, scan) + 7) / 8;
  if (segment.marker != 0 && scan.entropy.length < needed) {
    evidence.findings.add(scan_short, scan.entropy.offset, scan.entropy.length,
                          fmt::format("{} bytes for {} MCUs, which need {} at the least", scan.entropy.length,
                                      scan.mcus, needed));
    return std::nullopt;
  }
  return segment.marker_offset;
}

} // namespace datavet::jpeg
