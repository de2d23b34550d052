#include "formats/png/animation.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "formats/png/ancillary_chunks.h"
#include "formats/png/image_data.h"
#include "formats/png/inspection.h"
#include "formats/png/rules.h"

namespace datavet::png {
namespace {

/// Nothing about an animation is said after damage that makes the rest its consequence.
bool silent(const Inspection &inspection) {
  return inspection.animation.doubtful || inspection.chunks_doubtful;
}

void fail(Inspection &inspection, const Rule &rule, const Chunk &chunk, std::string detail) {
  inspection.report(rule, chunk, std::move(detail));
  inspection.animation.doubtful = true;
}

/// PNG 3rd ed. 11.3.6: fcTL and fdAT share one sequence that starts at 0.
bool follows_in_sequence(Inspection &inspection, const Chunk &chunk) {
  Animation &animation = inspection.animation;
  be32 number;
  std::memcpy(&number, chunk.data.data(), sizeof number);
  if (number == animation.next_sequence) {
    ++animation.next_sequence;
    return true;
  }
  fail(inspection, apng_sequence, chunk,
       fmt::format("sequence number {}, expected {}", number.value(), animation.next_sequence));
  return false;
}

/// The frame is over: another begins, or the file ends.
void finish_frame(Inspection &inspection) {
  Animation &animation = inspection.animation;
  if (!animation.frame) return;
  const AnimationFrame frame = *std::exchange(animation.frame, std::nullopt);
  const std::uint32_t number = animation.frames - 1;
  const bool has_data = frame.is_default_image ? inspection.idat_seen : frame.data.chunks > 0;
  if (!has_data) {
    inspection.report(apng_frame_data, frame.offset, sizeof(FrameControl) + chunk_frame,
                      fmt::format("frame {} has no data", number));
    animation.doubtful = true;
    return;
  }
  if (frame.is_default_image || !inspection.reaches(Depth::content)) return;
  if (!inspection.geometry) return; // over the limits
  const ImageReport report =
      inspect_image_data(frame.data, frame.geometry, inspection.watched_palette_entries());
  inspection.report_image(frame.data, report, fmt::format("frame {}: ", number));
}

bool is_sound(const FrameControl &control, const Ihdr &header, bool is_default_image) {
  if (control.width == 0 || control.height == 0) return false;
  if (is_default_image)
    return control.x == 0 && control.y == 0 && control.width == header.width &&
           control.height == header.height;
  return std::uint64_t{control.x} + control.width <= header.width &&
         std::uint64_t{control.y} + control.height <= header.height;
}

} // namespace

void judge_actl(Inspection &inspection, const Chunk &chunk) {
  be32 frames;
  std::memcpy(&frames, chunk.data.data(), sizeof frames);
  inspection.animation.actl_offset = chunk.offset;
  if (frames == 0 || frames > 0x7fffffff) {
    inspection.report(actl_frames, chunk, fmt::format("{} frames", frames.value()));
    return;
  }
  inspection.animation.announced = true;
  inspection.animation.declared = frames;
}

void judge_fctl(Inspection &inspection, const Chunk &chunk) {
  Animation &animation = inspection.animation;
  if (silent(inspection)) return;
  if (!animation.first) animation.first = chunk;
  finish_frame(inspection);
  if (silent(inspection) || !follows_in_sequence(inspection, chunk) || !inspection.header) return;
  FrameControl control;
  std::memcpy(&control, chunk.data.data(), sizeof control);
  const Ihdr &header = *inspection.header;
  const bool is_default_image = !inspection.idat_seen;
  if (!is_sound(control, header, is_default_image))
    return fail(inspection, fctl_geometry, chunk,
                fmt::format("{} x {} at ({}, {}) in a picture of {} x {}", control.width.value(),
                            control.height.value(), control.x.value(), control.y.value(),
                            header.width.value(), header.height.value()));
  if (control.dispose > 2 || control.blend > 1)
    inspection.report(fctl_operation, chunk,
                      fmt::format("disposal {}, blending {}", control.dispose, control.blend));
  AnimationFrame &frame = animation.frame.emplace();
  frame.offset = chunk.offset;
  frame.is_default_image = is_default_image;
  frame.geometry = {control.width, control.height, channels_of(header.colour) * header.depth,
                    header.interlace == 1};
  frame.data.sample = inspection.sample;
  frame.data.type = fdat;
  ++animation.frames;
}

void judge_fdat(Inspection &inspection, const Chunk &chunk) {
  Animation &animation = inspection.animation;
  if (silent(inspection)) return;
  if (!animation.first) animation.first = chunk;
  if (!follows_in_sequence(inspection, chunk)) return;
  if (!inspection.header) return; // then fcTL was not taken in either
  if (!animation.frame || animation.frame->is_default_image)
    return fail(inspection, apng_frame_data, chunk, "fdAT without an fcTL of its own");
  animation.frame->data.add(chunk.offset, chunk.data.size());
}

void finish_animation(Inspection &inspection) {
  Animation &animation = inspection.animation;
  if (animation.announced && animation.frames > 0) inspection.evidence.facts.frames = animation.frames;
  if (!silent(inspection)) finish_frame(inspection);
  if (silent(inspection)) return;
  if (animation.first && !is_noted(inspection, actl))
    inspection.report(actl_missing, *animation.first,
                      fmt::format("{} without acTL", name_of_type(animation.first->type)));
  if (!animation.announced || !inspection.header) return;
  if (animation.frames == animation.declared) return;
  inspection.report(
      animation.frames < animation.declared ? apng_frames_missing : apng_frames_surplus,
      animation.actl_offset, 8 + chunk_frame,
      fmt::format("acTL declares {} frames, {} are there", animation.declared, animation.frames));
}

} // namespace datavet::png
