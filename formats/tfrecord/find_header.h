/// Finds where a record may begin, in bytes of which nobody knows what they are.
#pragma once

#include <cstddef>
#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet::tfrecord {

/// Offset of the first place in `bytes` where eight bytes are followed by their own masked CRC-32C and are, as a
/// length, at most `most`; bytes.size() when there is none. The eleven bytes at the end cannot hold such a place and
/// are to be looked at again with what follows them. A place that passes may still be chance (one of 2^32 among
/// bytes that look like lengths): the data's CRC confirms it.
std::size_t find_header(Bytes bytes, std::uint64_t most);

} // namespace datavet::tfrecord
