/// The functions that crc32.cpp and crc32c.cpp choose from, one file a variant. Nobody else includes this.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet {

// crc_portable.cpp: for any processor.
std::uint32_t crc32_portable(Bytes bytes, std::uint32_t crc);
std::uint32_t crc32c_portable(Bytes bytes, std::uint32_t crc);

#if defined(__x86_64__)
// crc_pclmul.cpp
bool has_pclmul();
std::uint32_t crc32_pclmul(Bytes bytes, std::uint32_t crc);
std::uint32_t crc32c_pclmul(Bytes bytes, std::uint32_t crc);
// crc_vpclmul.cpp
bool has_vpclmul();
std::uint32_t crc32_vpclmul(Bytes bytes, std::uint32_t crc);
std::uint32_t crc32c_vpclmul(Bytes bytes, std::uint32_t crc);
#elif defined(__aarch64__)
// crc_armv8.cpp
bool has_armv8_crc();
std::uint32_t crc32_armv8(Bytes bytes, std::uint32_t crc);
std::uint32_t crc32c_armv8(Bytes bytes, std::uint32_t crc);
#endif

} // namespace datavet
