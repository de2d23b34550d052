/// Extensions: graphic control, comment, plain text, application. GIF89a 23-26.
#pragma once

#include "formats/gif/inspection.h"

namespace datavet::gif {

/// Reads one from its label on; the introducer is at `at`. False when nothing can follow.
bool read_extension(Inspection &gif, std::uint64_t at);

} // namespace datavet::gif
