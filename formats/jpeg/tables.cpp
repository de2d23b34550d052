#include "formats/jpeg/tables.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "formats/jpeg/rules.h"
#include "formats/jpeg/standard_tables.h"

namespace datavet::jpeg {

namespace {

constexpr std::string_view class_name(unsigned table_class) {
  return table_class == HuffmanTable::dc ? "DC" : "AC";
}

/// T.81 annex C: codes are counted up from zero within a length, and doubled from one to the next.
/// The first length at which they no longer fit, all ones included; 0 = they fit.
unsigned overfull_length(const HuffmanTable &table) {
  std::uint32_t code = 0;
  for (unsigned i = 0; i < 16; ++i, code <<= 1) {
    code += table.counts[i];
    if (table.counts[i] != 0 && code >= (1u << (i + 1))) return i + 1;
  }
  return 0;
}

/// T.81 F.1.2.1.1 and F.1.2.2.1, for samples of 8 bits: DC categories to 11; AC sizes 1-10 with runs to
/// 15, EOB and ZRL; G.1.2.2 adds EOBn (size 0, run 1-14). One list: a table may serve either process.
bool symbol_can_occur(unsigned table_class, std::uint8_t symbol) {
  if (table_class == HuffmanTable::dc) return symbol <= 11;
  return (symbol & 15) <= 10;
}

void judge_symbols(const HuffmanTable &table, Evidence &evidence) {
  unsigned impossible = 0, doubled = 0;
  std::array<bool, 256> seen{};
  for (unsigned i = 0; i < table.size; ++i) {
    const std::uint8_t symbol = table.values[i];
    impossible += symbol_can_occur(table.table_class, symbol) ? 0u : 1u;
    doubled += seen[symbol] ? 1u : 0u;
    seen[symbol] = true;
  }
  if (impossible + doubled == 0) return;
  evidence.findings.add(dht_symbol, table.place.offset, table.place.length,
                        fmt::format("{} table {}: {} of {} symbols cannot occur, {} are listed twice",
                                    class_name(table.table_class), table.destination, impossible, table.size,
                                    doubled));
}

} // namespace

// T.81 B.2.4.1
bool Tables::define_quantization(const Segment &dqt, Evidence &evidence) {
  ByteReader reader(dqt.parameters);
  while (!reader.at_end()) {
    const std::uint64_t offset = dqt.parameters_offset() + reader.offset();
    const std::uint8_t first = *reader.u8();
    const unsigned precision = first >> 4, destination = first & 15;
    if (destination > 3) {
      evidence.findings.add(dqt_destination, offset, 1, fmt::format("quantization table {}", destination));
      return false;
    }
    const std::uint64_t step_size = precision == 0 ? 1 : 2;
    const std::optional<Bytes> steps = reader.take(64 * step_size);
    if (!steps) {
      evidence.findings.add(segment_length, dqt.offset, dqt.size(),
                            fmt::format("DQT: table {} needs {} bytes, {} are left", destination,
                                        64 * step_size, reader.remaining()));
      return false;
    }
    if (precision > 1)
      evidence.findings.add(dqt_precision, offset, 1,
                            fmt::format("quantization table {}: precision {}", destination, precision));
    unsigned zeros = 0;
    Steps bounds{1, 0xFFFF};
    for (std::uint64_t at = 0; at < steps->size(); at += step_size) {
      const unsigned step = step_size == 1 ? (*steps)[at] : (*steps)[at] << 8 | (*steps)[at + 1];
      zeros += step == 0 ? 1u : 0u;
      const auto unit = static_cast<std::uint16_t>(std::max(step, 1u));
      if (at == 0)
        bounds.dc = unit; // Qk are in zigzag order
      else
        bounds.least_ac = std::min(bounds.least_ac, unit);
    }
    if (zeros > 0)
      evidence.findings.add(
          dqt_zero, offset, 1 + 64 * step_size,
          fmt::format("quantization table {}: {} of 64 steps are zero", destination, zeros));
    quantization_[destination] = bounds;
  }
  return true;
}

// T.81 B.2.4.2
bool Tables::define_huffman(const Segment &dht, Evidence &evidence) {
  ByteReader reader(dht.parameters);
  while (!reader.at_end()) {
    HuffmanTable table;
    table.place.offset = dht.parameters_offset() + reader.offset();
    const std::uint8_t first = *reader.u8();
    table.table_class = first >> 4;
    table.destination = first & 15;
    if (table.table_class > 1 || table.destination > 3) {
      evidence.findings.add(dht_destination, table.place.offset, 1,
                            fmt::format("class {}, table {}", table.table_class, table.destination));
      return false;
    }
    const std::optional<Bytes> counts = reader.take(16);
    if (!counts) {
      evidence.findings.add(
          segment_length, dht.offset, dht.size(),
          fmt::format("DHT: {} bytes left for the 16 counts of a table", reader.remaining()));
      return false;
    }
    std::copy(counts->begin(), counts->end(), table.counts.begin());
    unsigned codes = 0;
    for (std::uint8_t count : table.counts) codes += count;
    if (codes > 256 || codes > reader.remaining()) {
      evidence.findings.add(dht_counts, table.place.offset, 17,
                            fmt::format("{} table {}: {} codes, {} bytes left in the segment",
                                        class_name(table.table_class), table.destination, codes,
                                        reader.remaining()));
      return false;
    }
    const Bytes values = *reader.take(codes);
    std::copy(values.begin(), values.end(), table.values.begin());
    table.size = static_cast<std::uint16_t>(codes);
    table.place.length = 17 + codes;

    Slot &replaced = slot(table.table_class, table.destination);
    if (replaced.defined && replaced.index < 0) judge_unused(replaced, evidence);
    replaced = Slot{table, true, -1};
  }
  return true;
}

// T.81 B.2.4.3. Without meaning in a Huffman-coded file, but libjpeg reads it in any.
bool Tables::define_conditioning(const Segment &dac, Evidence &evidence) {
  if (dac.parameters.size() % 2 != 0) {
    evidence.findings.add(segment_length, dac.offset, dac.size(),
                          fmt::format("DAC: {} bytes are no whole number of entries", dac.parameters.size()));
    return false;
  }
  for (std::uint64_t at = 0; at < dac.parameters.size(); at += 2) {
    const unsigned where = dac.parameters[at], value = dac.parameters[at + 1];
    // Libjpeg knows 16 destinations of each class where T.81 has 4. For DC, L must not exceed U.
    if (where < 32 && (where >= 16 || (value & 15) <= value >> 4)) continue;
    evidence.findings.add(dac_value, dac.parameters_offset() + at, 2,
                          fmt::format("class and table 0x{:02x}, value 0x{:02x}", where, value));
    return false;
  }
  return true;
}

// T.81 B.2.4.4
bool Tables::define_restart_interval(const Segment &dri, Evidence &evidence) {
  ByteReader reader(dri.parameters);
  const std::optional<be16> interval = reader.read<be16>();
  if (!interval || !reader.at_end()) {
    evidence.findings.add(segment_length, dri.offset, dri.size(),
                          fmt::format("DRI has {} bytes of parameters instead of 2", dri.parameters.size()));
    return false;
  }
  restart_interval_ = interval->value();
  return true;
}

std::optional<std::int32_t> Tables::use_huffman(HuffmanTable::Class table_class, unsigned destination,
                                                Structure &structure, Evidence &evidence, bool &usable) {
  if (destination > 3) return std::nullopt;
  Slot &used = slot(table_class, destination);
  if (!used.defined) return std::nullopt;
  if (used.index >= 0) return used.index;

  const HuffmanTable &table = used.table;
  if (is_standard(table)) {
    // Nothing to find.
  } else if (const unsigned length = overfull_length(table); length != 0) {
    usable = false;
    evidence.findings.add(dht_code, table.place.offset, table.place.length,
                          fmt::format("{} table {}: the codes of {} bits do not fit", class_name(table_class),
                                      destination, length));
  } else if (table_class == HuffmanTable::dc &&
             std::any_of(table.values.begin(), table.values.begin() + table.size,
                         [](std::uint8_t category) { return category > 15; })) {
    usable = false;
    evidence.findings.add(dht_category, table.place.offset, table.place.length,
                          fmt::format("DC table {} names a category above 15", destination));
  } else {
    judge_symbols(table, evidence);
  }
  used.index = static_cast<std::int32_t>(structure.huffman_tables.size());
  structure.huffman_tables.reserve(4);
  structure.huffman_tables.push_back(table);
  return used.index;
}

void Tables::assume_standard(HuffmanTable::Class table_class, unsigned destination) {
  slot(table_class, destination) = Slot{standard_table(table_class, destination), true, -1};
}

void Tables::judge_unused(const Slot &slot, Evidence &evidence) const {
  const HuffmanTable &table = slot.table;
  if (const unsigned length = overfull_length(table); length != 0)
    evidence.findings.add(dht_unused, table.place.offset, table.place.length,
                          fmt::format("{} table {}: the codes of {} bits do not fit",
                                      class_name(table.table_class), table.destination, length));
}

void Tables::judge_unused(Evidence &evidence) const {
  for (const Slot &slot : huffman_)
    if (slot.defined && slot.index < 0) judge_unused(slot, evidence);
}

} // namespace datavet::jpeg
