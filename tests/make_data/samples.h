/// Good samples of every format, by real encoders where there is one; the same bytes for the same seed.
#pragma once

#include <cstdint>

#include "tests/support/damage.h"

namespace datavet::test {

/// A photo-like picture, as ImageNet's are: about 110 KB at 500 x 375.
Blob photo_jpeg(unsigned seed, unsigned width = 500, unsigned height = 375);
Blob progressive_jpeg(unsigned seed, unsigned width = 500, unsigned height = 375);
Blob photo_png(unsigned seed, unsigned width = 320, unsigned height = 240);
Blob photo_webp(unsigned seed, int width = 320, int height = 240);
Blob photo_tiff(unsigned seed);
Blob photo_bmp(unsigned seed);
/// Two frames and more are an animation.
Blob photo_gif(unsigned seed, unsigned frames = 1);
Blob photo_pnm(unsigned seed, unsigned width = 160, unsigned height = 120);

/// An opaque record of so many bytes.
Blob random_record(unsigned seed, std::size_t size);

/// Images and labels, gzip + shuffle + Fletcher-32, `rows` pictures of 32 x 32 x 3.
Blob images_hdf5(unsigned seed, std::size_t rows = 64);

} // namespace datavet::test
