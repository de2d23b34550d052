/// LZW written down as appendix F tells it, with every string spelled out: slow, and plainly right.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "formats/gif/lzw.h"
#include "tests/support/damage.h"

namespace datavet::test {

struct DecodedLzw {
  gif::LzwEnd end = gif::LzwEnd::no_data;
  std::vector<unsigned> pixels;
  std::size_t byte = 0; ///< in which the code that ended it begins
  unsigned code = 0, next = 0;
  bool clear_first = false;
  std::size_t unused = 0;
};

inline DecodedLzw decode_lzw(const Blob &data, unsigned code_size) {
  using Pixels = std::vector<unsigned>;
  const unsigned clear = 1u << code_size, end = clear + 1;
  std::vector<Pixels> table;
  Pixels previous; // empty: the last code was a clear code, or there was none
  unsigned width = 0;
  auto begin_table = [&] {
    table.assign(clear + 2, {});
    for (unsigned pixel = 0; pixel < clear; ++pixel) table[pixel] = {pixel};
    previous.clear();
    width = code_size + 1;
  };
  begin_table();

  DecodedLzw decoded;
  for (std::size_t bit = 0; bit + width <= 8 * data.size();) {
    unsigned code = 0;
    for (unsigned i = 0; i < width; ++i) code |= (data[(bit + i) / 8] >> ((bit + i) % 8) & 1u) << i;
    if (bit == 0) decoded.clear_first = code == clear;
    decoded.byte = bit / 8;
    bit += width;
    if (code == clear) {
      begin_table();
      continue;
    }
    if (code == end) {
      decoded.end = gif::LzwEnd::end_code;
      decoded.unused = data.size() - (bit + 7) / 8;
      return decoded;
    }
    // The code after a string may be the one that this very code defines.
    const bool defines = !previous.empty() && table.size() < 4096;
    if (code > table.size() || (code == table.size() && !defines)) {
      decoded.end = gif::LzwEnd::undefined;
      decoded.code = code;
      decoded.next = static_cast<unsigned>(table.size());
      return decoded;
    }
    if (defines) {
      Pixels string = previous;
      string.push_back(code == table.size() ? previous.front() : table[code].front());
      table.push_back(string);
    }
    previous = table[code];
    decoded.pixels.insert(decoded.pixels.end(), previous.begin(), previous.end());
    while (table.size() >= 1u << width && width < 12) ++width;
  }
  return decoded;
}

} // namespace datavet::test
