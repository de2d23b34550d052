// Compiled with -march=armv8-a+crc+crypto, on ARM only.
#include <arm_acle.h>
#include <arm_neon.h>

#include "formats/checksum/crc32c_chains.h"
#include "formats/checksum/crc32c_kernels.h"

namespace datavet {

namespace {

struct Arm64 {
  using Register = std::uint32_t;
  static Register take_in(Register crc, std::uint64_t bytes) { return __crc32cd(crc, bytes); }
  static Register take_in(Register crc, std::uint32_t bytes) { return __crc32cw(crc, bytes); }
  static Register take_in(Register crc, std::uint8_t byte) { return __crc32cb(crc, byte); }
  static std::uint64_t product(Register a, std::uint32_t b) {
    return static_cast<std::uint64_t>(vmull_p64(a, b)); // the upper half of 128 bits is zero
  }
};

} // namespace

std::uint32_t crc32c_arm64(Bytes bytes, std::uint32_t crc) {
  return crc32c_by_chains<Arm64>(bytes.data(), bytes.size(), crc);
}

} // namespace datavet
