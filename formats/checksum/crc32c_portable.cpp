// Slice-by-8 (Kounavis and Berry, 2005): eight independent table look-ups take in eight bytes, where the
// bytewise loop needs eight dependent ones.
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "formats/checksum/crc32c_kernels.h"
#include "formats/checksum/crc32c_polynomial.h"

namespace datavet {

namespace {

using Table = std::array<std::uint32_t, 256>;

/// tables[k][b]: what byte b adds to the CRC when k more bytes follow it.
constexpr std::array<Table, 8> make_tables() {
  std::array<Table, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) tables[0][byte] = castagnoli::times_x_to(byte, 8);
  for (std::size_t after = 1; after < 8; ++after)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[after - 1][byte];
      tables[after][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  return tables;
}
constexpr std::array<Table, 8> tables = make_tables();

std::uint64_t load_little(const std::uint8_t *from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

} // namespace

std::uint32_t crc32c_portable(Bytes bytes, std::uint32_t crc) {
  const std::uint8_t *at = bytes.data();
  std::size_t left = bytes.size();
  crc = ~crc;
  for (; left >= 8; at += 8, left -= 8) {
    const std::uint64_t word = load_little(at) ^ crc;
    crc = tables[7][word & 0xff] ^ tables[6][(word >> 8) & 0xff] ^ tables[5][(word >> 16) & 0xff] ^
          tables[4][(word >> 24) & 0xff] ^ tables[3][(word >> 32) & 0xff] ^ tables[2][(word >> 40) & 0xff] ^
          tables[1][(word >> 48) & 0xff] ^ tables[0][word >> 56];
  }
  for (; left > 0; ++at, --left) crc = (crc >> 8) ^ tables[0][(crc ^ *at) & 0xff];
  return ~crc;
}

} // namespace datavet
