/// APNG: acTL, fcTL and fdAT (PNG 3rd ed. 11.3.6).
#pragma once

#include <cstdint>
#include <optional>

#include "formats/bytes/endian.h"
#include "formats/png/chunk.h"
#include "formats/png/data_run.h"
#include "formats/png/geometry.h"

namespace datavet::png {

struct Inspection;

/// fcTL as it lies on disk, PNG 3rd ed. 11.3.6.2.
struct FrameControl {
  be32 sequence, width, height, x, y;
  be16 delay_numerator, delay_denominator;
  std::uint8_t dispose, blend;
};
static_assert(sizeof(FrameControl) == 26 && alignof(FrameControl) == 1);

struct AnimationFrame {
  std::uint64_t offset = 0; ///< of its fcTL
  Geometry geometry;
  bool is_default_image = false; ///< its data is the IDATs
  DataRun data;                  ///< else its fdATs
};

struct Animation {
  bool announced = false;     ///< by acTL, with a number of frames that can be
  std::uint32_t declared = 0; ///< frames, by acTL
  std::uint64_t actl_offset = 0;
  std::optional<Chunk> first;          ///< fcTL or fdAT
  bool doubtful = false;               ///< after damage to it nothing more is said
  std::uint32_t next_sequence = 0;     ///< number that the next fcTL or fdAT must bear
  std::uint32_t frames = 0;            ///< fcTLs so far
  std::optional<AnimationFrame> frame; ///< the one whose data may follow
};

void judge_actl(Inspection &inspection, const Chunk &chunk);
void judge_fctl(Inspection &inspection, const Chunk &chunk);
void judge_fdat(Inspection &inspection, const Chunk &chunk);
/// After the last chunk: the last frame, and the number of frames.
void finish_animation(Inspection &inspection);

} // namespace datavet::png
