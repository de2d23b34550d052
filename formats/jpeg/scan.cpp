#include "formats/jpeg/scan.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "formats/jpeg/rules.h"

namespace datavet::jpeg {

bool ScanScript::accept(const Scan &scan, const Frame &frame, Evidence &evidence) {
  if (low_bit_.empty()) {
    Coefficients none;
    none.fill(nothing);
    low_bit_.assign(frame.components.size(), none);
  }
  for (const ScanComponent &in_scan : scan.in_scan()) {
    Coefficients &low_bit = low_bit_[in_scan.component];
    const unsigned id = frame.components[in_scan.component].id;
    if (!frame.progressive()) {
      if (low_bit[0] != nothing)
        evidence.findings.add(sos_repeated, scan.offset, 0, fmt::format("component {} again", id));
      low_bit.fill(0);
      continue;
    }
    if (scan.spectral_start > 0 && low_bit[0] == nothing) {
      evidence.findings.add(sos_script, scan.offset, 0,
                            fmt::format("component {}: coefficients {} to {} before its DC", id,
                                        scan.spectral_start, scan.spectral_end));
      return false;
    }
    for (unsigned k = scan.spectral_start; k <= scan.spectral_end; ++k) {
      // A first scan (Ah = 0) comes once; a refinement continues at the bit where the last one stopped.
      // Libjpeg lets a first scan replace one that had brought all bits, and so do we.
      const int expected = std::max<int>(low_bit[k], 0);
      if (scan.approximation_high != expected) {
        evidence.findings.add(sos_script, scan.offset, 0,
                              fmt::format("component {}, coefficient {}: Ah is {}, {} is due", id, k,
                                          scan.approximation_high, expected));
        return false;
      }
      low_bit[k] = static_cast<std::int8_t>(scan.approximation_low);
    }
  }
  return true;
}

bool ScanScript::judge_whole(const Frame &frame, std::uint64_t offset, Evidence &evidence) const {
  unsigned missing = 0;
  std::string partial;
  for (std::size_t i = 0; i < frame.components.size(); ++i) {
    const unsigned id = frame.components[i].id;
    if (low_bit_[i][0] == nothing) {
      evidence.findings.add(scans_component, offset, 0, fmt::format("component {} has no scan", id));
      return false;
    }
    const auto whole = [](std::int8_t low) { return low == 0; };
    const auto lacking =
        static_cast<unsigned>(64 - std::count_if(low_bit_[i].begin(), low_bit_[i].end(), whole));
    if (lacking == 0) continue;
    missing += lacking;
    partial +=
        fmt::format("{}component {} lacks bits of {} coefficients", partial.empty() ? "" : ", ", id, lacking);
  }
  if (missing > 0) evidence.findings.add(scans_incomplete, offset, 0, partial);
  return true;
}

namespace {

struct ScanTail {
  std::uint8_t spectral_start;
  std::uint8_t spectral_end;
  std::uint8_t approximation; ///< Ah << 4 | Al
};
static_assert(sizeof(ScanTail) == 3);

/// The component of the frame called `id`. Where several are, libjpeg takes them in order: one that no
/// selector of this scan has taken yet.
int find_component(const Frame &frame, const Scan &scan, unsigned id) {
  for (std::size_t i = 0; i < frame.components.size(); ++i) {
    const auto taken = [&](const ScanComponent &other) { return other.component == i; };
    const std::span<const ScanComponent> so_far = scan.in_scan();
    if (frame.components[i].id == id && std::none_of(so_far.begin(), so_far.end(), taken))
      return static_cast<int>(i);
  }
  return -1;
}

/// T.81 table B.3 and G.1.1.1, with the tests of libjpeg's jdphuff.c.
bool judge_band(const Segment &sos, const Scan &scan, const Frame &frame, Evidence &evidence) {
  const unsigned first = scan.spectral_start, last = scan.spectral_end;
  const unsigned high = scan.approximation_high, low = scan.approximation_low;
  const std::uint64_t place = sos.offset + sos.size() - sizeof(ScanTail);
  if (!frame.progressive()) {
    if (first != 0 || last != 63 || high != 0 || low != 0)
      evidence.findings.add(sos_sequential, place, sizeof(ScanTail),
                            fmt::format("Ss {}, Se {}, Ah {}, Al {}", first, last, high, low));
    return true;
  }
  const bool legal_band = first == 0 ? last == 0 : first <= last && last <= 63 && scan.component_count == 1;
  const bool legal_bits = low <= 13 && (high == 0 || low + 1 == high);
  if (legal_band && legal_bits) return true;
  evidence.findings.add(
      sos_progression, place, sizeof(ScanTail),
      fmt::format("Ss {}, Se {}, Ah {}, Al {}, {} components", first, last, high, low, scan.component_count));
  return false;
}

/// T.81 A.2: an MCU of one component is one block; of several, Hi x Vi blocks of each.
bool derive_mcus(const Segment &sos, const Frame &frame, Scan &scan, Evidence &evidence) {
  if (scan.component_count == 1) {
    const FrameComponent &component = frame.components[scan.components[0].component];
    scan.blocks_in_mcu = 1;
    scan.mcus = std::uint64_t{component.blocks_wide} * component.blocks_high;
    return true;
  }
  for (const ScanComponent &in_scan : scan.in_scan()) {
    const FrameComponent &component = frame.components[in_scan.component];
    scan.blocks_in_mcu += std::uint32_t{component.horizontal} * component.vertical;
  }
  scan.mcus = std::uint64_t{frame.mcus_wide} * frame.mcus_high;
  if (scan.blocks_in_mcu <= 10) return true;
  evidence.findings.add(sos_mcu, sos.offset, sos.size(), fmt::format("{} blocks", scan.blocks_in_mcu));
  return false;
}

/// Td and Ta of each component of a scan.
using TableNumbers = std::array<std::uint8_t, 4>;

/// Puts the tables that a scan names into force for its components.
class TableChoice {
public:
  TableChoice(const Segment &sos, Tables &tables, Structure &structure, Evidence &evidence)
      : sos_(sos), tables_(tables), structure_(structure), evidence_(evidence) {}

  /// False when it added an error.
  bool choose(const TableNumbers &numbers, Scan &scan) {
    // T.81 G.1.2: a progressive scan codes DC or AC; a DC refinement has no codes at all.
    const bool codes_dc = scan.spectral_start == 0 && scan.approximation_high == 0;
    const bool codes_ac = scan.spectral_end > 0;
    for (unsigned i = 0; i < scan.component_count; ++i) {
      ScanComponent &component = scan.components[i];
      if (!use_quantization(structure_.frame->components[component.component], component)) return false;
      if (codes_dc && !use(HuffmanTable::dc, numbers[i] >> 4, component.dc_table)) return false;
      if (codes_ac && !use(HuffmanTable::ac, numbers[i] & 15, component.ac_table)) return false;
    }
    if (!assumed_.empty())
      evidence_.findings.add(sos_standard_tables, sos_.offset, sos_.size(), "not defined: " + assumed_);
    return true;
  }

private:
  bool use_quantization(const FrameComponent &in_frame, ScanComponent &component) {
    const std::optional<Tables::Steps> steps = tables_.quantization(in_frame.quantization);
    if (steps) {
      component.dc_step = steps->dc;
      component.least_ac_step = steps->least_ac;
      return true;
    }
    evidence_.findings.add(sos_quantization, sos_.offset, sos_.size(),
                           fmt::format("quantization table {} of component {} is not defined",
                                       in_frame.quantization, in_frame.id));
    return false;
  }

  bool use(HuffmanTable::Class table_class, unsigned destination, std::int32_t &index) {
    auto name = [&] { return fmt::format("{} table {}", table_class == HuffmanTable::dc ? "DC" : "AC", destination); };
    bool usable = true;
    std::optional<std::int32_t> used =
        tables_.use_huffman(table_class, destination, structure_, evidence_, usable);
    if (!used && destination < 2 && !structure_.frame->progressive()) {
      assumed_ += (assumed_.empty() ? "" : ", ") + name();
      tables_.assume_standard(table_class, destination);
      used = tables_.use_huffman(table_class, destination, structure_, evidence_, usable);
    }
    if (!used) evidence_.findings.add(sos_huffman, sos_.offset, sos_.size(), name() + " is not defined");
    index = used.value_or(-1);
    return used.has_value() && usable;
  }

  const Segment &sos_;
  Tables &tables_;
  Structure &structure_;
  Evidence &evidence_;
  std::string assumed_; ///< names of the tables of K.3 that libjpeg-turbo fills in
};

/// The parameters of SOS as they stand; nullopt when it added an error.
std::optional<Scan> read_header(const Segment &sos, const Frame &frame, TableNumbers &numbers,
                                Evidence &evidence) {
  ByteReader reader(sos.parameters);
  const unsigned count = reader.u8().value_or(0);
  if (count < 1 || count > 4 || sos.parameters.size() != 1 + 2 * count + sizeof(ScanTail)) {
    evidence.findings.add(
        segment_length, sos.offset, sos.size(),
        fmt::format("SOS has {} bytes of parameters for {} components", sos.parameters.size(), count));
    return std::nullopt;
  }
  Scan scan;
  scan.offset = sos.offset;
  for (unsigned i = 0; i < count; ++i) {
    const unsigned id = *reader.u8();
    numbers[i] = *reader.u8();
    const int component = find_component(frame, scan, id);
    if (component < 0) {
      evidence.findings.add(sos_components, sos.parameters_offset() + 1 + 2 * i, 1,
                            fmt::format("component {}", id));
      return std::nullopt;
    }
    scan.components[i].component = static_cast<std::uint8_t>(component);
    ++scan.component_count;
  }
  const ScanTail tail = *reader.read<ScanTail>();
  scan.spectral_start = tail.spectral_start;
  scan.spectral_end = tail.spectral_end;
  scan.approximation_high = tail.approximation >> 4;
  scan.approximation_low = tail.approximation & 15;
  return scan;
}

} // namespace

std::optional<Scan> read_scan(const Segment &sos, Tables &tables, Structure &structure, Evidence &evidence) {
  const Frame &frame = *structure.frame;
  TableNumbers numbers{};
  std::optional<Scan> scan = read_header(sos, frame, numbers, evidence);
  if (!scan || !judge_band(sos, *scan, frame, evidence)) return std::nullopt;
  if (!frame.progressive()) {
    // Whatever the file says: decoders do not look.
    scan->spectral_start = 0;
    scan->spectral_end = 63;
    scan->approximation_high = scan->approximation_low = 0;
  }
  scan->restart_interval = tables.restart_interval();
  if (!derive_mcus(sos, frame, *scan, evidence)) return std::nullopt;
  if (!TableChoice(sos, tables, structure, evidence).choose(numbers, *scan)) return std::nullopt;
  return scan;
}

} // namespace datavet::jpeg
