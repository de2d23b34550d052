#include "formats/deflate/wrapping.h"

#include <algorithm>

#include "formats/deflate/inflate_stream.h"

namespace datavet {

namespace {

// RFC 1952 2.3.1: ID1 ID2 CM, and CM = 8 is the only method that there is.
bool is_gzip(Bytes head) { return head.size() >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8; }

// RFC 1950 2.2: CMF holds CM = 8 (deflate) and CINFO <= 7 (a window of at most 32 KiB), "FCHECK must be
// such that CMF and FLG, when viewed as a 16-bit unsigned integer ... is a multiple of 31".
bool is_zlib(Bytes head) {
  if (head.size() < 2) return false;
  const unsigned cmf = head[0], flg = head[1];
  return (cmf & 0x0f) == 8 && (cmf >> 4) <= 7 && (cmf * 256 + flg) % 31 == 0;
}

} // namespace

Wrapping wrapping_of(Bytes head) {
  if (is_gzip(head)) return Wrapping::gzip;
  if (is_zlib(head)) return Wrapping::zlib;
  return Wrapping::none;
}

std::vector<std::uint8_t> first_plain_bytes(Bytes head, Wrapping wrapping, std::size_t wanted) {
  if (wrapping == Wrapping::none) {
    const Bytes first = head.first(std::min(wanted, head.size()));
    return {first.begin(), first.end()};
  }
  std::vector<std::uint8_t> plain(wanted);
  const InflateStream::Step step = InflateStream(wrapping).feed(head, More::may_follow, plain);
  plain.resize(static_cast<std::size_t>(step.produced));
  return plain;
}

} // namespace datavet
