/// Writes TFRecord shards. Header-only and on its own feet: it shares no line with the code under test,
/// whose CRC-32C is another one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace datavet::test {

namespace tfrecord_detail {

constexpr std::array<std::uint32_t, 256> make_crc32c_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    table[byte] = crc;
  }
  return table;
}
inline constexpr std::array<std::uint32_t, 256> crc32c_table = make_crc32c_table();

} // namespace tfrecord_detail

class TfrecordWriter {
public:
  /// Where a record lies in the shard.
  struct Place {
    std::size_t offset;
    std::size_t data_size;
    std::size_t length_crc_offset() const { return offset + 8; }
    std::size_t data_offset() const { return offset + 12; }
    std::size_t data_crc_offset() const { return data_offset() + data_size; }
    std::size_t size() const { return 16 + data_size; }
    std::size_t end() const { return offset + size(); }
  };

  void add(const std::uint8_t *data, std::size_t size) {
    places_.push_back({shard_.size(), size});
    add_header(size);
    shard_.insert(shard_.end(), data, data + size);
    put_32(masked_crc(data, size));
  }
  void add(const std::vector<std::uint8_t> &data) { add(data.data(), data.size()); }
  void add(std::string_view text) { add(std::vector<std::uint8_t>(text.begin(), text.end())); }

  /// A header whose CRC is right, and no record behind it.
  void add_header(std::uint64_t length) {
    const std::size_t at = shard_.size();
    for (unsigned byte = 0; byte < 8; ++byte)
      shard_.push_back(static_cast<std::uint8_t>(length >> (8 * byte)));
    put_32(masked_crc(shard_.data() + at, 8));
  }

  const std::vector<std::uint8_t> &shard() const { return shard_; }
  const std::vector<Place> &places() const { return places_; }

  static std::uint32_t masked_crc(const std::uint8_t *data, std::size_t size) {
    std::uint32_t crc = ~0u;
    for (std::size_t i = 0; i < size; ++i)
      crc = (crc >> 8) ^ tfrecord_detail::crc32c_table[(crc ^ data[i]) & 0xff];
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
  }

private:
  void put_32(std::uint32_t value) {
    for (unsigned byte = 0; byte < 4; ++byte)
      shard_.push_back(static_cast<std::uint8_t>(value >> (8 * byte)));
  }

  std::vector<std::uint8_t> shard_;
  std::vector<Place> places_;
};

} // namespace datavet::test
