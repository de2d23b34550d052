#include <stdexcept>

#include <sys/mman.h>
#include <tiffio.h>
#include <unistd.h>

#include "tests/make_data/samples.h"

namespace datavet::test {

namespace {

constexpr std::uint32_t width = 200, height = 150;

void write_rows(TIFF *tiff, unsigned seed) {
  Blob row(width * 3);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<std::uint8_t>(i / 3 + y + seed + (i * y) % 7);
    if (TIFFWriteScanline(tiff, row.data(), y, 0) != 1) throw std::runtime_error("libtiff did not encode");
  }
}

} // namespace

Blob photo_tiff(unsigned seed) {
  const int fd = ::memfd_create("tiff", 0); // libtiff writes to descriptors only
  TIFF *tiff = TIFFFdOpen(::dup(fd), "photo.tif", "wl");
  if (fd < 0 || tiff == nullptr) throw std::runtime_error("libtiff did not open");
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 16);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, seed % 2 == 0 ? COMPRESSION_LZW : COMPRESSION_ADOBE_DEFLATE);
  write_rows(tiff, seed);
  TIFFClose(tiff);
  Blob file(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)));
  if (::pread(fd, file.data(), file.size(), 0) != static_cast<ssize_t>(file.size())) throw std::runtime_error("memfd");
  ::close(fd);
  return file;
}

} // namespace datavet::test
