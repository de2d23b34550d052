/// What follows EOI.
#pragma once

#include <cstdint>

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"

namespace datavet::jpeg {

/// Tells padding, the further pictures and films of cameras, and unknown bytes apart.
void judge_trailer(Bytes sample, std::uint64_t end, bool more_images_announced, Evidence &evidence);

} // namespace datavet::jpeg
