#include "formats/checksum/fletcher32.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace datavet {

namespace {

constexpr bool little_endian = std::endian::native == std::endian::little;

/// A compiler makes of this what vector instructions the processor is known to have: SSE2, NEON.
using Lanes [[gnu::vector_size(16)]] = std::uint32_t;
/// A row: two words of 16 bits in each lane.
constexpr std::size_t words_in_row = sizeof(Lanes) / sizeof(std::uint16_t);

/// After n rows the second sums reach 65535 n (n + 1) / 2, which must stay below 2^32.
constexpr std::size_t most_rows = 360;
static_assert(65535ull * most_rows * (most_rows + 1) / 2 < (1ull << 32));

/// Every column of a block of rows summed by itself.
struct Columns {
  Lanes sums = {}, sums_of_sums = {};
  void add(Lanes words) {
    sums += words;
    sums_of_sums += sums;
  }
};

/// Fletcher's sums: of the words, and of the first sum after each word. Kept exact in 64 bits for a block,
/// and reduced modulo 65535 between blocks.
struct Fletcher {
  std::uint64_t first = 0, second = 0;

  void add(std::uint16_t word) {
    first += word;
    second += first;
  }

  void add_rows(const std::uint8_t *at, std::size_t rows) {
    Columns left, right; // of each lane
// Eight rows a turn: the loop itself would cost a third of the time.
#pragma GCC unroll 8
    for (std::size_t row = 0; row < rows; ++row) {
      Lanes lanes;
      std::memcpy(&lanes, at + row * sizeof lanes, sizeof lanes);
      (little_endian ? left : right).add(lanes & 0xffff);
      (little_endian ? right : left).add(lanes >> 16);
    }
    second += rows * words_in_row * first;
    for (std::size_t lane = 0; lane < words_in_row / 2; ++lane) {
      add_column(left, lane, 2 * lane);
      add_column(right, lane, 2 * lane + 1);
    }
  }

  void reduce() {
    first = reduced(first);
    second = reduced(second);
  }

  /// One of 1 .. 65535 for what is not zero, as HDF5 stores it: 65535 stands for the multiples of 65535.
  static std::uint64_t reduced(std::uint64_t sum) { return sum == 0 ? 0 : (sum - 1) % 65535 + 1; }

private:
  /// The second sum counts a word as often as words follow it, itself included. The column has counted it
  /// once a row: that is `words_in_row` times too seldom, and then as many times too often as words stand
  /// before it in its row.
  void add_column(const Columns &columns, std::size_t lane, std::size_t words_before) {
    first += columns.sums[lane];
    second += std::uint64_t{words_in_row} * columns.sums_of_sums[lane] -
              words_before * std::uint64_t{columns.sums[lane]};
  }
};

/// The words were read in this machine's order, HDF5 reads them big-endian. Modulo 65535 that need not be
/// put right but at the end: exchanging the bytes of a word is multiplying it by 256.
std::uint32_t in_big_endian(std::uint64_t sum) {
  if constexpr (little_endian) sum = Fletcher::reduced(sum << 8);
  return static_cast<std::uint32_t>(sum);
}

} // namespace

std::uint32_t fletcher32(Bytes bytes) {
  Fletcher sum;
  const std::uint8_t *at = bytes.data();
  std::size_t left = bytes.size();
  while (left >= sizeof(Lanes)) {
    const std::size_t rows = std::min(left / sizeof(Lanes), most_rows);
    sum.add_rows(at, rows);
    sum.reduce();
    at += rows * sizeof(Lanes);
    left -= rows * sizeof(Lanes);
  }
  while (left > 0) {
    std::uint16_t word = 0;
    const std::size_t size = std::min(left, sizeof word);
    std::memcpy(&word, at, size);
    sum.add(word);
    at += size;
    left -= size;
  }
  sum.reduce();
  return in_big_endian(sum.second) << 16 | in_big_endian(sum.first);
}

} // namespace datavet
