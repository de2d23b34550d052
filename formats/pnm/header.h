/// The headers of the Netpbm family, in one form.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include <datavet/finding.h>

#include "formats/bytes/bytes.h"

namespace datavet::pnm {

struct Header {
  char kind = 0; ///< second letter of the signature: '1' to '7', 'F' or 'f'
  std::uint64_t width = 0, height = 0;
  std::uint32_t depth = 1; ///< samples of a pixel
  std::uint32_t maxval = 1;
  bool little_endian = false; ///< of a PFM
  std::string tuple_type;     ///< of a PAM; may be empty
  std::uint64_t raster_at = 0;

  bool is_plain() const { return kind >= '1' && kind <= '3'; }
  bool is_bitmap() const { return kind == '1' || kind == '4'; }
  bool is_float() const { return kind == 'F' || kind == 'f'; }
  /// Bytes of one raw sample; a raw bitmap has eight in a byte.
  std::uint32_t sample_bytes() const { return is_float() ? 4 : maxval > 255 ? 2 : 1; }
  std::uint64_t row_bytes() const { return kind == '4' ? (width + 7) / 8 : width * depth * sample_bytes(); }
};

/// Why there is no header.
struct Problem {
  const Rule *rule;
  std::uint64_t offset, length;
  std::string detail;
};

std::variant<Header, Problem> read_header(Bytes bytes);

/// White space as isspace() has it in the C locale: what Netpbm means by the word.
constexpr bool is_space(std::uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }
constexpr bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

/// True when the header is there and, for plain kinds, samples follow: no text is taken for an image.
bool is_pnm(Bytes head);

} // namespace datavet::pnm
