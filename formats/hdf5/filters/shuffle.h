/// The orders of bytes and bits that filters make of elements, undone.
#pragma once

#include <cstdint>
#include <span>

#include "formats/bytes/bytes.h"

namespace datavet::hdf5 {

/// H5Zshuffle.c: all first bytes of the elements, then all second bytes, ...; what is left over as it was.
/// `element` > 0; both have the same size and do not overlap.
void unshuffle_bytes(Bytes in, std::uint64_t element, std::uint8_t *out);

/// bitshuffle_core.c, bshuf_untrans_bit_elem: all lowest bits of the elements' first bytes, then all second
/// bits, ... `element` > 0; `in` holds a multiple of 8 elements, `out` as many bytes.
void unshuffle_bits(Bytes in, std::uint64_t element, std::uint8_t *out);

} // namespace datavet::hdf5
