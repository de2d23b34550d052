// The table of the worker program datavet-worker-images.
#include "formats/decoder.h"
#include "formats/jpeg/decode.h"
#include "formats/png/decode.h"
#include "formats/tiff/decode.h"
#include "formats/webp/decode.h"

namespace datavet {

std::span<const Decoder> linked_decoders() {
  static constexpr Decoder decoders[] = {jpeg_decoder, png_decoder, tiff_decoder, webp_decoder};
  return decoders;
}

} // namespace datavet
