#include "formats/hdf5/filters/codecs.h"

#include <algorithm>
#include <climits>
#include <new>
#include <vector>

#include <fmt/format.h>
#include <libdeflate.h>
#include <lz4.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

namespace datavet::hdf5 {

namespace {

using End = Decoded::End;

constexpr Decoded ended(std::uint64_t bytes, std::uint64_t room) {
  return {bytes == room ? End::whole : End::shorter, bytes};
}

} // namespace

Codecs::Codecs() : inflater_(nullptr, &libdeflate_free_decompressor), zstd_(nullptr, &ZSTD_freeDCtx) {}

Decoded Codecs::inflate(Bytes in, std::span<std::uint8_t> out) {
  if (!inflater_) inflater_.reset(libdeflate_alloc_decompressor());
  if (!inflater_) throw std::bad_alloc();
  std::size_t inflated = 0;
  switch (
      libdeflate_zlib_decompress(inflater_.get(), in.data(), in.size(), out.data(), out.size(), &inflated)) {
  case LIBDEFLATE_SUCCESS: return ended(inflated, out.size());
  case LIBDEFLATE_INSUFFICIENT_SPACE: return {End::longer};
  default: return {End::damaged};
  }
}

Decoded Codecs::lz4(Bytes in, std::span<std::uint8_t> out) {
  if (in.size() > INT_MAX || out.size() > INT_MAX) return {End::damaged};
  // Nothing as input is refused by liblz4 as a null pointer would be.
  if (in.empty()) return {End::damaged};
  const int count =
      LZ4_decompress_safe(reinterpret_cast<const char *>(in.data()), reinterpret_cast<char *>(out.data()),
                          static_cast<int>(in.size()), static_cast<int>(out.size()));
  if (count < 0) return {End::damaged}; // or longer: liblz4 does not tell
  return ended(static_cast<std::uint64_t>(count), out.size());
}

Decoded Codecs::zstd(Bytes in, std::span<std::uint8_t> out) {
  if (!zstd_) zstd_.reset(ZSTD_createDCtx());
  if (!zstd_) throw std::bad_alloc();
  // Whole frames into their place: no window has to be kept, so the frame's window size costs nothing.
  const std::size_t count = ZSTD_decompressDCtx(zstd_.get(), out.data(), out.size(), in.data(), in.size());
  if (!ZSTD_isError(count)) return ended(count, out.size());
  return {ZSTD_getErrorCode(count) == ZSTD_error_dstSize_tooSmall ? End::longer : End::damaged};
}

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
    status = ::inflate(&state, Z_NO_FLUSH);
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

} // namespace datavet::hdf5
