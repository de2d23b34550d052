// A CRC at every offset would take 2 ns a byte. No length that a sample may have needs its upper four bytes,
// so a place can only begin a header where four zero bytes stand at 4: sixteen offsets are looked at in one
// comparison, and random bytes pass once in 2^32. Where everything is zero nothing begins either.
#include "formats/tfrecord/find_header.h"

#include <algorithm>
#include <bit>
#include <limits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "formats/tfrecord/frame.h"

namespace datavet::tfrecord {

namespace {

constexpr std::size_t block_size = 64;
constexpr std::size_t upper_half_at = 4; ///< of a length: zero when it is below 2^32
constexpr std::uint64_t all_ones = std::numeric_limits<std::uint64_t>::max();

bool begins_header(Bytes bytes, std::size_t at, std::uint64_t most) {
  const auto length = stored_at<std::uint64_t>(bytes, at);
  return length <= most && stored_at<std::uint32_t>(bytes, at + length_size) == masked(crc32c_of_length(length));
}

/// Bit n is set where block[n] is zero.
std::uint64_t zeros_of(const std::uint8_t *block) {
#if defined(__SSE2__)
  std::uint64_t zeros = 0;
  for (unsigned part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(block + 16 * part));
    const auto equal = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_setzero_si128())));
    zeros |= std::uint64_t{equal} << (16 * part);
  }
  return zeros;
#else
  std::uint64_t zeros = 0;
  for (unsigned n = 0; n < block_size; ++n) zeros |= std::uint64_t{block[n] == 0} << n;
  return zeros;
#endif
}

std::size_t find_one_by_one(Bytes bytes, std::size_t from, std::uint64_t most) {
  for (std::size_t at = from; at + header_size <= bytes.size(); ++at)
    if (begins_header(bytes, at, most)) return at;
  return bytes.size();
}

} // namespace

std::size_t find_header(Bytes bytes, std::uint64_t most) {
  if (most > std::numeric_limits<std::uint32_t>::max()) return find_one_by_one(bytes, 0, most);
  // Blocks of places; a place's upper half lies four bytes behind it, and reaches three bytes into the next block.
  std::size_t at = 0;
  std::uint64_t before = 0, zeros = 0;
  const auto shows = [&](std::size_t count) { return at + upper_half_at + count <= bytes.size(); };
  if (shows(block_size)) zeros = zeros_of(bytes.data() + upper_half_at);
  for (; shows(2 * block_size); at += block_size) {
    const std::uint64_t after = zeros_of(bytes.data() + at + upper_half_at + block_size);
    const bool within_zeros = (before & zeros & after) == all_ones; // a length of 0 has a CRC that is not 0
    if (zeros != 0 && !within_zeros) {
      const auto further = [&](unsigned n) { return zeros >> n | after << (block_size - n); };
      for (std::uint64_t places = zeros & further(1) & further(2) & further(3); places != 0; places &= places - 1) {
        const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(places));
        if (begins_header(bytes, place, most)) return place;
      }
    }
    before = zeros;
    zeros = after;
  }
  return find_one_by_one(bytes, at, most);
}

} // namespace datavet::tfrecord
