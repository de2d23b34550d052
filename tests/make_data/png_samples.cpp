#include <cmath>

#include "tests/formats/png/png_writer.h"
#include "tests/make_data/samples.h"

namespace datavet::test {

Blob photo_png(unsigned seed, unsigned width, unsigned height) {
  PngSpec spec{.width = width, .height = height};
  // Waves and a little noise: compresses as photos do, about 2 : 1.
  spec.sample = [seed, width](std::uint32_t x, std::uint32_t y, unsigned channel) {
    const double wave = std::sin((x + 13.0 * seed) / 37.0) + std::cos((y + 7.0 * channel) / 23.0);
    std::uint32_t noise = (x + y * width) * 2654435761u + seed * 40503u + channel * 977u;
    noise ^= noise >> 15;
    return static_cast<unsigned>(128 + 50 * wave) + (noise & 7u);
  };
  return make_png(spec).bytes();
}

} // namespace datavet::test
