/// Keywords, text and profiles: tEXt, zTXt, iTXt, iCCP (PNG 3rd ed. 11.3.2.3, 11.3.3).
#pragma once

#include <cstddef>
#include <optional>

#include "formats/png/chunk.h"
#include "formats/png/inspection.h"

namespace datavet::png {

/// The keyword or name that the chunk begins with. Returns where what follows its NUL begins, or
/// nothing when there is no NUL; reports a bad one.
std::optional<std::size_t> judge_keyword(Inspection &inspection, const Chunk &chunk);

void judge_text(Inspection &inspection, const Chunk &chunk);
void judge_ztxt(Inspection &inspection, const Chunk &chunk);
void judge_itxt(Inspection &inspection, const Chunk &chunk);
void judge_iccp(Inspection &inspection, const Chunk &chunk);

} // namespace datavet::png
