/// Makes gzip and zlib streams with zlib's own deflate.
#pragma once

#include <stdexcept>
#include <string>

#include <zlib.h>

#include "formats/deflate/wrapping.h"
#include "tests/support/damage.h"

namespace datavet::test {

enum class HeaderFields { none, all }; ///< file name, comment, extra field and header CRC (RFC 1952 2.3.1)

inline Blob deflate_with(const Blob &plain, int window_bits, HeaderFields fields, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2 failed");
  std::string name = "shard", comment = "made by a test", extra = "xx\x02";
  gz_header header{};
  if (fields == HeaderFields::all) {
    header.name = reinterpret_cast<Bytef *>(name.data());
    header.comment = reinterpret_cast<Bytef *>(comment.data());
    header.extra = reinterpret_cast<Bytef *>(extra.data());
    header.extra_len = static_cast<uInt>(extra.size());
    header.hcrc = 1;
    deflateSetHeader(&stream, &header);
  }
  Blob packed(deflateBound(&stream, plain.size()) + 100);
  stream.next_in = const_cast<Bytef *>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int answer = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (answer != Z_STREAM_END) throw std::runtime_error("deflate failed");
  return packed;
}

inline Blob gzip(const Blob &plain, HeaderFields fields = HeaderFields::none, int level = 6) {
  return deflate_with(plain, 15 + 16, fields, level);
}
inline Blob zlib(const Blob &plain, int level = 6, int window_bits = 15) {
  return deflate_with(plain, window_bits, HeaderFields::none, level);
}
inline Blob wrap(const Blob &plain, Wrapping wrapping) {
  return wrapping == Wrapping::gzip ? gzip(plain) : wrapping == Wrapping::zlib ? zlib(plain) : plain;
}

} // namespace datavet::test
