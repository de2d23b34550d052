/// UTF-8 (RFC 3629): shortest forms, no surrogates, at most U+10FFFF.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet {

/// Length of the longest prefix that is whole UTF-8 characters.
std::uint64_t valid_utf8_prefix(Bytes text);

inline bool is_utf8(Bytes text) { return valid_utf8_prefix(text) == text.size(); }

} // namespace datavet
