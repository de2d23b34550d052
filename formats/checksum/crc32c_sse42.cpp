// Compiled with -msse4.2 -mpclmul. It instantiates no template of other files but its own one, so no
// function that the rest of the program shares can end up with instructions that the processor lacks.
#include <nmmintrin.h>
#include <wmmintrin.h>

#include "formats/checksum/crc32c_chains.h"
#include "formats/checksum/crc32c_kernels.h"

namespace datavet {

namespace {

struct Sse42 {
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

} // namespace

std::uint32_t crc32c_sse42(Bytes bytes, std::uint32_t crc) {
  return crc32c_by_chains<Sse42>(bytes.data(), bytes.size(), crc);
}

} // namespace datavet
