#include <cmath>
#include <random>
#include <string>

#include "tests/make_data/samples.h"

namespace datavet::test {

Blob random_record(unsigned seed, std::size_t size) {
  std::mt19937_64 random(seed);
  Blob record(size);
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    const std::uint64_t word = random();
    std::memcpy(record.data() + at, &word, 8);
  }
  for (; at < size; ++at) record[at] = static_cast<std::uint8_t>(random());
  return record;
}

Blob photo_pnm(unsigned seed, unsigned width, unsigned height) {
  const std::string head = "P6\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
  Blob file(head.begin(), head.end());
  for (unsigned y = 0; y < height; ++y)
    for (unsigned x = 0; x < width; ++x)
      for (unsigned channel = 0; channel < 3; ++channel) file.push_back(static_cast<std::uint8_t>(x + y * channel + seed));
  return file;
}

} // namespace datavet::test
