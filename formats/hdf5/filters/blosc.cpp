#include "formats/hdf5/filters/blosc.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "formats/hdf5/filters/shuffle.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

/// README_CHUNK_FORMAT.rst, Header.
struct Header {
  std::uint8_t version, codec_version, flags, element;
  le32 bytes, block, stored;
};
static_assert(sizeof(Header) == 16);

// Flags.
constexpr unsigned byte_shuffle = 1, copied = 2, bit_shuffle = 4, reserved_flag = 8, not_split = 16;
constexpr unsigned format_version = 2, codec_version = 1;
enum Codec : unsigned { blosclz = 0, lz4 = 1, snappy = 2, zlib = 3, zstd = 4 }; // bits 5 to 7

// blosc.c: what blocks were split into before there was a flag for it.
constexpr unsigned most_splits = 16, least_split = 128;
constexpr std::uint32_t largest_buffer = 2147483647 - 16, largest_block = (2147483647 - 255 * 4) / 3;

class Decoder {
public:
  Decoder(Bytes in, std::span<std::uint8_t> out, bool in_order, Codecs &codecs,
          std::vector<std::uint8_t> &block)
      : in_(in), out_(out), in_order_(in_order), codecs_(codecs), block_(block) {}

  std::optional<ChunkTrouble> run() {
    if (in_.size() < sizeof(Header)) return damaged("no room for its header");
    header_ = *ByteReader(in_).read<Header>();
    if (header_.version != format_version || (header_.flags & reserved_flag) != 0)
      return damaged(fmt::format("version {}, flags {:02x}", header_.version, header_.flags));
    if (header_.bytes != out_.size())
      return ChunkTrouble{&chunk_size, fmt::format("the Blosc buffer is one of {} bytes instead of {}",
                                                   header_.bytes.value(), out_.size())};
    if (header_.stored < sizeof(Header) || header_.stored > in_.size())
      return damaged(fmt::format("{} bytes of {} are stored", in_.size(), header_.stored.value()));
    in_ = in_.first(header_.stored); // what follows is passed over, as the plugin does
    if (out_.empty()) return std::nullopt;
    if (header_.element == 0 || header_.block == 0 || header_.block > out_.size() ||
        header_.block > largest_block || header_.bytes > largest_buffer)
      return damaged(
          fmt::format("elements of {} bytes, blocks of {}", header_.element, header_.block.value()));
    if ((header_.flags & copied) != 0) return copy();
    if (codec() == snappy) return ChunkTrouble{&unknown_filter, "Snappy inside Blosc"};
    if (codec() > zstd || header_.codec_version != codec_version)
      return damaged(fmt::format("codec {} of version {}", codec(), header_.codec_version));
    return blocks();
  }

private:
  static ChunkTrouble damaged(std::string_view what) {
    return {&chunk_stream, fmt::format("the Blosc buffer: {}", what)};
  }
  unsigned codec() const { return header_.flags >> 5; }

  std::optional<ChunkTrouble> copy() {
    if (in_.size() != sizeof(Header) + out_.size())
      return damaged(fmt::format("{} bytes are copied, {} stored", out_.size(), in_.size() - sizeof(Header)));
    std::memcpy(out_.data(), in_.data() + sizeof(Header), out_.size());
    return std::nullopt;
  }

  std::optional<ChunkTrouble> blocks() {
    const std::uint64_t block = header_.block, count = (out_.size() - 1) / block + 1;
    if (count > (in_.size() - sizeof(Header)) / sizeof(le32))
      return damaged("no room for the places of its blocks");
    ByteReader places(in_, sizeof(Header));
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t at = *places.read<le32>(), size = std::min(block, out_.size() - i * block);
      if (auto trouble = decode_block(at, out_.subspan(i * block, size), size < block)) return trouble;
    }
    return std::nullopt;
  }

  std::optional<ChunkTrouble> decode_block(std::uint64_t at, std::span<std::uint8_t> out, bool is_last_part) {
    const std::uint64_t element = header_.element;
    const bool bytes_moved = (header_.flags & byte_shuffle) != 0 && element > 1;
    const bool bits_moved = !bytes_moved && (header_.flags & bit_shuffle) != 0 && out.size() >= element;
    const bool splits = (header_.flags & not_split) == 0 && element <= most_splits &&
                        out.size() / element >= least_split && !is_last_part;
    const std::uint64_t parts = splits ? element : 1, part = out.size() / parts;
    std::span<std::uint8_t> into = out;
    if (in_order_ && (bytes_moved || bits_moved)) {
      if (block_.size() < out.size()) block_.resize(header_.block);
      into = std::span(block_).first(out.size());
    }
    ByteReader reader(in_, at);
    for (std::uint64_t i = 0; i < parts; ++i) {
      const std::uint64_t stands = reader.offset();
      const std::optional<le32> size = at > in_.size() ? std::nullopt : reader.read<le32>();
      const std::optional<Bytes> stream = size ? reader.take(*size) : std::nullopt;
      if (!stream) return damaged(fmt::format("a block at {} is outside its {} bytes", at, in_.size()));
      if (!decode_part(*stream, into.subspan(i * part, part)))
        return damaged(fmt::format("the stream at byte {} of {}", stands, in_.size()));
    }
    // Where elements do not divide a block, the split parts leave bytes out: no writer makes that.
    if (part * parts != out.size()) return damaged("blocks that are no multiple of the elements");
    if (into.data() == out.data()) return std::nullopt;
    if (bytes_moved)
      unshuffle_bytes(into, element, out.data());
    else
      unshuffle_whole_groups(into, element, out);
    return std::nullopt;
  }

  // Bits are moved when the elements make whole groups of eight, else none are: c-blosc 1, bitunshuffle() in
  // shuffle.c. (Blosc 2 moves those of the whole groups, under another format version.)
  static void unshuffle_whole_groups(Bytes in, std::uint64_t element, std::span<std::uint8_t> out) {
    const std::uint64_t elements = in.size() / element, whole = elements % 8 == 0 ? elements * element : 0;
    unshuffle_bits(in.first(whole), element, out.data());
    if (whole < in.size()) std::memcpy(out.data() + whole, in.data() + whole, in.size() - whole);
  }

  bool decode_part(Bytes stream, std::span<std::uint8_t> out) {
    if (stream.size() == out.size()) { // it could not be compressed
      std::memcpy(out.data(), stream.data(), stream.size());
      return true;
    }
    Decoded result;
    switch (codec()) {
    case blosclz: result = Codecs::blosclz(stream, out); break;
    case lz4: result = codecs_.lz4(stream, out); break;
    case zlib: result = codecs_.inflate(stream, out); break;
    default: result = codecs_.zstd(stream, out); break;
    }
    return result.end == Decoded::End::whole;
  }

  Bytes in_;
  std::span<std::uint8_t> out_;
  const bool in_order_;
  Codecs &codecs_;
  std::vector<std::uint8_t> &block_;
  Header header_{};
};

} // namespace

std::optional<ChunkTrouble> decode_blosc(Bytes in, std::span<std::uint8_t> out, bool in_order, Codecs &codecs,
                                         std::vector<std::uint8_t> &block) {
  return Decoder(in, out, in_order, codecs, block).run();
}

} // namespace datavet::hdf5
