#include "formats/tfrecord/framing.h"

namespace datavet::tfrecord {

namespace {

/// "All integers are little-endian": on any machine.
template <class Unsigned> void store(Unsigned number, std::uint8_t *at) {
  for (unsigned byte = 0; byte < sizeof number; ++byte)
    at[byte] = static_cast<std::uint8_t>(number >> (8 * byte));
}

} // namespace

std::array<std::uint8_t, header_size> header_for(std::uint64_t length) {
  std::array<std::uint8_t, header_size> header{};
  store(length, header.data());
  store(masked_crc32c(Bytes(header).first(length_size)), header.data() + length_size);
  return header;
}

std::array<std::uint8_t, footer_size> footer_for(std::uint32_t crc) {
  std::array<std::uint8_t, footer_size> footer{};
  store(masked(crc), footer.data());
  return footer;
}

} // namespace datavet::tfrecord
