#include "formats/gif/block_walk.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/any/any.h"
#include "formats/gif/blocks.h"
#include "formats/gif/extension.h"
#include "formats/gif/image.h"
#include "formats/gif/rules.h"

namespace datavet::gif {

namespace {

bool begins_block(std::uint8_t byte) {
  return byte == image_separator || byte == extension_introducer || byte == trailer;
}

bool is_padding(std::uint8_t byte) {
  return byte == 0 || byte == '\r' || byte == '\n' || byte == 0x1a; // 1A: end of file for DOS
}

/// What Pillow does: it looks for the next byte that begins a block. False when that is a guess.
bool skip_unknown(Inspection &gif, std::uint64_t at) {
  const Bytes rest = gif.sample.subspan(at);
  if (gif.frame_damaged) {
    // The sub-blocks of the frame before ended too early, so this is no place where a block begins.
    find_zero_run(rest, at, gif.evidence);
    return false;
  }
  const auto next = std::find_if(rest.begin(), rest.end(), begins_block);
  const bool zeros = std::all_of(rest.begin(), next, [](std::uint8_t byte) { return byte == 0; });
  const std::uint64_t length = static_cast<std::uint64_t>(next - rest.begin());
  // Where no block follows, no loader can be led astray.
  if (!zeros && next != rest.end() && *next != trailer) {
    gif.report(unknown_block, at, 0,
               fmt::format("{:02x} after frame {}; the next 21 or 2c is {} bytes away", rest[0], gif.frames,
                           length));
    return false;
  }
  gif.habit(stray_bytes, at, length, [&] {
    return fmt::format("{} {} after frame {}", length, zeros ? "zero bytes" : "bytes", gif.frames);
  });
  gif.reader.seek(at + length);
  return true;
}

void end(Inspection &gif, std::uint64_t at) {
  if (gif.frames == 0) gif.report(no_image, at, 0, "no image before the end");
}

void read_trailer(Inspection &gif, std::uint64_t at) {
  gif.outline(0, at, 1, "trailer");
  end(gif, at);
  const Bytes rest = gif.reader.rest();
  if (rest.empty()) return;
  gif.outline(0, at + 1, rest.size(), "after the trailer");
  if (gif.frames == 0 || gif.frame_damaged) return;
  const bool harmless = std::all_of(rest.begin(), rest.end(), is_padding);
  gif.report(harmless ? padding : trailing, at + 1, rest.size(), fmt::format("{} bytes", rest.size()));
}

void end_without_trailer(Inspection &gif) {
  end(gif, gif.sample.size());
  if (gif.frames > 0 && !gif.frame_damaged)
    gif.report(no_trailer, gif.sample.size(), 0, fmt::format("the file ends after frame {}", gif.frames));
}

} // namespace

void walk_blocks(Inspection &gif) {
  for (;;) {
    const std::uint64_t at = gif.reader.offset();
    const std::optional<std::uint8_t> introducer = gif.reader.u8();
    if (!introducer) return end_without_trailer(gif);
    if (*introducer == trailer) return read_trailer(gif, at);
    if (!begins_block(*introducer)) {
      if (!skip_unknown(gif, at)) return;
      continue;
    }
    gif.frame_damaged = false;
    if (!(*introducer == image_separator ? read_image(gif, at) : read_extension(gif, at))) return;
  }
}

} // namespace datavet::gif
