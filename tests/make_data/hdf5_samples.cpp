#include <random>

#include "tests/formats/hdf5/hdf5_maker.h"
#include "tests/make_data/samples.h"

namespace datavet::test {

namespace {

constexpr std::size_t row_bytes = 32 * 32 * 3;

Hdf5Maker images(unsigned seed, std::size_t rows) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> pixels(rows * row_bytes);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i / 7 + random() % 16);
  std::vector<std::int32_t> labels(rows);
  for (std::int32_t &label : labels) label = static_cast<std::int32_t>(random() % 10);
  Hdf5Maker maker(SuperblockVersion::v0);
  maker.dataset<std::uint8_t>("/images", pixels,
                              {.extent = {rows, 32, 32, 3}, .chunk = {16, 32, 32, 3}, .shuffle = true, .deflate = 4, .fletcher32 = true});
  maker.dataset<std::int32_t>("/labels", labels);
  return maker;
}

} // namespace

Blob images_hdf5(unsigned seed, std::size_t rows) { return images(seed, rows).bytes(); }

} // namespace datavet::test
