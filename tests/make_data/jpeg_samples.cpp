#include "tests/formats/jpeg/jpeg_maker.h"
#include "tests/make_data/samples.h"

namespace datavet::test {

Blob photo_jpeg(unsigned seed, unsigned width, unsigned height) {
  return make_jpeg({.width = width, .height = height, .quality = 90, .optimised = seed % 2 == 0, .seed = seed, .noise = 40});
}

Blob progressive_jpeg(unsigned seed, unsigned width, unsigned height) {
  return make_jpeg({.width = width, .height = height, .quality = 90, .progressive = true, .seed = seed, .noise = 40});
}

} // namespace datavet::test
