/// Puts the frame of a record around data that pass by in pieces.
#pragma once

#include <array>
#include <cstdint>

#include "formats/tfrecord/frame.h"

namespace datavet::tfrecord {

/// What stands before `length` bytes of data.
std::array<std::uint8_t, header_size> header_for(std::uint64_t length);
/// What stands behind data whose CRC-32C, not masked, is `crc`.
std::array<std::uint8_t, footer_size> footer_for(std::uint32_t crc);

} // namespace datavet::tfrecord
