#include "formats/hdf5/chunk_filters.h"

#include <algorithm>
#include <cstring>
#include <new>

#include <fmt/format.h>
#include <libdeflate.h>
#include <zlib.h>

#include "formats/bytes/byte_reader.h"
#include "formats/checksum/fletcher32.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

bool compresses(const Filter &filter) { return filter.id == deflate_filter || filter.id == lzf_filter; }

// How a damaged stream fails, in zlib's words: libdeflate only says that it does. Output is thrown away.
std::string inflate_complaint(Bytes stream, std::uint64_t expected) {
  z_stream state{};
  if (inflateInit(&state) != Z_OK) return "inflate failed";
  std::vector<std::uint8_t> window(64 * 1024);
  // zlib takes pieces of 32-bit size; zlib's interface is not const.
  std::size_t given = 0;
  int status = Z_OK;
  while (status == Z_OK && state.total_out <= expected) {
    if (state.avail_in == 0 && given < stream.size()) {
      const std::size_t piece = std::min<std::size_t>(stream.size() - given, 1u << 20);
      state.next_in = const_cast<std::uint8_t *>(stream.data() + given);
      state.avail_in = static_cast<uInt>(piece);
      given += piece;
    }
    state.next_out = window.data();
    state.avail_out = static_cast<uInt>(window.size());
    status = inflate(&state, Z_NO_FLUSH);
  }
  std::string text;
  if (status == Z_BUF_ERROR)
    text = fmt::format("the deflate stream ends after {} of {} bytes", state.total_out, expected);
  else
    text = fmt::format("{} at byte {} of {} in the deflate stream",
                       state.msg != nullptr ? state.msg : "error", state.total_in, stream.size());
  inflateEnd(&state);
  return text;
}

// H5Zfletcher32.c: versions before 1.6.3 stored the checksum with the bytes of each half swapped on
// little-endian machines; libhdf5 accepts both to this day.
std::uint32_t halves_swapped(std::uint32_t sum) {
  return ((sum & 0x00ff00ff) << 8) | ((sum >> 8) & 0x00ff00ff);
}

} // namespace

bool can_undo(std::span<const Filter> filters) {
  // What lies before a second compressor has no size that can be known, so no bound.
  return std::ranges::count_if(filters, compresses) <= 1 &&
         std::ranges::count(filters, shuffle_filter, &Filter::id) <= 1 &&
         std::ranges::all_of(filters, [](const Filter &filter) {
           return compresses(filter) || filter.id == shuffle_filter || filter.id == fletcher32_filter;
         });
}

ChunkVerifier::ChunkVerifier(std::span<const Filter> filters, std::uint64_t size)
    : filters_(filters), size_(size),
      inflater_(libdeflate_alloc_decompressor(), &libdeflate_free_decompressor) {
  if (!inflater_) throw std::bad_alloc();
  const std::uint64_t checksums =
      4 * static_cast<std::uint64_t>(std::ranges::count(filters, fletcher32_filter, &Filter::id));
  if (std::ranges::any_of(filters, compresses)) inflated_.resize(size + checksums);
  if (std::ranges::count(filters, shuffle_filter, &Filter::id) > 0 && checksums > 0)
    unshuffled_.resize(size + checksums);
}

std::optional<ChunkTrouble> ChunkVerifier::verify(Bytes stored, std::uint32_t mask) {
  const auto applied = [&](std::size_t i) { return i >= 32 || ((mask >> i) & 1) == 0; };
  Bytes data = stored;
  for (std::size_t i = filters_.size(); i-- > 0;) {
    if (!applied(i)) continue;
    // What the writer gave to this filter: the chunk, and the checksums that filters before it appended.
    std::uint64_t given = size_, checksums = 0;
    for (std::size_t j = 0; j < i; ++j)
      if (applied(j) && filters_[j].id == fletcher32_filter) checksums += 4;
    given += checksums;

    std::optional<ChunkTrouble> trouble;
    switch (filters_[i].id) {
    case fletcher32_filter: trouble = undo_fletcher32(data); break;
    case deflate_filter: trouble = undo_deflate(data, given); break;
    case lzf_filter: trouble = undo_lzf(data, given); break;
    case shuffle_filter:
      // The order of the bytes matters only to a checksum that was taken before they were shuffled.
      if (checksums > 0 && !filters_[i].parameters.empty()) undo_shuffle(data, filters_[i].parameters[0]);
      break;
    default: break; // can_undo() excludes others
    }
    if (trouble) return trouble;
  }
  if (data.size() == size_) return std::nullopt;
  return ChunkTrouble{&chunk_size, fmt::format("{} bytes, a chunk has {}", data.size(), size_)};
}

std::optional<ChunkTrouble> ChunkVerifier::undo_fletcher32(Bytes &data) const {
  if (data.size() < sizeof(le32))
    return ChunkTrouble{&dataset_checksum,
                        fmt::format("{} bytes have no room for a Fletcher-32", data.size())};
  const Bytes covered = data.first(data.size() - sizeof(le32));
  const std::uint32_t stored = *ByteReader(data, covered.size()).read<le32>();
  const std::uint32_t computed = fletcher32(covered);
  if (stored != computed && stored != halves_swapped(computed))
    return ChunkTrouble{&dataset_checksum,
                        fmt::format("Fletcher-32 stored {:08x}, computed {:08x}", stored, computed)};
  data = covered;
  return std::nullopt;
}

std::optional<ChunkTrouble> ChunkVerifier::undo_deflate(Bytes &data, std::uint64_t expected) {
  std::size_t inflated = 0;
  switch (libdeflate_zlib_decompress(inflater_.get(), data.data(), data.size(), inflated_.data(), expected,
                                     &inflated)) {
  case LIBDEFLATE_SUCCESS: break;
  case LIBDEFLATE_INSUFFICIENT_SPACE:
    return ChunkTrouble{&chunk_size, fmt::format("inflates to more than {} bytes", expected)};
  default: return ChunkTrouble{&chunk_stream, inflate_complaint(data, expected)};
  }
  if (inflated != expected)
    return ChunkTrouble{&chunk_size, fmt::format("inflates to {} bytes instead of {}", inflated, expected)};
  data = Bytes(inflated_).first(inflated);
  return std::nullopt;
}

// LibLZF's format: a control byte below 32 starts a run of literals; any other a copy of what was written
// before, its length in the upper three bits (7: more in the next byte), its distance in 13 bits.
std::optional<ChunkTrouble> ChunkVerifier::undo_lzf(Bytes &data, std::uint64_t expected) {
  const auto damaged = [&](std::uint64_t at) {
    return ChunkTrouble{&chunk_stream,
                        fmt::format("the LZF stream is damaged at byte {} of {}", at, data.size())};
  };
  const auto too_long = [&] {
    return ChunkTrouble{&chunk_size, fmt::format("LZF gives more than {} bytes", expected)};
  };
  ByteReader reader(data);
  std::uint64_t written = 0;
  while (!reader.at_end()) {
    const std::uint64_t at = reader.offset();
    const unsigned control = *reader.u8();
    if (control < 32) {
      const std::optional<Bytes> literals = reader.take(control + 1);
      if (!literals) return damaged(at);
      if (literals->size() > expected - written) return too_long();
      std::ranges::copy(*literals, inflated_.begin() + static_cast<std::ptrdiff_t>(written));
      written += literals->size();
      continue;
    }
    std::uint64_t length = control >> 5;
    if (length == 7) {
      const std::optional<std::uint8_t> more = reader.u8();
      if (!more) return damaged(at);
      length += *more;
    }
    length += 2;
    const std::optional<std::uint8_t> low = reader.u8();
    const std::uint64_t distance = (std::uint64_t{control & 0x1f} << 8) + low.value_or(0) + 1;
    if (!low || distance > written) return damaged(at);
    if (length > expected - written) return too_long();
    for (std::uint64_t i = 0; i < length; ++i, ++written) inflated_[written] = inflated_[written - distance];
  }
  if (written != expected)
    return ChunkTrouble{&chunk_size, fmt::format("LZF gives {} bytes instead of {}", written, expected)};
  data = Bytes(inflated_).first(written);
  return std::nullopt;
}

// H5Zshuffle.c: all first bytes of the elements, then all second bytes, ...; what is left over as it was.
void ChunkVerifier::undo_shuffle(Bytes &data, std::uint64_t element) {
  if (element < 2 || data.size() > unshuffled_.size()) return;
  const std::uint64_t elements = data.size() / element;
  std::uint8_t *out = unshuffled_.data();
  for (std::uint64_t byte = 0; byte < element; ++byte)
    for (std::uint64_t i = 0; i < elements; ++i) out[i * element + byte] = data[byte * elements + i];
  for (std::uint64_t at = elements * element; at < data.size(); ++at) out[at] = data[at];
  data = Bytes(unshuffled_).first(data.size());
}

} // namespace datavet::hdf5
