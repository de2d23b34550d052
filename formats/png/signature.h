/// The first eight bytes, and the well-known ways in which transfers break them.
#pragma once

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"

namespace datavet::png {

inline constexpr std::uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

/// True for a PNG, and for bytes that were one: a broken signature before an IHDR.
bool is_meant_as_png(Bytes head);

/// Adds a finding when the signature is not whole. False when the chunks after it cannot be found.
bool check_signature(Bytes sample, Evidence &evidence);

} // namespace datavet::png
