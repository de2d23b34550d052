/// What a pixel measures: pCAL and sCAL (Extensions to the PNG 1.2 Specification).
#pragma once

#include "formats/png/chunk.h"
#include "formats/png/inspection.h"

namespace datavet::png {

void judge_pcal(Inspection &inspection, const Chunk &chunk);
void judge_scal(Inspection &inspection, const Chunk &chunk);

} // namespace datavet::png
