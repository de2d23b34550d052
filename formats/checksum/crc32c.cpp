#include "formats/checksum/crc32c.h"

#include <algorithm>

#include "formats/checksum/crc32c_kernels.h"

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace datavet {

namespace {

bool always() { return true; }

#if defined(__x86_64__)
bool has_sse42_and_pclmul() {
  return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0;
}
#elif defined(__aarch64__)
bool has_crc32_and_pmull() {
  const unsigned long wanted = HWCAP_CRC32 | HWCAP_PMULL;
  return (getauxval(AT_HWCAP) & wanted) == wanted;
}
#endif

constexpr Crc32cVariant variants[] = {
#if defined(__x86_64__)
    {"sse4.2+pclmul", has_sse42_and_pclmul, crc32c_sse42},
#elif defined(__aarch64__)
    {"armv8 crc+pmull", has_crc32_and_pmull, crc32c_arm64},
#endif
    {"portable", always, crc32c_portable},
};

} // namespace

std::span<const Crc32cVariant> crc32c_variants() { return variants; }

const Crc32cVariant &crc32c_in_use() {
  static const Crc32cVariant &best =
      *std::find_if(std::begin(variants), std::end(variants),
                    [](const Crc32cVariant &variant) { return variant.available(); });
  return best;
}

std::uint32_t crc32c(Bytes bytes, std::uint32_t crc) { return crc32c_in_use().compute(bytes, crc); }

} // namespace datavet
