/// Chunks that a decoder may skip: their place, number, length and fields (PNG 3rd ed. 5.6 table 7, 11.3).
#pragma once

#include "formats/png/chunk.h"
#include "formats/png/inspection.h"

namespace datavet::png {

/// True for the types that the specification or its extensions register.
bool is_registered_ancillary(std::uint32_t type);
/// Notes that a chunk of this type was there though its bytes cannot be believed.
void note_ancillary(Inspection &inspection, std::uint32_t type);
/// True when a chunk of this registered type was there, in its place or not.
bool is_noted(const Inspection &inspection, std::uint32_t type);
void judge_ancillary(Inspection &inspection, const Chunk &chunk);

} // namespace datavet::png
