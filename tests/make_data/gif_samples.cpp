#include "tests/formats/gif/gif_writer.h"
#include "tests/make_data/samples.h"

namespace datavet::test {

Blob photo_gif(unsigned seed, unsigned frames) {
  constexpr unsigned width = 160, height = 120;
  GifWriter writer(width, height, 256);
  if (frames > 1) writer.loop();
  for (unsigned number = 0; number < frames; ++number) {
    std::vector<unsigned> pixels;
    for (unsigned y = 0; y < height; ++y)
      for (unsigned x = 0; x < width; ++x) {
        const unsigned noise = (x + y * width + seed) * 2654435761u >> 29;
        pixels.push_back((x / 2 + y + 9 * number + noise + seed) % 256);
      }
    writer.control(1).frame({.width = width, .height = height, .interlaced = seed % 2 == 0, .code_size = 8, .pixels = std::move(pixels)});
  }
  return writer.finish();
}

} // namespace datavet::test
