#include "formats/jpeg/entropy/huffman_decoder.h"

#include <algorithm>

namespace datavet::jpeg {

void HuffmanDecoder::build(const HuffmanTable &table) {
  values_ = table.values;
  short_codes_.fill({});
  std::uint32_t code = 0;
  std::uint32_t value = 0;
  for (unsigned length = 1; length <= 16; ++length, code <<= 1) {
    first_value_[length] = static_cast<std::int32_t>(value) - static_cast<std::int32_t>(code);
    for (unsigned i = 0; i < table.counts[length - 1]; ++i, ++code, ++value) {
      if (length > short_bits) continue;
      const Code entry{static_cast<std::uint8_t>(length), table.values[value]};
      std::fill_n(short_codes_.begin() + (code << (short_bits - length)), 1u << (short_bits - length), entry);
    }
    ends_[length] = code << (16 - length);
  }
}

HuffmanDecoder::Code HuffmanDecoder::find_long(std::uint64_t bits) const {
  const auto head = static_cast<std::uint32_t>(bits >> 48);
  for (unsigned length = short_bits + 1; length <= 16; ++length) {
    if (head >= ends_[length]) continue;
    const std::int32_t code = static_cast<std::int32_t>(head >> (16 - length));
    return {static_cast<std::uint8_t>(length),
            values_[static_cast<std::size_t>(first_value_[length] + code)]};
  }
  return {};
}

} // namespace datavet::jpeg
