/// A frame: image descriptor, local colour table, image data. GIF89a 20-22.
#pragma once

#include "formats/gif/inspection.h"

namespace datavet::gif {

/// Reads one from its descriptor on; the separator is at `at`. False when nothing can follow.
bool read_image(Inspection &gif, std::uint64_t at);

} // namespace datavet::gif
