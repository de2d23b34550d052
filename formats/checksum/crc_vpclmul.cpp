// Compiled with -mavx512f -mvpclmulqdq. It instantiates no template of other files but its own ones, so no
// function that the rest of the program shares can end up with instructions that the processor lacks.
#include <immintrin.h>

#include "formats/checksum/crc_folding.h"
#include "formats/checksum/crc_kernels.h"

namespace datavet {

namespace {

struct Vpclmul {
  using Vector = __m512i;
  static constexpr std::size_t abreast = 4;
  static Vector load(const std::uint8_t *from) { return _mm512_loadu_si512(from); }
  static void store(Vector vector, std::uint8_t *into) { _mm512_storeu_si512(into, vector); }
  static Vector spread(FoldFactors factors) {
    const long long low = static_cast<long long>(factors.low), high = static_cast<long long>(factors.high);
    return _mm512_set4_epi64(high, low, high, low);
  }
  static Vector fold(Vector sum, Vector factors, Vector next) {
    constexpr int sum_of_three = 0x96; // the truth table of a ^ b ^ c
    return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(sum, factors, 0x00),
                                     _mm512_clmulepi64_epi128(sum, factors, 0x11), next, sum_of_three);
  }
};

} // namespace

bool has_vpclmul() {
  return has_pclmul() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("vpclmulqdq") != 0;
}

std::uint32_t crc32_vpclmul(Bytes bytes, std::uint32_t crc) {
  return CrcByFolding<Iso3309, Vpclmul, crc32_pclmul>::compute(bytes, crc);
}

std::uint32_t crc32c_vpclmul(Bytes bytes, std::uint32_t crc) {
  return CrcByFolding<Castagnoli, Vpclmul, crc32c_pclmul>::compute(bytes, crc);
}

} // namespace datavet
