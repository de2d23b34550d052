/// The headers of the image data of a frame: VP8 (RFC 6386), VP8L (RFC 9649 3.4) and ALPH (RFC 9649 2.7.1.2).
#pragma once

#include <cstdint>
#include <optional>

#include "formats/evidence.h"
#include "formats/webp/chunk.h"

namespace datavet::webp {

struct FrameHeader {
  std::uint32_t width;
  std::uint32_t height;
  bool alpha; ///< VP8L: alpha_is_used
};

/// Reads and judges the header of a "VP8 " or "VP8L" chunk; nothing when the header is broken (reported).
/// With `partitions`, the partition table of a VP8 frame is judged too.
std::optional<FrameHeader> read_frame_header(const Chunk &image, bool partitions, Evidence &evidence);

/// Judges the header of an ALPH chunk, whose image is `image`.
void check_alpha(const Chunk &alpha, const FrameHeader &image, Evidence &evidence);

} // namespace datavet::webp
