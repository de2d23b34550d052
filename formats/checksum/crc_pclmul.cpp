// Compiled with -msse4.2 -mpclmul. It instantiates no template of other files but its own ones, so no
// function that the rest of the program shares can end up with instructions that the processor lacks.
#include <libdeflate.h>
#include <nmmintrin.h>
#include <wmmintrin.h>

#include "formats/checksum/crc_chains.h"
#include "formats/checksum/crc_folding.h"
#include "formats/checksum/crc_kernels.h"

namespace datavet {

namespace {

struct Sse42 {
  using Polynomial = Castagnoli;
  using Register = std::uint64_t; // the upper half stays zero
  static Register take_in(Register crc, std::uint64_t bytes) { return _mm_crc32_u64(crc, bytes); }
  static Register take_in(Register crc, std::uint32_t bytes) {
    return _mm_crc32_u32(static_cast<std::uint32_t>(crc), bytes);
  }
  static Register take_in(Register crc, std::uint8_t byte) {
    return _mm_crc32_u8(static_cast<std::uint32_t>(crc), byte);
  }
  static std::uint64_t product(Register a, std::uint32_t b) {
    const __m128i wide =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(a)), _mm_cvtsi64_si128(b), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(wide));
  }
};

struct Pclmul {
  using Vector = __m128i;
  static constexpr std::size_t abreast = 8;
  static Vector load(const std::uint8_t *from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i *>(from));
  }
  static void store(Vector vector, std::uint8_t *into) {
    _mm_storeu_si128(reinterpret_cast<__m128i *>(into), vector);
  }
  static Vector spread(FoldFactors factors) {
    return _mm_set_epi64x(static_cast<long long>(factors.high), static_cast<long long>(factors.low));
  }
  static Vector fold(Vector sum, Vector factors, Vector next) {
    const __m128i low = _mm_clmulepi64_si128(sum, factors, 0x00),
                  high = _mm_clmulepi64_si128(sum, factors, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
  }
};

/// libdeflate is as fast as any on short ones. On long ones it does not ask for memory ahead of time.
std::uint32_t crc32_short(Bytes bytes, std::uint32_t crc) {
  return libdeflate_crc32(crc, bytes.data(), bytes.size());
}

} // namespace

bool has_pclmul() { return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0; }

std::uint32_t crc32_pclmul(Bytes bytes, std::uint32_t crc) {
  return CrcByFolding<Iso3309, Pclmul, crc32_short>::compute(bytes, crc);
}

std::uint32_t crc32c_pclmul(Bytes bytes, std::uint32_t crc) {
  return CrcByChains<Sse42>::compute(bytes.data(), bytes.size(), crc);
}

} // namespace datavet
