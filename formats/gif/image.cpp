#include "formats/gif/image.h"

#include <bit>

#include <fmt/format.h>

#include "formats/gif/blocks.h"
#include "formats/gif/lzw.h"
#include "formats/gif/rules.h"
#include "formats/gif/sub_blocks.h"

namespace datavet::gif {

namespace {

struct Frame {
  std::uint64_t at; ///< of the image separator
  ImageDescriptor descriptor;
  ColourTable table; ///< in force: the local one, or the global
  std::uint64_t code_size_at;
  std::uint8_t code_size;
  SubBlocks data;

  std::uint64_t pixels() const { return std::uint64_t{descriptor.width} * descriptor.height; }
};

std::uint64_t rows(std::uint64_t height, std::uint64_t first, std::uint64_t step) {
  return height > first ? (height - first + step - 1) / step : 0;
}

/// Appendix E: every 8th row from 0, every 8th from 4, every 4th from 2, every 2nd from 1.
std::uint64_t row_shown(std::uint64_t stored, std::uint64_t height) {
  constexpr std::uint64_t passes[][2] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
  for (const auto &[first, step] : passes) {
    const std::uint64_t in_pass = rows(height, first, step);
    if (stored < in_pass) return first + stored * step;
    stored -= in_pass;
  }
  return height;
}

std::string place(const Frame &frame, std::uint64_t pixel) {
  const std::uint64_t height = frame.descriptor.height, row = pixel / frame.descriptor.width;
  if (!frame.descriptor.interlaced()) return fmt::format("row {} of {}", row + 1, height);
  return fmt::format("row {} of {} (interlaced)", row_shown(row, height) + 1, height);
}

/// What a loader cannot give when it gets no further than this pixel.
std::string loss(const Frame &frame, std::uint64_t pixel) {
  const std::uint64_t all = frame.pixels(), percent = (all - pixel) * 100 / all;
  return fmt::format("lost from pixel {}, {}, on: {} % of the frame", pixel, place(frame, pixel),
                     percent == 0 ? "less than 1" : fmt::format("{}", percent));
}

/// For what leaves no hope that the frame's data ends where it should.
void damaged(Inspection &gif, const Rule &rule, std::uint64_t offset, std::uint64_t length,
             std::string detail) {
  gif.frame_damaged = true;
  ++gif.damaged_frames;
  gif.report(rule, offset, length, std::move(detail));
}

/// Pillow never widens codes of minimum size 0 and 1, so it reads one code and no more.
bool some_loader_reads_code_size(const Frame &frame) {
  return frame.code_size < 12 && (frame.code_size >= 2 || frame.pixels() == 1);
}

/// True when the codes can be followed.
bool check_code_size(Inspection &gif, const Frame &frame) {
  if (frame.code_size >= 2 && frame.code_size <= 8) return true;
  const auto detail = [&] {
    return fmt::format("frame {}: minimum code size {}", gif.frames, frame.code_size);
  };
  if (!some_loader_reads_code_size(frame)) {
    damaged(gif, bad_code_size, frame.code_size_at, 1, detail());
    return false;
  }
  gif.habit(code_size_refused, frame.code_size_at, 1, detail);
  return true;
}

void end_of_file(Inspection &gif, const Frame &frame, const std::string &what) {
  gif.report(truncated, frame.data.end, 0,
             fmt::format("the file ends in the image data of frame {}: {}", gif.frames, what));
}

/// The codes stop, or stop to mean anything, before the last pixel.
void report_loss(Inspection &gif, const Frame &frame, const LzwWalk &walk) {
  const std::string lost = loss(frame, walk.pixels);
  const std::uint64_t at = offset_of_data(gif.sample, frame.data, walk.byte);
  switch (walk.end) {
  case LzwEnd::undefined:
    return damaged(gif, undefined_code, at, 0,
                   fmt::format("frame {}: code {} where {} is the next free one; {}", gif.frames, walk.code,
                               walk.next, lost));
  case LzwEnd::end_code:
    return damaged(gif, short_data, at, 0, fmt::format("frame {}: an end code; {}", gif.frames, lost));
  case LzwEnd::no_data:
    if (!frame.data.terminated) return end_of_file(gif, frame, lost);
    damaged(gif, short_data, frame.data.end - 1, 1,
            fmt::format("frame {}: the image data ends; {}", gif.frames, lost));
  }
}

/// What surrounds a complete picture.
void check_ends(Inspection &gif, const Frame &frame, const LzwWalk &walk) {
  const std::uint64_t data_at = frame.data.offset;
  if (walk.pixels > frame.pixels() || walk.end == LzwEnd::undefined)
    gif.habit(long_data, data_at, frame.data.end - data_at, [&] {
      return fmt::format("frame {}: {} pixels in {} x {}", gif.frames, walk.pixels,
                         frame.descriptor.width.value(), frame.descriptor.height.value());
    });
  else if (walk.end == LzwEnd::no_data)
    gif.habit(no_end_code, frame.data.end - 1, 1, [&] { return fmt::format("frame {}", gif.frames); });
  if (!walk.clear_first)
    gif.habit(no_clear_code, data_at + 1, 1, [&] { return fmt::format("frame {}", gif.frames); });
  if (walk.unused > 0)
    gif.habit(after_end_code, offset_of_data(gif.sample, frame.data, frame.data.data - walk.unused), 0,
              [&] { return fmt::format("frame {}: {} bytes more", gif.frames, walk.unused); });
}

void check_indices(Inspection &gif, const Frame &frame, const LzwWalk &walk) {
  const auto detail = [&](const StrayIndex &stray) {
    return fmt::format("frame {}: index {} of {} colours at pixel {}, {}", gif.frames, stray.index,
                       frame.table.colours, stray.pixel, place(frame, stray.pixel));
  };
  const auto at = [&](const StrayIndex &stray) { return offset_of_data(gif.sample, frame.data, stray.byte); };
  // What is not a pixel of the frame is judged by nobody.
  if (walk.stray && walk.stray->pixel < frame.pixels())
    gif.habit(stray_index, at(*walk.stray), 0, [&] { return detail(*walk.stray); });
  else if (walk.stray_transparent && walk.stray_transparent->pixel < frame.pixels())
    gif.habit(stray_transparent, at(*walk.stray_transparent), 0,
              [&] { return detail(*walk.stray_transparent); });
}

void check_data(Inspection &gif, const Frame &frame) {
  const LzwWalk walk = walk_lzw(gif.sample, frame.data,
                                {.code_size = frame.code_size,
                                 .colours = frame.table.colours == 0 ? 256 : frame.table.colours,
                                 .transparent = gif.transparent});
  if (walk.pixels < frame.pixels()) return report_loss(gif, frame, walk);
  if (!frame.data.terminated) end_of_file(gif, frame, "after its last pixel");
  check_ends(gif, frame, walk);
  check_indices(gif, frame, walk);
}

void check_geometry(Inspection &gif, const Frame &frame) {
  const ImageDescriptor &descriptor = frame.descriptor;
  const std::uint32_t right = std::uint32_t{descriptor.left} + descriptor.width,
                      bottom = std::uint32_t{descriptor.top} + descriptor.height;
  const bool beyond = right > gif.screen_width || bottom > gif.screen_height;
  if (beyond && gif.screen_width > 0 && gif.screen_height > 0)
    gif.habit(frame_beyond, frame.at + 1, 8, [&] {
      return fmt::format("frame {}: {} x {} pixels at {}, {} on a screen of {} x {}", gif.frames,
                         descriptor.width.value(), descriptor.height.value(), descriptor.left.value(),
                         descriptor.top.value(), gif.screen_width, gif.screen_height);
    });
  gif.extend_canvas(right, bottom);
}

/// What Pillow 9.4 stumbles over when it draws a later frame upon a coloured picture.
void check_drawing(Inspection &gif, const Frame &frame) {
  const ColourTable &table = frame.table;
  if (gif.transparent && table.grey_ramp)
    gif.habit(grey_transparent, frame.at, 10, [&] {
      return fmt::format("frame {}: {} shades of grey, transparent {}", gif.frames, table.colours,
                         *gif.transparent);
    });
  if (!gif.transparent && !table.grey_ramp && gif.disposal == 2 && gif.global_table.colours > 0 &&
      gif.background >= table.colours)
    gif.habit(screen_background, frame.at, 10, [&] {
      return fmt::format("frame {}: background colour {} of {} colours", gif.frames, gif.background,
                         table.colours);
    });
}

void check_colours(Inspection &gif, const Frame &frame) {
  const bool none = frame.table.colours == 0;
  if (gif.frames == 1) gif.first_is_coloured = !none && !frame.table.grey_ramp;
  if (none)
    gif.habit(frame_colourless, frame.at, 10, [&] { return fmt::format("frame {}", gif.frames); });
  else if (gif.frames > 1 && gif.first_is_coloured)
    check_drawing(gif, frame);
}

void fill_facts(Inspection &gif, const Frame &frame) {
  Facts &facts = gif.evidence.facts;
  facts.frames = gif.frames;
  if (gif.frames > 1) return;
  facts.progressive = frame.descriptor.interlaced();
  if (frame.table.colours == 0)
    facts.colour = Colour::grey;
  else
    facts.bits = static_cast<std::uint16_t>(std::bit_width(frame.table.colours - 1));
}

void outline_image(Inspection &gif, const Frame &frame, unsigned local_colours) {
  if (gif.evidence.outline == nullptr) return;
  const ImageDescriptor &descriptor = frame.descriptor;
  gif.outline(0, frame.at, frame.data.end - frame.at, "image",
              fmt::format("frame {}, {} x {} at {}, {}{}", gif.frames, descriptor.width.value(),
                          descriptor.height.value(), descriptor.left.value(), descriptor.top.value(),
                          descriptor.interlaced() ? ", interlaced" : ""));
  gif.outline(1, frame.at, 10, "image descriptor");
  if (local_colours > 0)
    gif.outline(1, frame.at + 10, ColourTable::bytes_a_colour * local_colours, "local colour table",
                fmt::format("{} colours", local_colours));
  gif.outline(1, frame.code_size_at, frame.data.end - frame.code_size_at, "image data",
              fmt::format("minimum code size {}, {} bytes", frame.code_size, frame.data.data));
}

bool ends_in(Inspection &gif, const char *what) {
  gif.report(truncated, gif.sample.size(), 0,
             fmt::format("the file ends in the {} of frame {}", what, gif.frames + 1));
  return false;
}

void judge(Inspection &gif, const Frame &frame) {
  if (gif.damaged_frames >= Findings::kept) return; // a million more would tell nothing
  check_geometry(gif, frame);
  if (frame.pixels() == 0)
    return damaged(gif, frame_empty, frame.at + 5, 4,
                   fmt::format("frame {}: {} x {} pixels", gif.frames, frame.descriptor.width.value(),
                               frame.descriptor.height.value()));
  check_colours(gif, frame);
  if (!check_code_size(gif, frame)) return;
  if (gif.reaches(Depth::content)) return check_data(gif, frame);
  if (!frame.data.terminated) end_of_file(gif, frame, "whether after its last pixel was not asked");
}

} // namespace

bool read_image(Inspection &gif, std::uint64_t at) {
  const std::optional<ImageDescriptor> descriptor = gif.reader.read<ImageDescriptor>();
  if (!descriptor) return ends_in(gif, "image descriptor");
  const unsigned local_colours = ColourTable::announced(descriptor->packed);
  const std::optional<Bytes> local = gif.reader.take(ColourTable::bytes_a_colour * local_colours);
  if (!local) return ends_in(gif, "local colour table");
  const std::uint64_t code_size_at = gif.reader.offset();
  const std::optional<std::uint8_t> code_size = gif.reader.u8();
  if (!code_size) return ends_in(gif, "image data");

  const Frame frame{.at = at,
                    .descriptor = *descriptor,
                    .table = local_colours > 0 ? ColourTable(*local) : gif.global_table,
                    .code_size_at = code_size_at,
                    .code_size = *code_size,
                    .data = find_sub_blocks(gif.sample, code_size_at + 1)};
  gif.reader.seek(frame.data.end);
  ++gif.frames;
  fill_facts(gif, frame);
  outline_image(gif, frame, local_colours);
  judge(gif, frame);
  gif.transparent.reset();
  gif.controls = 0;
  return frame.data.terminated;
}

} // namespace datavet::gif
