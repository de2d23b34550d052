#include "formats/gif/extension.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "formats/gif/blocks.h"
#include "formats/gif/rules.h"
#include "formats/gif/sub_blocks.h"

namespace datavet::gif {

namespace {

struct Extension {
  std::uint64_t at; ///< of the introducer
  std::uint8_t label;
  SubBlocks blocks;
  Bytes first; ///< the first sub-block, empty when there is none

  std::uint64_t size() const { return blocks.end - at; }
  bool one_sub_block() const { return blocks.data == first.size(); }
};

/// Pillow's _seek() looks at block[0], i16(block, 1) and, when the flag says so, block[3].
bool pillow_can_read_control(Bytes control) {
  if (control.size() < 3) return false;
  return control.size() > 3 || (control[0] & GraphicControl::has_transparent) == 0;
}

void graphic_control(Inspection &gif, const Extension &extension) {
  const Bytes control = extension.first;
  if (!pillow_can_read_control(control))
    return gif.habit(control_short, extension.at, extension.size(), [&] {
      return control.empty() ? "no sub-block" : fmt::format("a sub-block of {} bytes", control.size());
    });
  if (control.size() != sizeof(GraphicControl) || !extension.one_sub_block())
    gif.habit(control_size, extension.at, extension.size(), [&] {
      return fmt::format("a first sub-block of {} bytes, {} in all", control.size(), extension.blocks.data);
    });
  if (++gif.controls == 2)
    gif.habit(control_repeated, extension.at, extension.size(),
              [&] { return fmt::format("a second one before frame {}", gif.frames + 1); });
  const unsigned disposal = GraphicControl::disposal_of(control[0]);
  if (disposal > 3)
    gif.habit(control_disposal, extension.at + 3, 1,
              [&] { return fmt::format("disposal method {} of frame {}", disposal, gif.frames + 1); });
  if (disposal != 0) gif.disposal = disposal;
  if (control[0] & GraphicControl::has_transparent) gif.transparent = control[3];
}

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }

/// Pillow looks into the application extensions before the first image, for NETSCAPE2.0's loop count.
bool pillow_refuses_application(const Inspection &gif, const Extension &extension) {
  if (gif.frames > 0) return false;
  return extension.first.empty() ||
         (text_of(extension.first).starts_with("NETSCAPE2.0") && extension.one_sub_block());
}

void first_size(Inspection &gif, const Extension &extension, std::size_t wanted) {
  if (extension.first.size() != wanted)
    gif.habit(extension_size, extension.at + 2, 1, [&] {
      return fmt::format("label {:02x}, a first sub-block of {} bytes", extension.label,
                         extension.first.size());
    });
}

void other_extension(Inspection &gif, const Extension &extension) {
  if (extension.label == application_label && pillow_refuses_application(gif, extension))
    return gif.habit(application_refused, extension.at, extension.size(), [&] {
      return extension.first.empty() ? "no sub-block" : "NETSCAPE2.0 without a sub-block";
    });
  if (extension.first.empty())
    return gif.habit(extension_empty, extension.at, extension.size(),
                     [&] { return fmt::format("label {:02x}", extension.label); });
  switch (extension.label) {
  case comment_label: return;
  case application_label: return first_size(gif, extension, 11);
  case plain_text_label:
    first_size(gif, extension, 12);
    return gif.habit(plain_text, extension.at, extension.size(),
                     [&] { return fmt::format("before frame {}", gif.frames + 1); });
  default:
    gif.habit(extension_unknown, extension.at, extension.size(),
              [&] { return fmt::format("label {:02x}", extension.label); });
  }
}

void outline_extension(Inspection &gif, const Extension &extension) {
  if (gif.evidence.outline == nullptr) return;
  const Bytes first = extension.first;
  std::string name = fmt::format("extension {:02x}", extension.label), detail;
  switch (extension.label) {
  case graphic_control_label:
    name = "graphic control extension";
    if (first.size() == sizeof(GraphicControl))
      detail = fmt::format(
          "delay {} ms, disposal {}{}", 10 * (first[1] | first[2] << 8),
          GraphicControl::disposal_of(first[0]),
          first[0] & GraphicControl::has_transparent ? fmt::format(", transparent {}", first[3]) : "");
    break;
  case comment_label:
    name = "comment extension";
    detail = text_of(first.subspan(0, std::min<std::size_t>(first.size(), 60)));
    break;
  case plain_text_label: name = "plain text extension"; break;
  case application_label:
    name = "application extension";
    detail = text_of(first);
    break;
  default: break;
  }
  gif.outline(0, extension.at, extension.size(), std::move(name), std::move(detail));
}

} // namespace

bool read_extension(Inspection &gif, std::uint64_t at) {
  const std::optional<std::uint8_t> label = gif.reader.u8();
  if (!label) {
    gif.report(truncated, gif.sample.size(), 0, "the file ends before the label of an extension");
    return false;
  }
  Extension extension{.at = at, .label = *label, .blocks = find_sub_blocks(gif.sample, at + 2), .first = {}};
  extension.first = first_sub_block(gif.sample, extension.blocks);
  gif.reader.seek(extension.blocks.end);
  outline_extension(gif, extension);
  if (!extension.blocks.terminated) {
    gif.report(truncated, gif.sample.size(), 0,
               fmt::format("the file ends in the extension {:02x} at {}", extension.label, at));
    return false;
  }
  if (extension.label == graphic_control_label)
    graphic_control(gif, extension);
  else
    other_extension(gif, extension);
  return true;
}

} // namespace datavet::gif
