/// Entropy-coded bytes without the stuffed zeros (T.81 B.1.1.5).
#pragma once

#include <cstdint>
#include <span>

#include "formats/bytes/bytes.h"

namespace datavet::jpeg {

struct Unstuffed {
  std::size_t read = 0;    ///< bytes of `segment` that were read
  std::size_t written = 0; ///< bytes of data in `space`
};

/// Fills `space` from `segment`, in which 00 follows every FF, until one of them ends. What lies in `space`
/// behind the written bytes may change too.
Unstuffed unstuff(Bytes segment, std::span<std::uint8_t> space);

/// How many bytes at `at`, behind an FF that is data, only say so: the 00, and before it, as libjpeg has it
/// and no encoder writes it, any number of further FF.
std::size_t stuffing_at(Bytes segment, std::size_t at);

} // namespace datavet::jpeg
