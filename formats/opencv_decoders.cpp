// The table of the worker program datavet-worker-opencv.
#include "formats/bmp/decode.h"
#include "formats/decoder.h"
#include "formats/jpeg2000/decode.h"
#include "formats/pnm/decode.h"

namespace datavet {

std::span<const Decoder> linked_decoders() {
  static constexpr Decoder decoders[] = {bmp_decoder, jpeg2000_decoder, pnm_decoder};
  return decoders;
}

} // namespace datavet
