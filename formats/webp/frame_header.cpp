#include "formats/webp/frame_header.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/webp/rules.h"

namespace datavet::webp {

namespace {

/// RFC 6386 7.3: the boolean entropy decoder. Past the end it reads zeros, as the RFC's does.
class BoolDecoder {
public:
  explicit BoolDecoder(Bytes bytes) : bytes_(bytes) {
    value_ = static_cast<std::uint32_t>(next_byte() << 8);
    value_ |= next_byte();
  }

  /// A literal of `bits` bits, most significant first, each of probability 1/2.
  std::uint32_t literal(unsigned bits) {
    std::uint32_t number = 0;
    while (bits-- > 0) number = number << 1 | bit();
    return number;
  }
  bool flag() { return bit() != 0; }

private:
  unsigned next_byte() { return at_ < bytes_.size() ? bytes_[at_++] : 0u; }

  std::uint32_t bit() {
    const std::uint32_t split = 1 + ((range_ - 1) * 128 >> 8);
    const std::uint32_t big_split = split << 8;
    const bool one = value_ >= big_split;
    if (one) {
      range_ -= split;
      value_ -= big_split;
    } else {
      range_ = split;
    }
    while (range_ < 128) {
      value_ <<= 1;
      range_ <<= 1;
      if (++shifted_ == 8) {
        shifted_ = 0;
        value_ |= next_byte();
      }
    }
    return one ? 1 : 0;
  }

  Bytes bytes_;
  std::size_t at_ = 0;
  std::uint32_t value_ = 0;
  std::uint32_t range_ = 255;
  unsigned shifted_ = 0;
};

/// A list of optional signed values: a flag, a magnitude of `bits` bits, a sign.
void skip_deltas(BoolDecoder &header, int count, unsigned bits) {
  for (int i = 0; i < count; ++i)
    if (header.flag()) header.literal(bits + 1);
}

/// RFC 6386 9.2 to 9.5 and 19.2: the frame header up to log2_nbr_of_dct_partitions.
unsigned token_partitions(Bytes first_partition) {
  BoolDecoder header(first_partition);
  header.literal(2);                       // color_space, clamping_type
  if (header.flag()) {                     // segmentation_enabled
    const bool update_map = header.flag(); // update_mb_segmentation_map
    if (header.flag()) {                   // update_segment_feature_data
      header.flag();                       // segment_feature_mode
      skip_deltas(header, 4, 7);           // quantizer_update_value
      skip_deltas(header, 4, 6);           // lf_update_value
    }
    if (update_map)
      for (int i = 0; i < 3; ++i)
        if (header.flag()) header.literal(8); // segment_prob
  }
  header.literal(1 + 6 + 3);          // filter_type, loop_filter_level, sharpness_level
  if (header.flag() && header.flag()) // loop_filter_adj_enable, mode_ref_lf_delta_update
    skip_deltas(header, 8, 6);        // ref_frame and mb_mode deltas
  return 1u << header.literal(2);
}

/// RFC 6386 9.5: after the first partition come the sizes (3 bytes each) of all token partitions but the
/// last, then the partitions. libwebp refuses a frame whose last partition is empty.
void check_partitions(const Chunk &image, std::uint64_t first_size, Evidence &evidence) {
  constexpr std::uint64_t header_size = 10;
  const unsigned count = token_partitions(image.payload.subspan(header_size, first_size));
  ByteReader reader(image.payload, header_size + first_size);
  const std::uint64_t table = image.payload_offset() + reader.offset();
  std::uint64_t needed = 0;
  std::uint64_t left = reader.remaining();
  const std::uint64_t table_size = std::uint64_t{3} * (count - 1);
  if (left > table_size) {
    left -= table_size;
    for (unsigned i = 0; i + 1 < count; ++i) {
      const std::uint64_t low = *reader.read<le16>();
      needed += low | static_cast<std::uint64_t>(*reader.u8()) << 16;
    }
    if (needed < left) return;
  }
  evidence.findings.add(
      vp8_partitions, table,
      std::min<std::uint64_t>(table_size, image.payload.size() - header_size - first_size),
      fmt::format("{} token partitions need more than {} bytes, the chunk has {} left", count, needed, left));
}

std::optional<FrameHeader> broken(const Rule &rule, const Chunk &image, std::string detail,
                                  Evidence &evidence) {
  evidence.findings.add(rule, image.payload_offset(), std::min<std::uint64_t>(image.payload.size(), 10),
                        std::move(detail));
  return std::nullopt;
}

std::optional<FrameHeader> read_vp8(const Chunk &image, bool partitions, Evidence &evidence) {
  ByteReader reader(image.payload);
  if (image.payload.size() < 10)
    return broken(vp8_header, image, fmt::format("{} bytes, the header has 10", image.payload.size()),
                  evidence);
  const std::uint32_t low = *reader.read<le16>();
  const std::uint32_t tag = low | static_cast<std::uint32_t>(*reader.u8()) << 16;
  const std::uint32_t first_partition = tag >> 5;
  if ((tag & 1) != 0) return broken(vp8_header, image, "not a key frame", evidence);
  if ((tag >> 1 & 7) > 3)
    return broken(vp8_header, image, fmt::format("version {}, known are 0 to 3", tag >> 1 & 7), evidence);
  if ((tag >> 4 & 1) == 0) return broken(vp8_header, image, "the frame is not to be shown", evidence);
  // RFC 6386 9.1: start code 9d 01 2a
  const std::uint32_t code_low = *reader.read<be16>();
  const std::uint32_t code = code_low << 8 | *reader.u8();
  if (code != 0x9d012a)
    return broken(vp8_header, image, fmt::format("start code {:06x}, not 9d012a", code), evidence);
  const std::uint32_t width = *reader.read<le16>() & 0x3fffu; // the upper two bits are a scale for display
  const std::uint32_t height = *reader.read<le16>() & 0x3fffu;
  if (width == 0 || height == 0)
    return broken(vp8_header, image, fmt::format("a frame of {} x {} pixels", width, height), evidence);
  if (first_partition > reader.remaining()) {
    evidence.findings.add(
        vp8_partitions, image.payload_offset() + reader.offset(), reader.remaining(),
        fmt::format("first partition of {} bytes, {} are left", first_partition, reader.remaining()));
    return std::nullopt;
  }
  if (partitions) check_partitions(image, first_partition, evidence);
  return FrameHeader{width, height, false};
}

std::optional<FrameHeader> read_vp8l(const Chunk &image, Evidence &evidence) {
  ByteReader reader(image.payload);
  if (image.payload.size() < 5)
    return broken(vp8l_header, image, fmt::format("{} bytes, the header has 5", image.payload.size()),
                  evidence);
  const std::uint8_t signature = *reader.u8();
  if (signature != 0x2f)
    return broken(vp8l_header, image, fmt::format("signature 0x{:02x}, not 0x2f", signature), evidence);
  const std::uint32_t fields = *reader.read<le32>(); // 14 bits width - 1, 14 height - 1, 1 alpha, 3 version
  if (fields >> 29 != 0)
    return broken(vp8l_header, image, fmt::format("version {}, known is 0", fields >> 29), evidence);
  return FrameHeader{(fields & 0x3fff) + 1, (fields >> 14 & 0x3fff) + 1, (fields >> 28 & 1) != 0};
}

} // namespace

std::optional<FrameHeader> read_frame_header(const Chunk &image, bool partitions, Evidence &evidence) {
  return image.name == fourcc("VP8L") ? read_vp8l(image, evidence) : read_vp8(image, partitions, evidence);
}

void check_alpha(const Chunk &alpha, const FrameHeader &image, Evidence &evidence) {
  if (alpha.payload.size() < 2) {
    evidence.findings.add(alph_size, alpha.offset, 8 + alpha.payload.size(), "no data after the header byte");
    return;
  }
  // RFC 9649 2.7.1.2: Rsrv 2 bits, preprocessing 2, filtering 2, compression 2, from the most significant.
  const unsigned header = alpha.payload[0];
  const unsigned compression = header & 3, preprocessing = header >> 4 & 3, reserved = header >> 6;
  if (compression > 1 || preprocessing > 1 || reserved > 1)
    evidence.findings.add(alph_header, alpha.payload_offset(), 1,
                          fmt::format("header 0x{:02x}: compression {}, preprocessing {}, reserved bits {}",
                                      header, compression, preprocessing, reserved));
  const std::uint64_t pixels = std::uint64_t{image.width} * image.height;
  if (compression == 0 && alpha.payload.size() - 1 < pixels)
    evidence.findings.add(
        alph_size, alpha.payload_offset(), alpha.payload.size(),
        fmt::format("{} bytes of uncompressed alpha for {} pixels", alpha.payload.size() - 1, pixels));
}

} // namespace datavet::webp
