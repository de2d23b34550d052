#include "formats/jpeg/entropy/sequential.h"

#include <algorithm>

#include "formats/jpeg/entropy/extend.h"

namespace datavet::jpeg {

namespace {

using Kind = ScanFault::Kind;

class SegmentDecoder {
public:
  SegmentDecoder(const SequentialPlan &plan, Bytes segment, const SegmentData &data)
      : plan_(plan), segment_(segment), reader_(data) {}

  ScanFault run(std::uint64_t mcus) {
    for (std::uint64_t mcu = 0; mcu < mcus; ++mcu)
      for (unsigned block = 0; block < plan_.blocks_in_mcu; ++block)
        if (Kind kind = decode_block(plan_.component_of_block[block]); kind != Kind::none)
          return {kind, mcu,
                  kind == Kind::missing ? segment_.size() : offset_of_bit(segment_, symbol_start_)};
    return check_tail(reader_, segment_, mcus);
  }

private:
  Kind decode_block(unsigned component) {
    const ComponentPlan &plan = plan_.components[component];
    if (Kind kind = decode_dc(plan, dc_[component]); kind != Kind::none) return kind;
    for (unsigned left = 63; left > 0;)
      if (Kind kind = decode_ac(*plan.tables, left); kind != Kind::none) return kind;
    return Kind::none;
  }

  Kind decode_dc(const ComponentPlan &plan, std::int32_t &dc) {
    const HuffmanDecoder::Code code = next_code(plan.tables->dc);
    if (code.length == 0) return no_code();
    const unsigned bits = code.symbol;
    reader_.skip(code.length);
    // A category above 15 would take more bits than are at hand; use_huffman() refuses its table.
    const std::int32_t difference = extend(reader_.bits(), std::min(bits, 16u));
    reader_.skip(std::min(bits, 16u));
    if (reader_.ran_out()) return Kind::missing;
    if (bits > most_dc_bits) return Kind::symbol;
    if (!plan.dc_range) return Kind::none;
    dc += difference;
    return plan.dc_range->holds(dc) ? Kind::none : Kind::dc_value;
  }

  Kind decode_ac(const SequentialTables &tables, unsigned &left) {
    const HuffmanDecoder::Code code = next_code(tables.ac);
    if (code.length == 0) return no_code();
    reader_.skip(code.length + (code.symbol & 15u));
    if (reader_.ran_out()) return Kind::missing;
    if (!ac_symbol_is_legal(code.symbol, tables.most_ac_bits)) return Kind::symbol;
    const unsigned covered = code.symbol == 0 ? left : (code.symbol >> 4) + 1u;
    if (covered > left) return Kind::coefficient;
    left -= covered;
    return Kind::none;
  }

  HuffmanDecoder::Code next_code(const HuffmanDecoder &decoder) {
    symbol_start_ = reader_.used();
    return decoder.find(reader_.bits());
  }

  /// Fewer than 16 bits may be the start of a code.
  Kind no_code() const { return reader_.left() < 16 ? Kind::missing : Kind::code; }

  const SequentialPlan &plan_;
  Bytes segment_;
  BitReader reader_;
  std::array<std::int32_t, 4> dc_{};
  std::uint64_t symbol_start_ = 0; ///< bit number of the symbol being decoded
};

} // namespace

ScanFault check_tail(BitReader reader, Bytes segment, std::uint64_t mcus) {
  if (reader.left() < 8) {
    const auto left = static_cast<unsigned>(reader.left());
    const std::uint64_t ones = ~std::uint64_t{0} >> (63 - left) >> 1;
    if (left == 0 || reader.bits() >> (64 - left) == ones) return {Kind::none, mcus, segment.size()};
    return {Kind::last_bits, mcus, offset_of_bit(segment, reader.used())};
  }
  const std::uint64_t first = offset_of_bit(segment, (reader.used() + 7) / 8 * 8);
  const Bytes rest = segment.subspan(first);
  const bool only_padding =
      std::all_of(rest.begin(), rest.end(), [](std::uint8_t byte) { return byte == 0 || byte == 0xFF; });
  return {only_padding ? Kind::padding : Kind::extra, mcus, first};
}

ScanFault check_sequential_segment(const SequentialPlan &plan, Bytes segment, std::uint64_t mcus,
                                   SegmentData &data) {
  data.assign(segment);
  return SegmentDecoder(plan, segment, data).run(mcus);
}

} // namespace datavet::jpeg
