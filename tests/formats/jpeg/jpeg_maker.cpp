#include "tests/formats/jpeg/jpeg_maker.h"

#include <algorithm>
#include <array>
#include <cstdio> // jpeglib.h needs FILE
#include <cstdlib>
#include <string_view>

#include <jpeglib.h>

namespace datavet::test {

namespace {

using namespace std::string_view_literals;
using Colour = JpegWishes::Colour;

int channels_of(Colour colour) {
  switch (colour) {
  case Colour::grey: return 1;
  case Colour::ycbcr:
  case Colour::rgb: return 3;
  case Colour::cmyk:
  case Colour::ycck: return 4;
  }
  return 0;
}

/// Pixels: a gradient that differs by channel, and noise of a linear congruential generator.
class Picture {
public:
  explicit Picture(const JpegWishes &wishes)
      : wishes_(wishes), state_(wishes.seed * 2654435761u + 1u),
        row_(std::size_t{wishes.width} * static_cast<std::size_t>(channels_of(wishes.colour))) {}

  std::uint8_t *row(unsigned y) {
    const auto channels = static_cast<unsigned>(channels_of(wishes_.colour));
    for (unsigned x = 0; x < wishes_.width; ++x)
      for (unsigned c = 0; c < channels; ++c) {
        const unsigned along = wishes_.flat ? 128u
                               : c % 2 == 0 ? x * 255u / wishes_.width
                                            : y * 255u / wishes_.height;
        row_[std::size_t{x} * channels + c] = shade(c < 2 ? along : 255u - along);
      }
    return row_.data();
  }

private:
  std::uint8_t shade(unsigned base) {
    state_ = state_ * 1664525u + 1013904223u;
    const int noise = wishes_.noise == 0 ? 0
                                         : static_cast<int>((state_ >> 16) % wishes_.noise) -
                                               static_cast<int>(wishes_.noise / 2);
    return static_cast<std::uint8_t>(std::clamp(static_cast<int>(base) + noise, 0, 255));
  }

  const JpegWishes &wishes_;
  std::uint32_t state_;
  std::vector<std::uint8_t> row_;
};

void choose_colour(jpeg_compress_struct &libjpeg, const JpegWishes &wishes) {
  switch (wishes.colour) {
  case Colour::grey: return jpeg_set_colorspace(&libjpeg, JCS_GRAYSCALE);
  case Colour::ycbcr: return jpeg_set_colorspace(&libjpeg, JCS_YCbCr);
  case Colour::rgb: return jpeg_set_colorspace(&libjpeg, JCS_RGB);
  case Colour::cmyk: return jpeg_set_colorspace(&libjpeg, JCS_CMYK);
  case Colour::ycck: return jpeg_set_colorspace(&libjpeg, JCS_YCCK);
  }
}

std::vector<std::uint8_t> exif_of(unsigned orientation) {
  constexpr auto before = "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"sv;
  std::vector<std::uint8_t> exif(before.begin(), before.end());
  exif.push_back(static_cast<std::uint8_t>(orientation));
  exif.insert(exif.end(), 6, 0); // the rest of the value, no further IFD
  return exif;
}

/// ICC.1 7.2: a header with size and signature; the rest is noise.
std::vector<std::uint8_t> icc_of(unsigned size) {
  std::vector<std::uint8_t> profile(size);
  for (unsigned i = 0; i < size; ++i) profile[i] = static_cast<std::uint8_t>(i * 7);
  for (unsigned i = 0; i < 4; ++i) profile[i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
  std::copy_n("acsp", 4, profile.begin() + 36);
  return profile;
}

void write_metadata(jpeg_compress_struct &libjpeg, const JpegWishes &wishes) {
  if (wishes.exif_orientation != 0) {
    const std::vector<std::uint8_t> exif = exif_of(wishes.exif_orientation);
    jpeg_write_marker(&libjpeg, JPEG_APP0 + 1, exif.data(), static_cast<unsigned>(exif.size()));
  }
  if (wishes.icc_bytes != 0) {
    const std::vector<std::uint8_t> profile = icc_of(std::max(wishes.icc_bytes, 132u));
    jpeg_write_icc_profile(&libjpeg, profile.data(), static_cast<unsigned>(profile.size()));
  }
}

} // namespace

std::vector<std::uint8_t> make_jpeg(const JpegWishes &wishes) {
  jpeg_compress_struct libjpeg;
  jpeg_error_mgr errors; // libjpeg's own: a wish that it cannot fulfil ends the program with a message
  libjpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&libjpeg);
  unsigned char *written = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&libjpeg, &written, &size);

  libjpeg.image_width = wishes.width;
  libjpeg.image_height = wishes.height;
  libjpeg.input_components = channels_of(wishes.colour);
  libjpeg.in_color_space = libjpeg.input_components == 1   ? JCS_GRAYSCALE
                           : libjpeg.input_components == 3 ? JCS_RGB
                                                           : JCS_CMYK;
  jpeg_set_defaults(&libjpeg);
  choose_colour(libjpeg, wishes);
  jpeg_set_quality(&libjpeg, wishes.quality, TRUE);
  if (libjpeg.num_components > 1) {
    libjpeg.comp_info[0].h_samp_factor = static_cast<int>(wishes.horizontal);
    libjpeg.comp_info[0].v_samp_factor = static_cast<int>(wishes.vertical);
    for (int i = 1; i < libjpeg.num_components; ++i)
      libjpeg.comp_info[i].h_samp_factor = libjpeg.comp_info[i].v_samp_factor = 1;
  }
  libjpeg.restart_interval = wishes.restart_interval;
  libjpeg.optimize_coding = wishes.optimised ? TRUE : FALSE;
  libjpeg.arith_code = wishes.arithmetic ? TRUE : FALSE;
  std::array<jpeg_scan_info, 4> scans{};
  if (wishes.one_scan_each) {
    for (int i = 0; i < libjpeg.num_components; ++i) {
      jpeg_scan_info &scan = scans[static_cast<std::size_t>(i)];
      scan.comps_in_scan = 1;
      scan.component_index[0] = i;
      scan.Se = 63;
    }
    libjpeg.scan_info = scans.data();
    libjpeg.num_scans = libjpeg.num_components;
  }
  if (wishes.progressive) jpeg_simple_progression(&libjpeg);

  jpeg_start_compress(&libjpeg, TRUE);
  write_metadata(libjpeg, wishes);
  Picture picture(wishes);
  for (unsigned y = 0; y < wishes.height; ++y) {
    JSAMPROW row = picture.row(y);
    jpeg_write_scanlines(&libjpeg, &row, 1);
  }
  jpeg_finish_compress(&libjpeg);
  jpeg_destroy_compress(&libjpeg);
  std::vector<std::uint8_t> jpeg(written, written + size);
  std::free(written);
  return jpeg;
}

} // namespace datavet::test
