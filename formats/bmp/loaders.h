/// Which kinds of BMP the common loaders read. A BMP may be sound to the last byte and yet be of a
/// kind that a loader refuses: that is told from the header alone, as the loader itself does.
#pragma once

#include <optional>
#include <string>

#include "formats/bmp/header.h"

namespace datavet::bmp {

/// Why Pillow 9.4 refuses a picture with this header, or nothing.
std::optional<std::string> pillow_refusal(const Header &header);
/// Why OpenCV 4.6 refuses it. `sample` because OpenCV looks for masks and palette where they may not be.
std::optional<std::string> opencv_refusal(const Header &header, Bytes sample);
/// True when OpenCV reads the picture, but with other colours than the masks say.
bool opencv_mistakes_colours(const Header &header);

} // namespace datavet::bmp
