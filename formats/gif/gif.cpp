#include "formats/gif/gif.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "formats/any/rules.h"
#include "formats/gif/block_walk.h"
#include "formats/gif/blocks.h"
#include "formats/gif/inspection.h"
#include "formats/gif/rules.h"

namespace datavet {

namespace gif {

namespace {

bool is_gif(Bytes head) {
  if (head.size() < signature_size) return false;
  const std::string_view signature(reinterpret_cast<const char *>(head.data()), signature_size);
  return signature == "GIF87a" || signature == "GIF89a";
}

/// 19: follows the logical screen descriptor when that says so.
bool read_global_table(Inspection &gif, unsigned colours) {
  if (colours == 0) return true;
  const std::uint64_t at = gif.reader.offset(), size = ColourTable::bytes_a_colour * colours;
  const std::optional<Bytes> table = gif.reader.take(size);
  if (!table) {
    gif.report(truncated, gif.sample.size(), 0, "the file ends in the global colour table");
    return false;
  }
  gif.global_table = ColourTable(*table);
  gif.outline(0, at, size, "global colour table", fmt::format("{} colours", colours));
  return true;
}

/// 18: the logical screen descriptor, and what belongs to it.
bool read_screen(Inspection &gif) {
  gif.reader.seek(signature_size);
  const std::optional<ScreenDescriptor> screen = gif.reader.read<ScreenDescriptor>();
  if (!screen) {
    gif.report(truncated, gif.sample.size(), 0, "the file ends in the logical screen descriptor");
    return false;
  }
  gif.screen_width = screen->width;
  gif.screen_height = screen->height;
  gif.background = screen->background;
  gif.extend_canvas(gif.screen_width, gif.screen_height);
  gif.evidence.facts.channels = 1;
  gif.evidence.facts.bits = 8;
  gif.evidence.facts.colour = Colour::palette;
  gif.outline(0, 0, signature_size, "header", gif.sample[4] == '7' ? "GIF87a" : "GIF89a");
  gif.outline(0, signature_size, sizeof(ScreenDescriptor), "logical screen descriptor",
              fmt::format("{} x {}, background {}", gif.screen_width, gif.screen_height, gif.background));
  if (gif.screen_width == 0 || gif.screen_height == 0)
    gif.habit(screen_empty, signature_size, 4,
              [&] { return fmt::format("{} x {} pixels", gif.screen_width, gif.screen_height); });

  return read_global_table(gif, ColourTable::announced(screen->packed));
}

void check_limits(Inspection &gif) {
  const Limits &limits = gif.options.limits;
  const std::uint64_t pixels = std::uint64_t{gif.canvas_width} * gif.canvas_height;
  if (pixels > limits.pixels)
    gif.report(any::too_large, 0, 0, fmt::format("{} pixels, the limit is {}", pixels, limits.pixels));
  else if (3 * pixels > limits.decoded_bytes)
    gif.report(any::too_large, 0, 0,
               fmt::format("{} bytes decoded, the limit is {}", 3 * pixels, limits.decoded_bytes));
}

void check(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  if (!is_gif(sample))
    return evidence.findings.add(bad_signature, 0, std::min<std::uint64_t>(sample.size(), signature_size));
  Inspection gif(sample, options, evidence);
  if (!read_screen(gif)) return;
  if (gif.reaches(Depth::structure)) walk_blocks(gif);
  // A file that is damaged through and through needs no list of its writer's habits.
  if (!gif.reaches(Depth::structure) || gif.frames > 0) gif.habits.report(evidence.findings);
  if (!evidence.findings.any_at_least(Severity::error)) check_limits(gif);
}

constexpr std::string_view extensions[] = {"gif"};

} // namespace

} // namespace gif

const Format gif_format{
    .name = "gif",
    .title = "GIF",
    .layout = Layout::whole,
    .extensions = gif::extensions,
    .rules = gif::all_rules,
    .sniff = gif::is_gif,
    .check = gif::check,
};

} // namespace datavet
