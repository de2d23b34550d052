#include "tests/formats/bmp/bmp_writer.h"
#include "tests/make_data/samples.h"

namespace datavet::test {

Blob photo_bmp(unsigned seed) {
  BmpWriter writer;
  writer.width = 120 + static_cast<std::int32_t>(seed % 7);
  writer.height = 90;
  return writer.write();
}

} // namespace datavet::test
