#include "formats/jpeg/entropy/run_tables.h"

#include <algorithm>

namespace datavet::jpeg {

namespace {

struct Symbol {
  std::uint16_t code;
  std::uint8_t length; ///< of the code
  Run run;             ///< of this symbol alone
};

unsigned bits_of(Run run) { return run & 63u; }

/// The symbols of a table whose codes fit in the window, in the order of their codes.
class Symbols {
public:
  template <class RunOf> Symbols(const HuffmanTable &table, RunOf run_of) {
    unsigned code = 0, value = 0;
    for (unsigned length = 1; length <= run::window_bits; ++length, code <<= 1)
      for (unsigned i = 0; i < table.counts[length - 1]; ++i, ++code, ++value)
        symbols_[count_++] = {static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(length),
                              run_of(length, table.values[value])};
  }
  const Symbol *begin() const { return symbols_.data(); }
  const Symbol *end() const { return symbols_.data() + count_; }

private:
  std::array<Symbol, 256> symbols_;
  std::size_t count_ = 0;
};

Run run_of_bits(unsigned bits, unsigned coefficients) {
  return bits > run::most_bits ? run::undecided : static_cast<Run>(bits | coefficients << 6);
}

/// `first` followed by each of the runs at `rest`, or `first` alone where that takes too many bits.
void join(Run *to, Run first, const Run *rest, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    to[i] = bits_of(first) + bits_of(rest[i]) <= run::most_bits ? static_cast<Run>(first + rest[i]) : first;
}

/// Tables for windows of 0 to window_bits bits, one behind the other: that of n bits starts at 1 << n.
/// Zero = no symbol ends in the window.
using AllWindows = std::array<Run, 2u << run::window_bits>;

/// Writes the entries of `symbol` into a table for a window of `window` bits: the symbol, and after it what
/// the bits left of the window hold.
void write_symbol(Run *table, unsigned window, const Symbol &symbol, const AllWindows &smaller) {
  Run *to = table + (std::size_t{symbol.code} << (window - symbol.length));
  const std::size_t count = std::size_t{1} << (window - symbol.length);
  const unsigned bits = bits_of(symbol.run);
  const bool nothing_follows = symbol.run >= run::end_of_block || bits >= window;
  if (nothing_follows) {
    std::fill_n(to, count, symbol.run == run::undecided ? Run{0} : symbol.run);
    return;
  }
  // The same for each value of the extra bits.
  const std::size_t period = std::size_t{1} << (window - bits);
  join(to, symbol.run, smaller.data() + period, period);
  for (std::size_t done = period; done < count; done *= 2) std::copy_n(to, done, to + done);
}

} // namespace

void RunTables::build(const HuffmanTable &dc, const HuffmanTable &ac, unsigned most_ac_bits) {
  const Symbols ac_symbols(ac, [&](unsigned length, unsigned symbol) {
    if (!ac_symbol_is_legal(symbol, most_ac_bits)) return run::undecided;
    if (symbol == 0x00) return static_cast<Run>(length | run::end_of_block);
    return run_of_bits(length + (symbol & 15), (symbol >> 4) + 1); // ZRL, F0, covers 16 like any other
  });
  AllWindows windows;
  windows.fill(0);
  for (unsigned window = 1; window <= run::window_bits; ++window)
    for (const Symbol &symbol : ac_symbols)
      if (symbol.length <= window) write_symbol(windows.data() + (1u << window), window, symbol, windows);
  const Run *largest = windows.data() + (1u << run::window_bits);
  std::transform(largest, largest + more.size(), more.begin(),
                 [](Run found) { return found == 0 ? run::undecided : found; });

  const Symbols dc_symbols(dc, [](unsigned length, unsigned symbol) {
    return symbol > most_dc_bits ? run::undecided : run_of_bits(length + symbol, 0);
  });
  start.fill(0);
  for (const Symbol &symbol : dc_symbols) write_symbol(start.data(), run::window_bits, symbol, windows);
  std::replace(start.begin(), start.end(), Run{0}, run::undecided);
}

} // namespace datavet::jpeg
