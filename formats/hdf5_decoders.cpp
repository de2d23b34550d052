// The table of the worker program datavet-worker-hdf5.
#include "formats/decoder.h"
#include "formats/hdf5/decode.h"

namespace datavet {

std::span<const Decoder> linked_decoders() {
  static constexpr Decoder decoders[] = {hdf5_decoder};
  return decoders;
}

} // namespace datavet
