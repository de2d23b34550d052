#include "formats/hdf5/content/not_finite.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace datavet::hdf5 {

namespace {

template <class Word> struct Layout;
template <> struct Layout<std::uint16_t> {
  static constexpr std::uint16_t exponent = 0x7c00, fraction = 0x03ff;
};
template <> struct Layout<std::uint32_t> {
  static constexpr std::uint32_t exponent = 0x7f80'0000, fraction = 0x007f'ffff;
};
template <> struct Layout<std::uint64_t> {
  static constexpr std::uint64_t exponent = 0x7ff0'0000'0000'0000, fraction = 0x000f'ffff'ffff'ffff;
};

template <class Word> constexpr Word swapped(Word word) {
  Word result = 0;
  for (unsigned i = 0; i < sizeof(Word); ++i)
    result = static_cast<Word>(result | ((word >> (8 * i) & 0xff) << (8 * (sizeof(Word) - 1 - i))));
  return result;
}

template <class Word, bool big_endian> Word load(const std::uint8_t *from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  constexpr bool swap = big_endian != (std::endian::native == std::endian::big);
  return swap ? swapped(word) : word;
}

// As a fixed number of numbers the loop becomes vectors on every compiler.
constexpr std::uint64_t block = 256;

/// An exponent of all ones carries into the sign's place, and no other does.
template <class Word, bool big_endian> bool all_finite(const std::uint8_t *from) {
  constexpr Word lowest = Layout<Word>::fraction + 1;
  Word seen = 0;
  for (std::uint64_t i = 0; i < block; ++i)
    seen = static_cast<Word>(
        seen | static_cast<Word>((load<Word, big_endian>(from + i * sizeof(Word)) & Layout<Word>::exponent) + lowest));
  return (seen >> (8 * sizeof(Word) - 1)) == 0;
}

template <class Word, bool big_endian> void count(const Run &run, NotFinite &result) {
  const std::uint64_t elements = run.bytes.size() / sizeof(Word);
  for (std::uint64_t done = 0; done < elements; done += block) {
    const std::uint8_t *from = run.bytes.data() + done * sizeof(Word);
    const std::uint64_t left = std::min(block, elements - done);
    if (left == block && all_finite<Word, big_endian>(from)) continue;
    for (std::uint64_t i = 0; i < left; ++i) {
      const Word word = load<Word, big_endian>(from + i * sizeof(Word));
      if ((word & Layout<Word>::exponent) != Layout<Word>::exponent) continue;
      ++((word & Layout<Word>::fraction) != 0 ? result.nan : result.infinite);
      result.first = std::min(result.first, run.first + done + i);
    }
  }
}

template <class Word> void count_either(const Run &run, bool big_endian, NotFinite &result) {
  big_endian ? count<Word, true>(run, result) : count<Word, false>(run, result);
}

} // namespace

void count_not_finite(const Run &run, std::uint64_t element_size, bool big_endian, NotFinite &result) {
  switch (element_size) {
  case 2: return count_either<std::uint16_t>(run, big_endian, result);
  case 4: return count_either<std::uint32_t>(run, big_endian, result);
  case 8: return count_either<std::uint64_t>(run, big_endian, result);
  default: return;
  }
}

} // namespace datavet::hdf5
