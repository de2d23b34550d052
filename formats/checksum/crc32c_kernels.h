/// The ways to compute CRC-32C that crc32c.cpp chooses from. Nobody else includes this.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet {

/// Slice-by-8: tables only, for any processor.
std::uint32_t crc32c_portable(Bytes bytes, std::uint32_t crc);

#if defined(__x86_64__)
/// Needs SSE4.2 and PCLMULQDQ: ask the processor first.
std::uint32_t crc32c_sse42(Bytes bytes, std::uint32_t crc);
#elif defined(__aarch64__)
/// Needs the CRC32 and PMULL extensions of ARMv8: ask the processor first.
std::uint32_t crc32c_arm64(Bytes bytes, std::uint32_t crc);
#endif

} // namespace datavet
