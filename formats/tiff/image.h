/// One page: what its tags say of the pixels, and where its strips or tiles lie.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <datavet/options.h>

#include "formats/tiff/directory.h"

namespace datavet::tiff {

/// The tags that describe the pixels, with the defaults of TIFF 6.0 section 8.
struct Image {
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  std::uint64_t bits = 1;
  std::uint64_t samples = 1;
  std::uint64_t compression = 1;
  std::optional<std::uint64_t> photometric;
  std::uint64_t planar = 1;      ///< 1 = chunky, 2 = a plane for each sample
  bool ycbcr_subsampled = false; ///< without JPEG: the rows have another size than width x samples
  bool tiled = false;
  std::uint64_t piece_width = 0;  ///< of a tile; of a strip, the image's
  std::uint64_t piece_height = 0; ///< of a tile; of a strip, RowsPerStrip, at most the image's height

  std::uint64_t planes() const { return planar == 2 ? samples : 1; }
  std::uint64_t samples_in_plane() const { return planar == 2 ? 1 : samples; }
  /// Bytes of one row of a strip or tile; rows start at a byte (TIFF 6.0 section 8, Compression).
  std::uint64_t row_bytes() const { return (piece_width * samples_in_plane() * bits + 7) / 8; }
  std::uint64_t pieces_across() const { return (width + piece_width - 1) / piece_width; }
  std::uint64_t pieces_down() const { return (height + piece_height - 1) / piece_height; }
  /// Number of strips or tiles, at most 2^64 - 1.
  std::uint64_t pieces() const;
  /// Rows of a strip (the last may be shorter) or tile (never shorter).
  std::uint64_t rows_of(std::uint64_t piece) const;
};

/// Reads the tags of a page and judges them. Nothing when the page cannot be laid out (reported).
/// The numbers are in the ranges of their tags, but not compared with any limit yet.
std::optional<Image> read_image(const FileView &file, const Directory &directory, Evidence &evidence);

/// Compares the page, and one strip or tile of it, with the limits; false when it is larger (reported).
bool is_within_limits(const Image &image, const Directory &directory, const Limits &limits,
                      Evidence &evidence);

struct Piece {
  std::uint64_t offset;
  std::uint64_t size;
  std::uint64_t rows;
};

/// The entries that hold the offsets and the byte counts of the strips or tiles; null when there is none.
struct PieceTables {
  const Entry *offsets;
  const Entry *sizes;
};
PieceTables piece_tables(const Directory &directory, const Image &image);

/// The strips or tiles of a page, those that lie inside the file. Judges their number, place and size.
std::vector<Piece> read_pieces(const FileView &file, const Directory &directory, const Image &image,
                               Evidence &evidence);

} // namespace datavet::tiff
