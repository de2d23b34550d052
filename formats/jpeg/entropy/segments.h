/// Entropy-coded data: how it is split into segments, and what can be told without decoding it.
#pragma once

#include <cstdint>
#include <optional>

#include <datavet/options.h>

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"
#include "formats/jpeg/structure.h"

namespace datavet::jpeg {

/// One entropy-coded segment and what ends it. Shared by all who read scan data, so that they agree.
struct EntropySegment {
  ByteRange bytes;                 ///< stuffed zeros included, the marker and its fill bytes not
  std::uint8_t marker = 0;         ///< that ends it; 0 = the sample ends first
  std::uint64_t marker_offset = 0; ///< of the FF before the marker's code; the sample's size without one
};

/// The segment that starts at `offset`. T.81 B.1.1.5: FF 00 is data, FF and anything else is a marker.
EntropySegment entropy_segment_at(Bytes sample, std::uint64_t offset);

/// Walks the data of a scan that start at `offset`: fills scan.entropy and scan.segments, and judges the
/// restart markers and the length. Returns the offset of the marker after the scan, or of the end; nullopt
/// when it added an error.
std::optional<std::uint64_t> read_entropy(Bytes sample, std::uint64_t offset, Depth depth,
                                          const Structure &structure, Scan &scan, Evidence &evidence);

} // namespace datavet::jpeg
