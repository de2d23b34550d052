#include "formats/checksum/adler32.h"

#include <libdeflate.h>

namespace datavet {

std::uint32_t adler32(Bytes bytes, std::uint32_t adler) {
  return libdeflate_adler32(adler, bytes.data(), bytes.size());
}

} // namespace datavet
