/// Deflated strips and tiles (compression 8 and 32946): a zlib stream each, with a checksum that libtiff
/// never reads.
#pragma once

#include <vector>

#include "formats/tiff/image.h"

namespace datavet::tiff {

/// Inflates every piece and throws the bytes away: whole streams, enough bytes for the rows, Adler-32.
/// Reports the first piece of each kind of trouble. Stops once `budget` bytes are inflated: what a hostile
/// file can swell to is bounded, and libtiff decodes the pixels anyway.
void check_deflate(const FileView &file, const Image &image, const std::vector<Piece> &pieces,
                   std::uint64_t &budget, Evidence &evidence);

} // namespace datavet::tiff
