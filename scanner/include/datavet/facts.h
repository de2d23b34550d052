/// What a check learned about a sample, healthy or not.
#pragma once

#include <cstdint>
#include <string_view>

namespace datavet {

enum class Colour : std::uint8_t { unknown, grey, grey_alpha, rgb, rgba, palette, ycbcr, cmyk, ycck };

constexpr std::string_view name_of(Colour colour) {
  switch (colour) {
  case Colour::unknown: return "unknown";
  case Colour::grey: return "grey";
  case Colour::grey_alpha: return "grey+alpha";
  case Colour::rgb: return "rgb";
  case Colour::rgba: return "rgb+alpha";
  case Colour::palette: return "palette";
  case Colour::ycbcr: return "ycbcr";
  case Colour::cmyk: return "cmyk";
  case Colour::ycck: return "ycck";
  }
  return "unknown";
}

/// Zero = not known. Trivially copyable: it crosses a process boundary as bytes.
struct Facts {
  std::uint32_t width = 0;   ///< pixels
  std::uint32_t height = 0;  ///< pixels
  std::uint16_t channels = 0;
  std::uint16_t bits = 0;    ///< per channel, as stored
  std::uint32_t frames = 0;  ///< pages, animation frames
  Colour colour = Colour::unknown;
  bool progressive = false;  ///< progressive JPEG, interlaced PNG
  std::uint8_t orientation = 0; ///< Exif 1-8
  std::uint64_t decoded_bytes = 0; ///< of one frame
  std::uint64_t objects = 0;  ///< groups and datasets of an HDF5 file
  std::uint64_t datasets = 0;
};

} // namespace datavet
