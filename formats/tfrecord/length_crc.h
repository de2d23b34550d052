/// The CRC-32C of a record's length, for headers by the million.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace datavet::tfrecord {

namespace length_crc_detail {

/// CRC-32C (RFC 3720 appendix B.4) of the eight bytes of `length`, little-endian, by the definition.
constexpr std::uint32_t by_bits(std::uint64_t length) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint32_t carry = (crc ^ static_cast<std::uint32_t>(length >> bit)) & 1;
    crc = (crc >> 1) ^ (carry * 0x82f63b78u);
  }
  return ~crc;
}

// A CRC is linear but for its start: that of a length is the sum (xor) of what each of its bytes adds to that of 0.
constexpr std::uint32_t of_zero = by_bits(0);

constexpr auto make_tables() {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (unsigned place = 0; place < 8; ++place)
    for (std::uint64_t byte = 0; byte < 256; ++byte) tables[place][byte] = by_bits(byte << (8 * place)) ^ of_zero;
  return tables;
}
inline constexpr auto tables = make_tables();

} // namespace length_crc_detail

/// Of the eight bytes as they are stored. Lengths below 2^32 take four look-ups that do not wait for each other.
constexpr std::uint32_t crc32c_of_length(std::uint64_t length) {
  const auto added = [&](unsigned place) { return length_crc_detail::tables[place][(length >> (8 * place)) & 0xff]; };
  std::uint32_t crc = length_crc_detail::of_zero ^ added(0) ^ added(1) ^ added(2) ^ added(3);
  if (length >> 32 != 0) crc ^= added(4) ^ added(5) ^ added(6) ^ added(7);
  return crc;
}

} // namespace datavet::tfrecord
