/// Goes from chunk to chunk and has each one judged.
#pragma once

#include "formats/png/inspection.h"

namespace datavet::png {

/// Judges everything after the signature, as deep as the options ask.
void walk_chunks(Inspection &inspection);

} // namespace datavet::png
