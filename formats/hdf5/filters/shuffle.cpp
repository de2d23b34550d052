#include "formats/hdf5/filters/shuffle.h"

#include <algorithm>
#include <cstring>

#include "formats/bytes/endian.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace datavet::hdf5 {

namespace {

#ifdef __SSE2__
// Sixteen elements at a time: a perfect shuffle of the planes' bytes, in log2(planes) rounds. Gives how many
// it did.
template <unsigned planes>
std::uint64_t interleave(const std::uint8_t *in, std::uint64_t elements, std::uint8_t *out) {
  std::uint64_t done = 0;
  for (; done + 16 <= elements; done += 16) {
    __m128i rows[planes], next[planes];
    for (unsigned p = 0; p < planes; ++p)
      rows[p] = _mm_loadu_si128(reinterpret_cast<const __m128i *>(in + p * elements + done));
    for (unsigned round = 1; round < planes; round *= 2) {
      for (unsigned p = 0; p < planes / 2; ++p) {
        next[2 * p] = _mm_unpacklo_epi8(rows[p], rows[p + planes / 2]);
        next[2 * p + 1] = _mm_unpackhi_epi8(rows[p], rows[p + planes / 2]);
      }
      std::copy(std::begin(next), std::end(next), std::begin(rows));
    }
    for (unsigned p = 0; p < planes; ++p)
      _mm_storeu_si128(reinterpret_cast<__m128i *>(out + done * planes + 16 * p), rows[p]);
  }
  return done;
}

std::uint64_t interleave_vectors(const std::uint8_t *in, std::uint64_t element, std::uint64_t elements,
                                 std::uint8_t *out) {
  switch (element) {
  case 2: return interleave<2>(in, elements, out);
  case 4: return interleave<4>(in, elements, out);
  case 8: return interleave<8>(in, elements, out);
  default: return 0;
  }
}
#else
std::uint64_t interleave_vectors(const std::uint8_t *, std::uint64_t, std::uint64_t, std::uint8_t *) {
  return 0;
}
#endif

// A matrix of 8 x 8 bits, its rows the bytes: rows become columns. Hacker's Delight, 7-3.
std::uint64_t transposed(std::uint64_t x) {
  std::uint64_t t = (x ^ (x >> 7)) & 0x00aa00aa00aa00aa;
  x ^= t ^ (t << 7);
  t = (x ^ (x >> 14)) & 0x0000cccc0000cccc;
  x ^= t ^ (t << 14);
  t = (x ^ (x >> 28)) & 0x00000000f0f0f0f0;
  return x ^ t ^ (t << 28);
}

} // namespace

void unshuffle_bytes(Bytes in, std::uint64_t element, std::uint8_t *out) {
  if (in.empty()) return;
  const std::uint64_t elements = in.size() / element;
  const std::uint64_t done = interleave_vectors(in.data(), element, elements, out);
  // In pieces, so that what is written stays in the cache while the planes go by.
  constexpr std::uint64_t piece = 1024;
  for (std::uint64_t first = done; first < elements; first += piece) {
    const std::uint64_t end = std::min(elements, first + piece);
    for (std::uint64_t byte = 0; byte < element; ++byte)
      for (std::uint64_t i = first; i < end; ++i) out[i * element + byte] = in[byte * elements + i];
  }
  const std::uint64_t whole = elements * element;
  if (whole < in.size()) std::memcpy(out + whole, in.data() + whole, in.size() - whole);
}

void unshuffle_bits(Bytes in, std::uint64_t element, std::uint8_t *out) {
  const std::uint64_t row = in.size() / element / 8; // bytes: a bit of each element
  for (std::uint64_t byte = 0; byte < element; ++byte) {
    const std::uint8_t *rows = in.data() + byte * 8 * row;
    for (std::uint64_t group = 0; group < row; ++group) {
      std::uint64_t bits = 0;
      for (unsigned bit = 0; bit < 8; ++bit) bits |= std::uint64_t{rows[bit * row + group]} << (8 * bit);
      bits = transposed(bits);
      for (unsigned i = 0; i < 8; ++i)
        out[(8 * group + i) * element + byte] = static_cast<std::uint8_t>(bits >> (8 * i));
    }
  }
}

} // namespace datavet::hdf5
