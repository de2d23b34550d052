// Slice-by-8 (Kounavis and Berry, 2005): eight independent table look-ups take in eight bytes, where the
// bytewise loop needs eight dependent ones.
#include <array>
#include <cstddef>
#include <cstring>

#include "formats/bytes/endian.h"
#include "formats/checksum/crc_kernels.h"
#include "formats/checksum/crc_polynomial.h"

namespace datavet {

namespace {

using Table = std::array<std::uint32_t, 256>;

/// tables[k][b]: what byte b adds to the CRC when k more bytes follow it.
template <class Polynomial> constexpr std::array<Table, 8> make_tables() {
  std::array<Table, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) tables[0][byte] = Polynomial::times_x_to(byte, 8);
  for (std::size_t after = 1; after < 8; ++after)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[after - 1][byte];
      tables[after][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  return tables;
}

template <class Polynomial> std::uint32_t by_slices(Bytes bytes, std::uint32_t crc) {
  static constexpr std::array<Table, 8> tables = make_tables<Polynomial>();
  const std::uint8_t *at = bytes.data();
  std::size_t left = bytes.size();
  crc = ~crc;
  for (; left >= 8; at += 8, left -= 8) {
    le64 next;
    std::memcpy(&next, at, sizeof next);
    const std::uint64_t word = next ^ crc;
    crc = tables[7][word & 0xff] ^ tables[6][(word >> 8) & 0xff] ^ tables[5][(word >> 16) & 0xff] ^
          tables[4][(word >> 24) & 0xff] ^ tables[3][(word >> 32) & 0xff] ^ tables[2][(word >> 40) & 0xff] ^
          tables[1][(word >> 48) & 0xff] ^ tables[0][word >> 56];
  }
  for (; left > 0; ++at, --left) crc = (crc >> 8) ^ tables[0][(crc ^ *at) & 0xff];
  return ~crc;
}

} // namespace

std::uint32_t crc32_portable(Bytes bytes, std::uint32_t crc) { return by_slices<Iso3309>(bytes, crc); }
std::uint32_t crc32c_portable(Bytes bytes, std::uint32_t crc) { return by_slices<Castagnoli>(bytes, crc); }

} // namespace datavet
