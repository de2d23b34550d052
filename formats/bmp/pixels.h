/// Everything that lies after the headers: masks and palette, pixels, colour profile.
#pragma once

#include <datavet/options.h>

#include "formats/bmp/header.h"

namespace datavet::bmp {

/// `header` has passed the checks of its fields: sizes are positive, bits and compression defined.
void check_pixels(const Header &header, Bytes sample, Depth depth, Evidence &evidence);

} // namespace datavet::bmp
