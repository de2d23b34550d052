#include "formats/jpeg/entropy/band_table.h"

#include <algorithm>

namespace datavet::jpeg {

namespace {

BandRun join(const BandRun &first, const BandRun &rest) {
  BandRun both = first;
  both.non_zero |= rest.covered == 0 ? 0 : rest.non_zero << first.covered;
  both.bits = static_cast<std::uint8_t>(first.bits + rest.bits);
  both.covered = static_cast<std::uint8_t>(first.covered + rest.covered);
  both.ends = rest.ends;
  return both;
}

} // namespace

void BandTable::build(const HuffmanTable &ac, unsigned most_ac_bits) {
  windows_.fill({});
  for (unsigned window = 1; window <= window_bits; ++window) {
    unsigned code = 0, value = 0;
    for (unsigned length = 1; length <= window; ++length, code <<= 1)
      for (unsigned i = 0; i < ac.counts[length - 1]; ++i, ++code, ++value) {
        const unsigned symbol = ac.values[value], zeros = symbol >> 4, extra = symbol & 15u;
        if ((extra == 0 && zeros != 0 && zeros != 15) || extra > most_ac_bits) continue;
        BandRun run;
        run.bits = static_cast<std::uint8_t>(length + extra);
        run.ends = symbol == 0 ? 1 : 0;
        run.covered = symbol == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(zeros + 1);
        run.non_zero = extra == 0 ? 0 : std::uint32_t{1} << zeros;
        write_symbol(window, code, length, run);
      }
  }
}

/// Its entries in the table for `window` bits: the symbol, and after it what the bits left of the window
/// hold.
void BandTable::write_symbol(unsigned window, unsigned code, unsigned length, const BandRun &symbol) {
  BandRun *const to = windows_.data() + (std::size_t{1} << window) + (std::size_t{code} << (window - length));
  const std::size_t count = std::size_t{1} << (window - length);
  if (symbol.ends != 0 || symbol.bits >= window) {
    std::fill_n(to, count, symbol);
    return;
  }
  // The same for each value of the extra bits.
  const std::size_t period = std::size_t{1} << (window - symbol.bits);
  for (std::size_t i = 0; i < period; ++i) {
    const BandRun &rest = windows_[period + i];
    const bool fits =
        rest.bits != 0 && symbol.bits + rest.bits <= most_bits && symbol.covered + rest.covered <= 32;
    to[i] = fits ? join(symbol, rest) : symbol;
  }
  for (std::size_t done = period; done < count; done *= 2) std::copy_n(to, done, to + done);
}

} // namespace datavet::jpeg
