/// The state of one check: what the blocks of a sample share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <datavet/options.h>

#include "formats/bytes/byte_reader.h"
#include "formats/evidence.h"
#include "formats/gif/colour_table.h"
#include "formats/gif/habits.h"

namespace datavet::gif {

struct Inspection {
  Inspection(Bytes bytes, const CheckOptions &with, Evidence &into)
      : sample(bytes), reader(bytes), options(with), evidence(into) {}

  Bytes sample;
  ByteReader reader;
  const CheckOptions &options;
  Evidence &evidence;
  Habits habits;

  std::uint32_t screen_width = 0, screen_height = 0;
  /// The screen, and what frames add to it: Pillow makes its picture as large.
  std::uint32_t canvas_width = 0, canvas_height = 0;
  ColourTable global_table;
  std::uint8_t background = 0;

  /// Of the graphic control extension before the next image.
  unsigned controls = 0;
  std::optional<unsigned> transparent;
  /// As Pillow keeps it: a method of 0 leaves the one before in force.
  unsigned disposal = 0;

  std::uint32_t frames = 0;
  bool first_is_coloured = false;
  /// The image data just read is damaged: what follows it may be anything.
  bool frame_damaged = false;
  unsigned damaged_frames = 0;

  bool reaches(Depth depth) const { return options.depth >= depth; }

  /// Facts tell the picture as it is when a loader has opened it: with the first frame.
  void extend_canvas(std::uint32_t right, std::uint32_t bottom) {
    canvas_width = std::max(canvas_width, right);
    canvas_height = std::max(canvas_height, bottom);
    if (frames > 1) return;
    evidence.facts.width = canvas_width;
    evidence.facts.height = canvas_height;
    // Loaders expand the colour table to three channels.
    evidence.facts.decoded_bytes = std::uint64_t{3} * canvas_width * canvas_height;
  }

  void report(const Rule &rule, std::uint64_t offset, std::uint64_t length, std::string detail) {
    evidence.findings.add(rule, offset, length, std::move(detail));
  }
  /// For what may be so in every frame; `detail` makes the text when it is wanted.
  template <class Detail>
  void habit(const Rule &rule, std::uint64_t offset, std::uint64_t length, const Detail &detail) {
    if (habits.is_new(rule)) habits.add(rule, offset, length, detail());
  }
  void outline(unsigned level, std::uint64_t offset, std::uint64_t length, std::string name,
               std::string detail = {}) {
    if (evidence.outline != nullptr)
      evidence.outline->add(level, offset, length, std::move(name), std::move(detail));
  }
};

} // namespace datavet::gif
