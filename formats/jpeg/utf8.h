/// UTF-8 (RFC 3629), for the text of XMP.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet::jpeg {

/// Length of the longest prefix that is whole, shortest-form UTF-8 without surrogates.
std::uint64_t valid_utf8_prefix(Bytes text);

} // namespace datavet::jpeg
