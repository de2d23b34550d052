/// A scan as its decoders need it: which block of an MCU is decoded by which tables.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "formats/jpeg/entropy/huffman_decoder.h"
#include "formats/jpeg/entropy/run_tables.h"
#include "formats/jpeg/structure.h"

namespace datavet::jpeg {

/// All that a pair of Huffman tables is made into for a sequential scan.
struct SequentialTables {
  HuffmanDecoder dc;
  HuffmanDecoder ac;
  unsigned most_ac_bits = 0; ///< larger AC sizes stand for no coefficient of an 8-bit picture
  RunTables runs;

  void build(const HuffmanTable &dc_table, const HuffmanTable &ac_table, unsigned largest_ac_bits);
};

/// The DC values that samples of 8 bits can have after quantization; with some room, and a step for rounding.
/// What lies beyond comes from damage, which a DC value carries on to all blocks after it.
struct DcRange {
  std::int32_t lowest;
  std::int32_t highest;
  bool holds(std::int32_t value) const { return lowest <= value && value <= highest; }
};
/// Of a component quantized by `step`, at bit position `low`.
DcRange dc_range(unsigned step, unsigned low);

/// Only the first component's DC values are judged: nearly always the light, and some of it close to white or
/// black. Others hardly ever come near their bounds (of 3,000 flipped bits none was found by them alone), and
/// following them cost a tenth of the time.
constexpr bool judges_dc(const ScanComponent &component) { return component.component == 0; }

struct ComponentPlan {
  const SequentialTables *tables = nullptr; ///< not owned
  std::optional<DcRange> dc_range;          ///< see judges_dc()
};

struct SequentialPlan {
  std::array<ComponentPlan, 4> components;
  std::array<std::uint8_t, 10> component_of_block{}; ///< index into components
  unsigned blocks_in_mcu = 0;                        ///< 1-10
};

/// The bits of the largest AC coefficient that 8-bit samples can have at the smallest step; with room, at
/// most 10.
unsigned most_ac_bits(unsigned least_step);

} // namespace datavet::jpeg
