/// Takes a good JPEG apart into its segments, for tests that damage one of them. Knows nothing of the
/// product.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/damage.h"

namespace datavet::test {

constexpr std::uint8_t entropy_coded = 0; ///< the code of a Piece that is scan data, restart markers included

struct Piece {
  std::uint8_t code;  ///< marker code
  std::size_t offset; ///< of the marker, or of the first byte of the data
  std::size_t length; ///< marker and length included
  std::size_t payload() const { return offset + 4; }
  std::size_t end() const { return offset + length; }
};

inline std::vector<Piece> pieces_of(const Blob &jpeg) {
  std::vector<Piece> pieces{{0xD8, 0, 2}};
  for (std::size_t at = 2; at + 1 < jpeg.size();) {
    const std::uint8_t code = jpeg[at + 1];
    if (code == 0xD9) {
      pieces.push_back({code, at, 2});
      break;
    }
    const std::size_t length = 2u + jpeg[at + 2] * 256u + jpeg[at + 3];
    pieces.push_back({code, at, length});
    at += length;
    if (code != 0xDA) continue;
    std::size_t end = at;
    while (jpeg[end] != 0xFF || jpeg[end + 1] == 0 || (jpeg[end + 1] & 0xF8) == 0xD0) ++end;
    pieces.push_back({entropy_coded, at, end - at});
    at = end;
  }
  return pieces;
}

/// The `number`th piece (from 0) with this code.
inline Piece piece(const Blob &jpeg, std::uint8_t code, std::size_t number = 0) {
  for (const Piece &candidate : pieces_of(jpeg))
    if (candidate.code == code && number-- == 0) return candidate;
  throw std::runtime_error("the sample has no such piece");
}

inline Blob bytes_of(const Blob &jpeg, const Piece &piece) {
  return Blob(jpeg.begin() + static_cast<std::ptrdiff_t>(piece.offset),
              jpeg.begin() + static_cast<std::ptrdiff_t>(piece.end()));
}

inline Blob without(const Blob &jpeg, const Piece &piece) { return erase(jpeg, piece.offset, piece.length); }

inline Blob without_all(Blob jpeg, std::uint8_t code) {
  const std::vector<Piece> pieces = pieces_of(jpeg);
  for (auto last = pieces.rbegin(); last != pieces.rend(); ++last)
    if (last->code == code) jpeg = without(jpeg, *last);
  return jpeg;
}

/// The scan header and its data: both gone.
inline Blob without_scan(const Blob &jpeg, std::size_t number) {
  const Piece header = piece(jpeg, 0xDA, number), data = piece(jpeg, entropy_coded, number);
  return erase(jpeg, header.offset, header.length + data.length);
}

inline Blob blob_of(std::string_view text) { return Blob(text.begin(), text.end()); }

/// A marker segment with this payload.
inline Blob segment(std::uint8_t code, const Blob &payload) {
  const std::size_t length = payload.size() + 2;
  Blob bytes = {0xFF, code, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length & 255)};
  return append(bytes, payload);
}

/// Offsets of the restart markers in a piece of scan data.
inline std::vector<std::size_t> restarts_in(const Blob &jpeg, const Piece &data) {
  std::vector<std::size_t> found;
  for (std::size_t at = data.offset; at + 1 < data.end(); ++at)
    if (jpeg[at] == 0xFF && (jpeg[at + 1] & 0xF8) == 0xD0) found.push_back(at);
  return found;
}

} // namespace datavet::test
