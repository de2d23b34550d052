/// Which colours the primaries are: cHRM (PNG 3rd ed. 11.3.2.1).
#pragma once

#include "formats/png/chunk.h"
#include "formats/png/inspection.h"

namespace datavet::png {

void judge_chrm(Inspection &inspection, const Chunk &chunk);

} // namespace datavet::png
