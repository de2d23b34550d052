/// The multi-picture format of cameras (CIPA DC-007): an index in APP2 of images after EOI.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"

namespace datavet::jpeg {

/// The index lies at `offset` of the sample, after "MPF\0". Adds at most one finding.
void judge_mpf(Bytes sample, std::uint64_t offset, std::uint64_t length, Evidence &evidence);

} // namespace datavet::jpeg
