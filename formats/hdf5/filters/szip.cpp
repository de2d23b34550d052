#include "formats/hdf5/filters/szip.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include <fmt/format.h>
#include <libaec.h>
#include <szlib.h>

#include "formats/bytes/byte_reader.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

enum Slot : std::size_t { options, pixels_per_block, bits_per_pixel, pixels_per_scanline };
constexpr std::size_t parameters_given = 4;

/// How libaec is told what szip's parameters mean: sz_compat.c.
struct Shape {
  explicit Shape(const FilterStep &step)
      : block(step.parameters[pixels_per_block]), scanline(step.parameters[pixels_per_scanline]),
        bits(step.parameters[bits_per_pixel]) {
    // Pixels of 32 and 64 bits are taken apart: all first bytes, then all second bytes, ...
    if (bits == 32 || bits == 64) {
      width = bits / 8;
      bits = 8;
    }
    pixel_bytes = bits > 16 ? 4 : bits > 8 ? 2 : 1;
  }

  std::uint32_t block, scanline, bits; ///< pixels, pixels, bits of a sample
  std::uint32_t width = 1;             ///< samples of a pixel
  std::uint32_t pixel_bytes = 1;       ///< of a sample

  std::uint32_t blocks() const { return (scanline + block - 1) / block; }
  /// Scanlines are filled up to whole blocks.
  std::uint32_t padding_bytes() const { return (blocks() * block - scanline) * pixel_bytes; }
};

class Decoder {
public:
  Decoder(const Shape &shape, std::uint32_t mask, Bytes in) {
    stream_.block_size = shape.block;
    stream_.rsi = shape.blocks();
    stream_.bits_per_sample = shape.bits;
    stream_.flags = ((mask & SZ_MSB_OPTION_MASK) != 0 ? AEC_DATA_MSB : 0u) |
                    ((mask & SZ_NN_OPTION_MASK) != 0 ? AEC_DATA_PREPROCESS : 0u);
    stream_.next_in = in.data();
    stream_.avail_in = in.size();
    status_ = aec_decode_init(&stream_);
    if (status_ == AEC_MEM_ERROR) throw std::bad_alloc();
    open_ = status_ == AEC_OK;
  }
  ~Decoder() {
    if (open_) aec_decode_end(&stream_);
  }
  Decoder(const Decoder &) = delete;
  Decoder &operator=(const Decoder &) = delete;

  /// True when all of `out` was filled.
  bool fill(std::span<std::uint8_t> out) {
    if (status_ != AEC_OK) return false;
    if (out.empty()) return true;
    stream_.next_out = out.data();
    stream_.avail_out = out.size();
    status_ = aec_decode(&stream_, AEC_FLUSH);
    return status_ == AEC_OK && stream_.avail_out == 0;
  }
  bool is_damaged() const { return status_ != AEC_OK; }

private:
  aec_stream stream_{};
  int status_ = AEC_OK;
  bool open_ = false;
};

/// True when there was as much to pass over.
bool pass_over(Decoder &decoder, std::uint64_t bytes) {
  std::array<std::uint8_t, 4 * SZ_MAX_PIXELS_PER_BLOCK> aside;
  for (std::uint64_t left = bytes; left > 0;) {
    const std::uint64_t piece = std::min<std::uint64_t>(left, aside.size());
    if (!decoder.fill(std::span(aside).first(piece))) return false;
    left -= piece;
  }
  return true;
}

/// Scanline after scanline, without what fills them up. The bytes that came.
std::uint64_t fill_scanlines(Decoder &decoder, const Shape &shape, std::span<std::uint8_t> out) {
  const std::uint64_t line = std::uint64_t{shape.scanline} * shape.pixel_bytes;
  std::uint64_t done = 0;
  while (done < out.size()) {
    const std::uint64_t length = std::min(line, out.size() - done),
                        whole = length - length % shape.pixel_bytes;
    if (!decoder.fill(out.subspan(done, whole))) break;
    done += whole;
    const bool is_cut = whole < length; // the chunk ends inside of a sample
    if (is_cut) {
      std::array<std::uint8_t, 4> sample;
      // libaec decodes that sample only where scanlines are filled up.
      if (shape.padding_bytes() == 0 || !decoder.fill(std::span(sample).first(shape.pixel_bytes))) break;
      std::memcpy(out.data() + done, sample.data(), length - whole);
      done += length - whole;
    }
    // That what fills the last one up is missing does no harm. Where it is damaged, libaec refuses the chunk.
    const std::uint64_t taken = whole + (is_cut ? shape.pixel_bytes : 0);
    if (shape.padding_bytes() > 0 && !pass_over(decoder, line + shape.padding_bytes() - taken)) break;
  }
  return done;
}

void join_planes(Bytes planes, std::uint32_t width, std::span<std::uint8_t> out) {
  const std::size_t count = planes.size() / width;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t byte = 0; byte < width; ++byte) out[i * width + byte] = planes[byte * count + i];
}

} // namespace

bool szip_is_known(const FilterStep &step) {
  if (step.parameters.size() != parameters_given) return false;
  const std::uint32_t block = step.parameters[pixels_per_block], bits = step.parameters[bits_per_pixel],
                      scanline = step.parameters[pixels_per_scanline];
  return block >= 2 && block <= SZ_MAX_PIXELS_PER_BLOCK && block % 2 == 0 && scanline > 0 &&
         scanline <= SZ_MAX_PIXELS_PER_SCANLINE && ((bits > 0 && bits <= 24) || bits == 32 || bits == 64);
}

std::optional<ChunkTrouble> decode_szip(const FilterStep &step, Bytes in, std::span<std::uint8_t> out,
                                        std::vector<std::uint8_t> &planes) {
  ByteReader reader(in);
  const std::optional<le32> gives = reader.read<le32>();
  if (!gives)
    return ChunkTrouble{&chunk_stream,
                        fmt::format("{} bytes have no room for the header of szip", in.size())};
  if (*gives != out.size())
    return ChunkTrouble{&chunk_size,
                        fmt::format("szip gives {} bytes instead of {}", gives->value(), out.size())};
  const Shape shape(step);
  if (out.size() % shape.width != 0) // libaec leaves the rest as it is
    return ChunkTrouble{&chunk_size, fmt::format("{} bytes of pixels of {}", out.size(), shape.width)};
  if (shape.width > 1 && planes.size() < out.size()) planes.resize(out.size());
  const std::span<std::uint8_t> samples = shape.width > 1 ? std::span(planes).first(out.size()) : out;
  Decoder decoder(shape, step.parameters[options], in.subspan(reader.offset()));
  const std::uint64_t came = fill_scanlines(decoder, shape, samples);
  if (decoder.is_damaged()) return ChunkTrouble{&chunk_stream, "the stream of szip is damaged"};
  if (came != out.size()) // libhdf5 does not look, and gives other memory for the rest
    return ChunkTrouble{&chunk_stream, fmt::format("szip ends after {} of {} bytes", came, out.size())};
  if (shape.width > 1) join_planes(samples, shape.width, out);
  return std::nullopt;
}

} // namespace datavet::hdf5
