#include "tests/formats/webp/webp_maker.h"
#include "tests/make_data/samples.h"

namespace datavet::test {

Blob photo_webp(unsigned seed, int width, int height) { return encode_webp(WebpKind::lossy, width, height, seed); }

} // namespace datavet::test
