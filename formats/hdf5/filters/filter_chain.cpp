#include "formats/hdf5/filters/filter_chain.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <zstd.h>

#include "formats/bytes/byte_reader.h"
#include "formats/checksum/fletcher32.h"
#include "formats/hdf5/filters/bitshuffle.h"
#include "formats/hdf5/filters/blosc.h"
#include "formats/hdf5/filters/nbit.h"
#include "formats/hdf5/filters/scale_offset.h"
#include "formats/hdf5/filters/shuffle.h"
#include "formats/hdf5/filters/szip.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

constexpr unsigned most_filters = 32; // H5Z_MAX_NFILTERS: a mask has no more bits

bool compresses(const FilterStep &step) {
  switch (step.id) {
  case deflate_filter:
  case lzf_filter:
  case lz4_filter:
  case zstandard_filter:
  case blosc_filter:
  case szip_filter: return true;
  case bitshuffle_filter: return bitshuffle_compresses(step);
  default: return false;
  }
}

// nbit and scale-offset: a chunk has one size when they are undone, and at most so much more before.
constexpr std::uint64_t packing_adds = 22;
bool packs(const FilterStep &step) {
  if (step.id == nbit_filter)
    return step.parameters.size() > 1 && step.parameters[1] == 0; // else it leaves chunks alone
  return step.id == scale_offset_filter && (!scale_offset_is_known(step) || !scale_offset_does_nothing(step));
}
// Others say how much will come out: that is their bound.
bool may_follow_packing(const FilterStep &step) { return step.id == deflate_filter || step.id == lzf_filter; }

// H5Z__filter_shuffle: "invalid shuffle parameters" otherwise.
bool shuffle_is_known(const FilterStep &step) {
  return step.parameters.size() == 1 && step.parameters[0] != 0;
}

// H5Zblosc.c, cd_values[6]: the codec.
bool blosc_is_known(const FilterStep &step) {
  constexpr unsigned codec_slot = 6, snappy = 3;
  return step.parameters.size() <= codec_slot || step.parameters[codec_slot] != snappy;
}

bool is_known(const FilterStep &step) {
  switch (step.id) {
  case deflate_filter:
  case fletcher32_filter:
  case lzf_filter:
  case lz4_filter:
  case zstandard_filter: return true;
  case shuffle_filter: return shuffle_is_known(step);
  case blosc_filter: return blosc_is_known(step);
  case bitshuffle_filter: return bitshuffle_is_known(step);
  case szip_filter: return szip_is_known(step);
  case nbit_filter: return read_nbit(step).has_value();
  case scale_offset_filter: return scale_offset_is_known(step);
  default: return false;
  }
}

bool applied(std::size_t step, std::uint32_t mask) { return ((mask >> step) & 1) == 0; }

// H5Zfletcher32.c: versions before 1.6.3 stored the checksum with the bytes of each half swapped on
// little-endian machines; libhdf5 accepts both to this day.
std::uint32_t halves_swapped(std::uint32_t sum) {
  return ((sum & 0x00ff00ff) << 8) | ((sum >> 8) & 0x00ff00ff);
}

ChunkTrouble wrong_size(std::string_view codec, const Decoded &decoded, std::uint64_t given) {
  if (decoded.end == Decoded::End::longer)
    return {&chunk_size, fmt::format("{} gives more than {} bytes", codec, given)};
  return {&chunk_size, fmt::format("{} gives {} bytes instead of {}", codec, decoded.bytes, given)};
}

} // namespace

bool can_undo(std::span<const FilterStep> filters) {
  if (filters.size() > most_filters || !std::ranges::all_of(filters, is_known)) return false;
  // What lies before a second compressor has no size that can be known, so no bound.
  const auto compressor = std::ranges::find_if(filters, compresses),
             packer = std::ranges::find_if(filters, packs);
  if (std::ranges::count_if(filters, compresses) > 1 || std::ranges::count_if(filters, packs) > 1)
    return false;
  return compressor == filters.end() || packer == filters.end() ||
         (packer < compressor && may_follow_packing(*compressor));
}

FilterChain::FilterChain(std::span<const FilterStep> filters, std::uint64_t size)
    : filters_(filters), size_(size) {
  // One that leaves chunks alone may stand beside it.
  for (const FilterStep &step : filters)
    if (step.id == nbit_filter && packs(step)) nbit_ = std::make_unique<const Nbit>(*read_nbit(step));
}
FilterChain::~FilterChain() = default;
FilterChain::FilterChain(FilterChain &&) noexcept = default;

// True when a filter that is undone later looks at the bytes themselves: a checksum, or a compressor.
bool FilterChain::bytes_matter(std::size_t before, std::uint32_t mask) const {
  for (std::size_t i = 0; i < before; ++i)
    if (applied(i, mask) &&
        (filters_[i].id == fletcher32_filter || compresses(filters_[i]) || packs(filters_[i])))
      return true;
  return false;
}

// True when what comes out of this filter is still packed.
bool FilterChain::is_packed(std::size_t before, std::uint32_t mask) const {
  for (std::size_t i = 0; i < before; ++i)
    if (applied(i, mask) && packs(filters_[i])) return true;
  return false;
}

std::optional<ChunkTrouble> FilterChain::run(Bytes stored, std::uint32_t mask, bool wants_bytes) {
  data_ = stored;
  // What a checksum adds before the chunk is compressed comes out of the compressor.
  std::uint64_t checksums = 0;
  for (std::size_t i = 0; i < filters_.size(); ++i)
    checksums += applied(i, mask) && filters_[i].id == fletcher32_filter;
  for (std::size_t i = filters_.size(); i-- > 0;) {
    if (!applied(i, mask)) continue;
    const FilterStep &step = filters_[i];
    const bool in_order = wants_bytes || bytes_matter(i, mask);
    if (step.id == fletcher32_filter) --checksums;
    const std::uint64_t given = size_ + sizeof(le32) * checksums;
    const bool packed = is_packed(i, mask);
    Trouble trouble;
    switch (step.id) {
    case fletcher32_filter: trouble = undo_fletcher32(); break;
    case shuffle_filter:
      if (in_order) trouble = undo_shuffle(step.parameters[0]);
      break;
    case deflate_filter: trouble = undo_deflate(given, packed); break;
    case lzf_filter: trouble = undo_lzf(given, packed); break;
    case lz4_filter: trouble = undo_lz4(given); break;
    case zstandard_filter: trouble = undo_zstandard(given); break;
    case blosc_filter: trouble = undo_blosc(given, in_order); break;
    case bitshuffle_filter: trouble = undo_bitshuffle(step, given, in_order); break;
    case szip_filter: trouble = undo_szip(step, given); break;
    case nbit_filter:
      if (packs(step)) trouble = undo_nbit(given);
      break;
    case scale_offset_filter:
      if (packs(step)) trouble = undo_scale_offset(step, given);
      break;
    default: break; // can_undo() excludes others
    }
    if (trouble) return trouble;
  }
  if (data_.size() == size_) return std::nullopt;
  return ChunkTrouble{&chunk_size, fmt::format("{} bytes, a chunk has {}", data_.size(), size_)};
}

std::span<std::uint8_t> FilterChain::room(std::uint64_t size) {
  std::vector<std::uint8_t> &buffer = buffers_[next_];
  next_ = 1 - next_;
  if (buffer.size() < size) buffer.resize(size);
  return std::span(buffer).first(size);
}

std::optional<ChunkTrouble> check_fletcher32(Bytes bytes) {
  if (bytes.size() < sizeof(le32))
    return ChunkTrouble{&dataset_checksum,
                        fmt::format("{} bytes have no room for a Fletcher-32", bytes.size())};
  const Bytes covered = bytes.first(bytes.size() - sizeof(le32));
  const std::uint32_t stored = *ByteReader(bytes, covered.size()).read<le32>();
  const std::uint32_t computed = fletcher32(covered);
  if (stored == computed || stored == halves_swapped(computed)) return std::nullopt;
  return ChunkTrouble{&dataset_checksum,
                      fmt::format("Fletcher-32 stored {:08x}, computed {:08x}", stored, computed)};
}

std::optional<ChunkTrouble> FilterChain::undo_fletcher32() {
  Trouble trouble = check_fletcher32(data_);
  if (!trouble) data_ = data_.first(data_.size() - sizeof(le32));
  return trouble;
}

std::optional<ChunkTrouble> FilterChain::undo_shuffle(std::uint64_t element) {
  if (element < 2 || data_.size() < element) return std::nullopt;
  const std::span<std::uint8_t> out = room(data_.size());
  unshuffle_bytes(data_, element, out.data());
  data_ = out;
  return std::nullopt;
}

std::optional<ChunkTrouble> FilterChain::undo_deflate(std::uint64_t given, bool packed) {
  std::span<std::uint8_t> out = room(packed ? given + packing_adds : given);
  const Decoded decoded = codecs_.inflate(data_, out);
  if (decoded.end == Decoded::End::damaged)
    return ChunkTrouble{&chunk_stream, inflate_complaint(data_, out.size())};
  if (packed && decoded.end == Decoded::End::shorter)
    out = out.first(decoded.bytes);
  else if (decoded.end != Decoded::End::whole)
    return wrong_size("deflate", decoded, out.size());
  data_ = out;
  return std::nullopt;
}

std::optional<ChunkTrouble> FilterChain::undo_lzf(std::uint64_t given, bool packed) {
  std::span<std::uint8_t> out = room(packed ? given + packing_adds : given);
  const Decoded decoded = Codecs::lzf(data_, out);
  if (decoded.end == Decoded::End::damaged)
    return ChunkTrouble{&chunk_stream, fmt::format("the LZF stream is damaged at byte {} of {}",
                                                   decoded.bytes, data_.size())};
  if (packed && decoded.end == Decoded::End::shorter)
    out = out.first(decoded.bytes);
  else if (decoded.end != Decoded::End::whole)
    return wrong_size("LZF", decoded, out.size());
  data_ = out;
  return std::nullopt;
}

// H5Zlz4.c: the size of it all and of a block, big-endian; then for each block its stored size, and a block
// of LZ4, or, when the sizes are the same, the bytes as they are. What follows the last block is passed over.
std::optional<ChunkTrouble> FilterChain::undo_lz4(std::uint64_t given) {
  ByteReader reader(data_);
  const std::optional<be64> bytes = reader.read<be64>();
  const std::optional<be32> block_bytes = reader.read<be32>();
  if (!bytes || !block_bytes) return ChunkTrouble{&chunk_stream, "no room for the header of LZ4"};
  if (*bytes != given)
    return ChunkTrouble{&chunk_size, fmt::format("LZ4 gives {} bytes instead of {}", bytes->value(), given)};
  if (*block_bytes == 0 && given > 0) return ChunkTrouble{&chunk_stream, "blocks of 0 bytes of LZ4"};
  const std::span<std::uint8_t> out = room(given);
  for (std::uint64_t written = 0; written < given;) {
    const std::uint64_t block = std::min<std::uint64_t>(*block_bytes, given - written),
                        stands = reader.offset();
    const std::optional<be32> size = reader.read<be32>();
    const std::optional<Bytes> stream = size ? reader.take(*size) : std::nullopt;
    bool good = stream.has_value();
    if (good && stream->size() == block)
      std::memcpy(out.data() + written, stream->data(), block);
    else if (good)
      good = codecs_.lz4(*stream, out.subspan(written, block)).end == Decoded::End::whole;
    if (!good)
      return ChunkTrouble{&chunk_stream,
                          fmt::format("the block of LZ4 at byte {} of {} is damaged", stands, data_.size())};
    written += block;
  }
  data_ = out;
  return std::nullopt;
}

// zstd_h5plugin.c asks the frame for its size, and refuses one that does not say.
std::optional<ChunkTrouble> FilterChain::undo_zstandard(std::uint64_t given) {
  const unsigned long long says = ZSTD_getFrameContentSize(data_.data(), data_.size());
  if (says == ZSTD_CONTENTSIZE_ERROR) return ChunkTrouble{&chunk_stream, "not a frame of Zstandard"};
  if (says == ZSTD_CONTENTSIZE_UNKNOWN)
    return ChunkTrouble{&chunk_stream, "a frame of Zstandard without its size"};
  if (says != given)
    return ChunkTrouble{&chunk_size, fmt::format("Zstandard gives {} bytes instead of {}", says, given)};
  const std::span<std::uint8_t> out = room(given);
  const Decoded decoded = codecs_.zstd(data_, out);
  if (decoded.end == Decoded::End::damaged)
    return ChunkTrouble{&chunk_stream, "the frame of Zstandard is damaged"};
  if (decoded.end != Decoded::End::whole) return wrong_size("Zstandard", decoded, given);
  data_ = out;
  return std::nullopt;
}

std::optional<ChunkTrouble> FilterChain::undo_blosc(std::uint64_t given, bool in_order) {
  const std::span<std::uint8_t> out = room(given);
  Trouble trouble = decode_blosc(data_, out, in_order, codecs_, block_);
  data_ = out;
  return trouble;
}

std::optional<ChunkTrouble> FilterChain::undo_bitshuffle(const FilterStep &step, std::uint64_t given,
                                                         bool in_order) {
  if (!bitshuffle_compresses(step)) given = data_.size();
  const std::span<std::uint8_t> out = room(given);
  Trouble trouble = decode_bitshuffle(step, data_, out, in_order, codecs_, block_);
  data_ = out;
  return trouble;
}

std::optional<ChunkTrouble> FilterChain::undo_szip(const FilterStep &step, std::uint64_t given) {
  const std::span<std::uint8_t> out = room(given);
  Trouble trouble = decode_szip(step, data_, out, block_);
  data_ = out;
  return trouble;
}

std::optional<ChunkTrouble> FilterChain::undo_nbit(std::uint64_t given) {
  const std::span<std::uint8_t> out = room(given);
  Trouble trouble = decode_nbit(*nbit_, data_, out);
  data_ = out;
  return trouble;
}

std::optional<ChunkTrouble> FilterChain::undo_scale_offset(const FilterStep &step, std::uint64_t given) {
  const std::span<std::uint8_t> out = room(given);
  Trouble trouble = decode_scale_offset(step, data_, out);
  data_ = out;
  return trouble;
}

} // namespace datavet::hdf5
