#include "formats/jpeg/entropy/unstuff.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace datavet::jpeg {

namespace {

/// As many whole blocks of bytes as are at hand at once. SSE2 is part of every x86-64.
void unstuff_blocks([[maybe_unused]] Bytes segment, [[maybe_unused]] std::span<std::uint8_t> space,
                    [[maybe_unused]] Unstuffed &done) {
#if defined(__x86_64__)
  constexpr std::size_t block = 16;
  const __m128i ones = _mm_set1_epi8(-1);
  const std::uint8_t *in = segment.data() + done.read, *const in_end = segment.data() + segment.size();
  std::uint8_t *out = space.data() + done.written, *const out_end = space.data() + space.size();
  while (in_end - in > static_cast<std::ptrdiff_t>(block) &&
         out_end - out >= static_cast<std::ptrdiff_t>(block)) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(in));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out), bytes);
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, ones)));
    if (found == 0) {
      in += block;
      out += block;
    } else { // up to the first FF, and past the 00 after it
      const int before = std::countr_zero(found);
      if (in[before + 1] != 0) break; // fill bytes
      in += before + 2;
      out += before + 1;
    }
  }
  done.read = static_cast<std::size_t>(in - segment.data());
  done.written = static_cast<std::size_t>(out - space.data());
#endif
}

} // namespace

Unstuffed unstuff(Bytes segment, std::span<std::uint8_t> space) {
  Unstuffed done;
  while (done.read < segment.size() && done.written < space.size()) {
    unstuff_blocks(segment, space, done);
    const std::size_t most = std::min(segment.size() - done.read, space.size() - done.written);
    const std::uint8_t *from = segment.data() + done.read;
    const void *found = std::memchr(from, 0xFF, most);
    const std::size_t count =
        found == nullptr ? most
                         : static_cast<std::size_t>(static_cast<const std::uint8_t *>(found) - from) + 1;
    std::memcpy(space.data() + done.written, from, count);
    done.written += count;
    done.read += count;
    if (found != nullptr) done.read += stuffing_at(segment, done.read);
  }
  return done;
}

std::size_t stuffing_at(Bytes segment, std::size_t at) {
  std::size_t end = at;
  while (end < segment.size() && segment[end] == 0xFF) ++end;
  return std::min(end + 1, segment.size()) - at;
}

} // namespace datavet::jpeg
