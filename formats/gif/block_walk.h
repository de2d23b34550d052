/// The blocks of a GIF after the logical screen, one after another. GIF89a appendix B.
#pragma once

#include "formats/gif/inspection.h"

namespace datavet::gif {

/// From the reader's place to the trailer, or as far as there is any sense in going.
void walk_blocks(Inspection &gif);

} // namespace datavet::gif
