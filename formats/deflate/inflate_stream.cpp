#include "formats/deflate/inflate_stream.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <new>

#include <zlib.h>

namespace datavet {

namespace {

constexpr std::uint8_t gzip_id1 = 0x1f; // RFC 1952 2.3.1

// zlib.h: "Add 16 to windowBits to decode the gzip format"; 15 admits every window size.
int window_bits(Wrapping wrapping) { return wrapping == Wrapping::gzip ? 15 + 16 : 15; }

uInt at_most_uint(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

} // namespace

void InflateStream::Closer::operator()(z_stream_s *stream) const {
  inflateEnd(stream);
  delete stream;
}

InflateStream::InflateStream(Wrapping wrapping) : wrapping_(wrapping) {
  assert(wrapping != Wrapping::none);
  auto stream = std::make_unique<z_stream>();
  if (inflateInit2(stream.get(), window_bits(wrapping)) != Z_OK) throw std::bad_alloc();
  stream_.reset(stream.release());
}

InflateStream::~InflateStream() = default;
InflateStream::InflateStream(InflateStream &&) noexcept = default;
InflateStream &InflateStream::operator=(InflateStream &&) noexcept = default;

InflateStream::Step InflateStream::feed(Bytes compressed, More more, std::span<std::uint8_t> plain) {
  const std::uint64_t compressed_before = compressed_offset_, plain_before = plain_offset_;
  while (outcome_ == Outcome::running) {
    const Bytes input = compressed.subspan(compressed_offset_ - compressed_before);
    const std::span<std::uint8_t> room = plain.subspan(plain_offset_ - plain_before);
    if (member_ended_) {
      if (input.empty()) {
        if (more == More::nothing_follows) outcome_ = Outcome::ended;
        break;
      }
      if (wrapping_ != Wrapping::gzip || input[0] != gzip_id1) {
        outcome_ = Outcome::trailing;
        break;
      }
      inflateReset(stream_.get());
      member_ended_ = false;
    }
    const std::uint64_t compressed_at = compressed_offset_, plain_at = plain_offset_;
    inflate_some(input, room);
    if (outcome_ != Outcome::running || member_ended_) continue;
    if (compressed_offset_ != compressed_at || plain_offset_ != plain_at) continue;
    // No progress. zlib may hold back output for want of room, so a full `plain` proves nothing.
    if (more == More::nothing_follows && input.empty() && !room.empty()) outcome_ = Outcome::truncated;
    break;
  }
  return {compressed_offset_ - compressed_before, plain_offset_ - plain_before, outcome_};
}

void InflateStream::inflate_some(Bytes compressed, std::span<std::uint8_t> plain) {
  // zlib.h: next_in is const only under ZLIB_CONST; inflate does not write there. It refuses a null
  // next_out even when there is no room.
  Bytef nowhere = 0;
  stream_->next_in = const_cast<Bytef *>(compressed.data());
  stream_->avail_in = at_most_uint(compressed.size());
  stream_->next_out = plain.empty() ? &nowhere : plain.data();
  stream_->avail_out = at_most_uint(plain.size());
  const uInt in_before = stream_->avail_in, out_before = stream_->avail_out;

  const int answer = inflate(stream_.get(), Z_NO_FLUSH);
  compressed_offset_ += in_before - stream_->avail_in;
  plain_offset_ += out_before - stream_->avail_out;

  switch (answer) {
  case Z_OK:
  case Z_BUF_ERROR: // "no progress was possible": not fatal
    return;
  case Z_STREAM_END: member_ended_ = true; return;
  case Z_MEM_ERROR: throw std::bad_alloc();
  case Z_NEED_DICT:
    outcome_ = Outcome::damaged;
    message_ = "needs a preset dictionary";
    return;
  default: break;
  }
  outcome_ = Outcome::damaged;
  message_ = stream_->msg != nullptr ? stream_->msg : "inflate failed";
}

} // namespace datavet
