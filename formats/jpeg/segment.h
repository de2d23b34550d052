/// One marker segment, as the parts that judge it receive it.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"

namespace datavet::jpeg {

/// T.81 B.1.1.4: marker, length (which counts itself), parameters.
struct Segment {
  std::uint8_t marker = 0;
  std::uint64_t offset = 0; ///< of the marker's FF, from the start of the sample
  Bytes parameters;         ///< what follows the length

  std::uint64_t parameters_offset() const { return offset + 4; }
  std::uint64_t size() const { return parameters.size() + 4; }
};

} // namespace datavet::jpeg
