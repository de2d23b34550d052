#include "formats/jpeg/entropy/scan_plan.h"

#include <algorithm>
#include <bit>

namespace datavet::jpeg {

namespace {

// T.81 A.3.3: the DCT of 8-bit samples lies in +-1024. Encoders may overshoot on purpose: mozjpeg's deringing
// lets samples pass white by up to 31 of 128, hence a quarter more for the mean. Of the others, nobody knows:
// twice.
constexpr std::int32_t largest_dc = 1024 + 256;
constexpr unsigned largest_ac = 2 * 1024;

} // namespace

void SequentialTables::build(const HuffmanTable &dc_table, const HuffmanTable &ac_table,
                             unsigned largest_ac_bits) {
  dc.build(dc_table);
  ac.build(ac_table);
  most_ac_bits = largest_ac_bits;
  runs.build(dc_table, ac_table, largest_ac_bits);
}

DcRange dc_range(unsigned step, unsigned low) {
  const std::int32_t unit = static_cast<std::int32_t>(std::max(step, 1u)) << low;
  const std::int32_t reach = (largest_dc + unit) / unit;
  return {-reach, reach};
}

unsigned most_ac_bits(unsigned least_step) {
  // A size of n bits stands for magnitudes from 2^(n-1) on.
  const unsigned largest = std::max(largest_ac / std::max(least_step, 1u), 1u);
  return std::min<unsigned>(static_cast<unsigned>(std::bit_width(largest)), 10);
}

} // namespace datavet::jpeg
