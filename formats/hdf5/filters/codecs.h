/// The streams inside filtered chunks, decoded into exactly the room that is given.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "formats/bytes/bytes.h"

struct libdeflate_decompressor;
struct ZSTD_DCtx_s;

namespace datavet::hdf5 {

/// How a stream ended.
struct Decoded {
  enum class End : std::uint8_t {
    whole,   ///< exactly the room was filled
    shorter, ///< `bytes` came out
    longer,  ///< more would have come out
    damaged,
  };
  End end = End::whole;
  std::uint64_t bytes = 0; ///< shorter: came out; damaged: where in the stream, if known
};

/// Keeps the contexts of the codecs from stream to stream; they are made when they are first needed, which
/// may throw std::bad_alloc. No call writes outside `out`, and none needs memory that grows with a stream.
class Codecs {
public:
  Codecs();

  /// zlib streams: RFC 1950. What follows the stream is passed over, as zlib does.
  Decoded inflate(Bytes in, std::span<std::uint8_t> out);
  /// A block of LZ4, all of `in`.
  Decoded lz4(Bytes in, std::span<std::uint8_t> out);
  /// Frames of Zstandard, all of `in`: RFC 8878.
  Decoded zstd(Bytes in, std::span<std::uint8_t> out);
  /// LibLZF, as h5py's filter 32000 has it.
  static Decoded lzf(Bytes in, std::span<std::uint8_t> out);
  /// Blosc's own codec.
  static Decoded blosclz(Bytes in, std::span<std::uint8_t> out);

private:
  std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor *)> inflater_;
  std::unique_ptr<ZSTD_DCtx_s, std::size_t (*)(ZSTD_DCtx_s *)> zstd_;
};

/// How a damaged zlib stream fails, in zlib's words: libdeflate only says that it does.
std::string inflate_complaint(Bytes stream, std::uint64_t expected);

} // namespace datavet::hdf5
