/// Bob Jenkins' lookup3 (hashlittle), public domain: the checksum of HDF5 metadata of version 2 and later.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet {

/// lookup3 of "Four score and seven years ago" is 0x17770551.
std::uint32_t lookup3(Bytes bytes, std::uint32_t initial = 0);

} // namespace datavet
