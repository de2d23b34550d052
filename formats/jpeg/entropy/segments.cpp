#include "formats/jpeg/entropy/segments.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "formats/any/any.h"
#include "formats/jpeg/markers.h"
#include "formats/jpeg/rules.h"

namespace datavet::jpeg {

namespace {

/// The first FF from `at` on that does not belong to an FF 00; the sample's size when there is none.
std::uint64_t find_marker(Bytes sample, std::uint64_t at) {
#if defined(__x86_64__)
  // SSE2 is part of every x86-64. One FF 00 in a hundred bytes is usual: no jump must depend on it.
  const __m128i ones = _mm_set1_epi8(-1), zeros = _mm_setzero_si128();
  for (; sample.size() - at > 16; at += 16) {
    const auto *const from = reinterpret_cast<const __m128i *>(sample.data() + at);
    const auto *const after = reinterpret_cast<const __m128i *>(sample.data() + at + 1);
    const __m128i is_ff = _mm_cmpeq_epi8(_mm_loadu_si128(from), ones);
    const __m128i stuffed = _mm_cmpeq_epi8(_mm_loadu_si128(after), zeros);
    if (const int found = _mm_movemask_epi8(_mm_andnot_si128(stuffed, is_ff)); found != 0)
      return at + static_cast<unsigned>(std::countr_zero(static_cast<unsigned>(found)));
  }
#endif
  while (at < sample.size()) {
    const void *found = std::memchr(sample.data() + at, 0xFF, sample.size() - at);
    if (found == nullptr) break;
    at = static_cast<std::uint64_t>(static_cast<const std::uint8_t *>(found) - sample.data());
    if (at + 1 == sample.size() || sample[at + 1] != 0) return at;
    at += 2;
  }
  return sample.size();
}

} // namespace

EntropySegment entropy_segment_at(Bytes sample, std::uint64_t offset) {
  EntropySegment segment;
  for (std::uint64_t at = std::min<std::uint64_t>(offset, sample.size());;) {
    const std::uint64_t first = find_marker(sample, at);
    // T.81 B.1.1.2: any number of fill bytes FF may precede a marker.
    std::uint64_t code = std::min<std::uint64_t>(first + 1, sample.size());
    while (code < sample.size() && sample[code] == 0xFF) ++code;
    const bool at_end = code == sample.size();
    if (at_end || sample[code] != 0) {
      segment.bytes = {offset, first - offset};
      segment.marker = at_end ? std::uint8_t{0} : sample[code];
      segment.marker_offset = at_end ? sample.size() : code - 1;
      return segment;
    }
    at = code + 1; // FF FF 00: data after all
  }
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
