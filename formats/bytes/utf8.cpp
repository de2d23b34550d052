#include "formats/bytes/utf8.h"

#include <cstring>

namespace datavet {

namespace {

/// Bytes of the character at `at`; 0 = malformed. RFC 3629 section 4, the table of UTF8-2 to UTF8-4.
std::uint64_t character_length(Bytes text, std::uint64_t at) {
  const std::uint8_t first = text[at];
  if (first < 0x80) return 1;
  const std::uint64_t length = first >= 0xC2 && first <= 0xDF   ? 2
                               : first >= 0xE0 && first <= 0xEF ? 3
                               : first >= 0xF0 && first <= 0xF4 ? 4
                                                                : 0;
  if (length == 0 || length > text.size() - at) return 0;
  for (std::uint64_t i = 1; i < length; ++i)
    if ((text[at + i] & 0xC0) != 0x80) return 0;
  const std::uint8_t second = text[at + 1];
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate_or_beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || surrogate_or_beyond ? 0 : length;
}

/// True when none of the eight bytes has its high bit set, as in most text.
bool eight_are_ascii(const std::uint8_t *bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return (word & 0x8080808080808080) == 0;
}

} // namespace

std::uint64_t valid_utf8_prefix(Bytes text) {
  std::uint64_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= 8 && eight_are_ascii(text.data() + at)) {
      at += 8;
      continue;
    }
    const std::uint64_t length = character_length(text, at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

} // namespace datavet
