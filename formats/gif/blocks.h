/// The blocks of a GIF as they lie on disk. Sections are those of the GIF89a specification.
#pragma once

#include <cstdint>

#include "formats/bytes/endian.h"

namespace datavet::gif {

/// 18. Logical Screen Descriptor: follows the six bytes of the header.
struct ScreenDescriptor {
  le16 width, height;
  std::uint8_t packed; ///< global colour table flag, colour resolution, sort flag, size of the table
  std::uint8_t background;
  std::uint8_t aspect;
};
static_assert(sizeof(ScreenDescriptor) == 7);

/// 20. Image Descriptor, without its separator.
struct ImageDescriptor {
  le16 left, top, width, height;
  std::uint8_t packed; ///< local colour table flag, interlace flag, sort flag, reserved, size of the table

  bool interlaced() const { return (packed & 0x40) != 0; }
};
static_assert(sizeof(ImageDescriptor) == 9);

/// 23. Graphic Control Extension: the only sub-block.
struct GraphicControl {
  std::uint8_t packed; ///< reserved, disposal method, user input flag, transparent colour flag
  le16 delay;
  std::uint8_t transparent;

  static constexpr std::uint8_t has_transparent = 0x01;
  static constexpr unsigned disposal_of(std::uint8_t packed) { return packed >> 2 & 7u; }
};
static_assert(sizeof(GraphicControl) == 4);

constexpr std::uint64_t signature_size = 6;

// The byte that begins each block: 20, 23 (and every extension), 27.
constexpr std::uint8_t image_separator = 0x2c, extension_introducer = 0x21, trailer = 0x3b;

constexpr std::uint8_t plain_text_label = 0x01, graphic_control_label = 0xf9, comment_label = 0xfe,
                       application_label = 0xff;

} // namespace datavet::gif
