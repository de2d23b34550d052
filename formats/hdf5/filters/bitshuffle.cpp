#include "formats/hdf5/filters/bitshuffle.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "formats/hdf5/filters/shuffle.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

// cd_values: two versions, bytes of an element, elements of a block (0 = usual), codec.
constexpr std::size_t element_slot = 2, block_slot = 3, codec_slot = 4;
constexpr unsigned no_codec = 0, lz4_codec = 2, zstd_codec = 3;
constexpr std::uint64_t group = 8; // elements whose bits are moved together: BSHUF_BLOCKED_MULT

std::uint32_t parameter(const FilterStep &step, std::size_t slot) {
  return slot < step.parameters.size() ? step.parameters[slot] : 0;
}

// bshuf_default_block_size: 8 KiB, but no fewer than 128 elements.
std::uint64_t usual_block(std::uint64_t element) {
  return std::max<std::uint64_t>(8192 / element / group * group, 128);
}

ChunkTrouble damaged(std::string_view what) {
  return {&chunk_stream, fmt::format("the bitshuffled stream: {}", what)};
}

class Decoder {
public:
  Decoder(const FilterStep &step, std::span<std::uint8_t> out, bool in_order, Codecs &codecs,
          std::vector<std::uint8_t> &block)
      : element_(parameter(step, element_slot)), codec_(parameter(step, codec_slot)),
        elements_of_block_(parameter(step, block_slot)), out_(out), in_order_(in_order), codecs_(codecs),
        block_(block) {}

  std::optional<ChunkTrouble> run(Bytes in) {
    if (codec_ != no_codec) {
      ByteReader reader(in);
      const std::optional<be64> bytes = reader.read<be64>();
      const std::optional<be32> block = reader.read<be32>(); // in bytes; instead of the parameter
      if (!bytes || !block) return damaged("no room for its header");
      if (*bytes != out_.size())
        return ChunkTrouble{&chunk_size,
                            fmt::format("the bitshuffled stream is one of {} bytes instead of {}",
                                        bytes->value(), out_.size())};
      elements_of_block_ = *block / element_;
      in = reader.rest();
    } else if (in.size() != out_.size()) {
      return ChunkTrouble{&chunk_size, fmt::format("{} bytes instead of {}", in.size(), out_.size())};
    }
    if (out_.size() % element_ != 0)
      return damaged(fmt::format("{} bytes are not whole elements", out_.size()));
    if (elements_of_block_ == 0) elements_of_block_ = usual_block(element_);
    if (elements_of_block_ % group != 0)
      return damaged(fmt::format("blocks of {} elements", elements_of_block_));
    return blocks(ByteReader(in));
  }

private:
  std::optional<ChunkTrouble> blocks(ByteReader in) {
    const std::uint64_t elements = out_.size() / element_, whole = elements / group * group;
    for (std::uint64_t first = 0; first < whole; first += elements_of_block_) {
      const std::uint64_t count = std::min(elements_of_block_, whole - first);
      const std::uint64_t stands = in.offset();
      if (!decode_block(in, out_.subspan(first * element_, count * element_)))
        return damaged(fmt::format("the block at byte {}", stands));
    }
    const std::span<std::uint8_t> left = out_.subspan(whole * element_);
    const std::optional<Bytes> rest = in.take(left.size());
    if (!rest) return damaged("ends early");
    std::copy(rest->begin(), rest->end(), left.begin());
    return std::nullopt;
  }

  bool decode_block(ByteReader &in, std::span<std::uint8_t> out) {
    std::optional<Bytes> bits;
    if (codec_ == no_codec) {
      bits = in.take(out.size());
    } else {
      const std::optional<be32> size = in.read<be32>();
      const std::optional<Bytes> stream = size ? in.take(*size) : std::nullopt;
      if (!stream) return false;
      std::span<std::uint8_t> into = out;
      if (in_order_) {
        if (block_.size() < out.size()) block_.resize(out.size());
        into = std::span(block_).first(out.size());
      }
      const Decoded result = codec_ == lz4_codec ? codecs_.lz4(*stream, into) : codecs_.zstd(*stream, into);
      if (result.end != Decoded::End::whole) return false;
      bits = into;
    }
    if (!bits) return false;
    if (in_order_) unshuffle_bits(*bits, element_, out.data());
    return true;
  }

  const std::uint64_t element_;
  const unsigned codec_;
  std::uint64_t elements_of_block_;
  std::span<std::uint8_t> out_;
  const bool in_order_;
  Codecs &codecs_;
  std::vector<std::uint8_t> &block_;
};

} // namespace

bool bitshuffle_is_known(const FilterStep &step) {
  const std::uint32_t codec = parameter(step, codec_slot);
  return parameter(step, element_slot) > 0 && parameter(step, block_slot) % group == 0 &&
         (codec == no_codec || codec == lz4_codec || codec == zstd_codec);
}

bool bitshuffle_compresses(const FilterStep &step) { return parameter(step, codec_slot) != no_codec; }

std::optional<ChunkTrouble> decode_bitshuffle(const FilterStep &step, Bytes in, std::span<std::uint8_t> out,
                                              bool in_order, Codecs &codecs,
                                              std::vector<std::uint8_t> &block) {
  return Decoder(step, out, in_order, codecs, block).run(in);
}

} // namespace datavet::hdf5
