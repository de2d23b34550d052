#include "formats/checksum/crc32c.h"

#include "formats/checksum/crc_kernels.h"

namespace datavet {

namespace {

constexpr CrcVariant variants[] = {
#if defined(__x86_64__)
    {"vpclmul", has_vpclmul, crc32c_vpclmul},
    {"pclmul", has_pclmul, crc32c_pclmul},
#elif defined(__aarch64__)
    {"armv8", has_armv8_crc, crc32c_armv8},
#endif
    {"portable", [] { return true; }, crc32c_portable},
};

} // namespace

std::span<const CrcVariant> crc32c_variants() { return variants; }

const CrcVariant &crc32c_in_use() {
  static const CrcVariant &chosen = choose_variant(variants, wished_variant());
  return chosen;
}

std::uint32_t crc32c(Bytes bytes, std::uint32_t crc) { return crc32c_in_use().compute(bytes, crc); }

} // namespace datavet
