/// IHDR, PLTE, IDAT and IEND (PNG 3rd ed. 11.2).
#pragma once

#include "formats/png/chunk.h"
#include "formats/png/inspection.h"

namespace datavet::png {

/// Legal fields, limits, facts. Leaves Inspection::header empty when it cannot be believed.
void judge_ihdr(Inspection &inspection, const Chunk &chunk);
void judge_plte(Inspection &inspection, const Chunk &chunk);
/// Its place only; the stream is judged when all of it is known. `present`: bytes of its data in the sample.
void judge_idat_place(Inspection &inspection, std::uint64_t offset, std::uint64_t present);
void judge_iend(Inspection &inspection, const Chunk &chunk);

} // namespace datavet::png
