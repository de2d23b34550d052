// Compiled with -march=armv8-a+crc+crypto, on ARM only.
#include <arm_acle.h>
#include <arm_neon.h>
#include <sys/auxv.h>

#include "formats/checksum/crc_chains.h"
#include "formats/checksum/crc_kernels.h"

namespace datavet {

namespace {

/// The upper half of the 128 bits is zero.
std::uint64_t carryless_product(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint64_t>(vmull_p64(a, b));
}

struct ArmCrc32 {
  using Polynomial = Iso3309;
  using Register = std::uint32_t;
  static Register take_in(Register crc, std::uint64_t bytes) { return __crc32d(crc, bytes); }
  static Register take_in(Register crc, std::uint32_t bytes) { return __crc32w(crc, bytes); }
  static Register take_in(Register crc, std::uint8_t byte) { return __crc32b(crc, byte); }
  static std::uint64_t product(Register a, std::uint32_t b) { return carryless_product(a, b); }
};

struct ArmCrc32c {
  using Polynomial = Castagnoli;
  using Register = std::uint32_t;
  static Register take_in(Register crc, std::uint64_t bytes) { return __crc32cd(crc, bytes); }
  static Register take_in(Register crc, std::uint32_t bytes) { return __crc32cw(crc, bytes); }
  static Register take_in(Register crc, std::uint8_t byte) { return __crc32cb(crc, byte); }
  static std::uint64_t product(Register a, std::uint32_t b) { return carryless_product(a, b); }
};

} // namespace

bool has_armv8_crc() {
  constexpr unsigned long wanted = HWCAP_CRC32 | HWCAP_PMULL;
  return (getauxval(AT_HWCAP) & wanted) == wanted;
}

std::uint32_t crc32_armv8(Bytes bytes, std::uint32_t crc) {
  return CrcByChains<ArmCrc32>::compute(bytes.data(), bytes.size(), crc);
}

std::uint32_t crc32c_armv8(Bytes bytes, std::uint32_t crc) {
  return CrcByChains<ArmCrc32c>::compute(bytes.data(), bytes.size(), crc);
}

} // namespace datavet
