// After the first samples of a kind nothing is allocated: a scan of a million files must not live in malloc.
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "formats/png/png.h"
#include "tests/formats/png/png_writer.h"
#include "tests/support/damage.h"

namespace {

std::atomic<long> allocations{0};
std::atomic<std::size_t> largest{0};

void count(std::size_t size) {
  ++allocations;
  std::size_t seen = largest;
  while (size > seen && !largest.compare_exchange_weak(seen, size)) continue;
}

} // namespace

// glibc lets a program define malloc's family; operator new, zlib and libdeflate all come through here.
extern "C" {
void *__libc_malloc(std::size_t);
void *__libc_calloc(std::size_t, std::size_t);
void *__libc_memalign(std::size_t, std::size_t);
void *malloc(std::size_t size) {
  count(size);
  return __libc_malloc(size);
}
void *calloc(std::size_t number, std::size_t size) {
  count(number * size);
  return __libc_calloc(number, size);
}
void *aligned_alloc(std::size_t alignment, std::size_t size) {
  count(size);
  return __libc_memalign(alignment, size);
}
}

namespace datavet::test {
namespace {

TEST(PngMemory, NothingIsAllocatedAfterWarmUp) {
  PngChunk text{"zTXt", bytes_of(std::string_view("Title\0\0", 7))};
  const PngBytes compressed = zlib_stream(PngBytes(1000, 'a'));
  text.data.insert(text.data.end(), compressed.begin(), compressed.end());
  std::vector<Blob> files;
  for (auto [colour, depth] : legal_kinds)
    for (unsigned chunks : {1u, 4u})
      files.push_back(make_png({.width = 90,
                                .height = 40,
                                .colour = colour,
                                .depth = depth,
                                .interlaced = chunks == 4,
                                .palette_entries = colour == 3 ? 2u : 0u,
                                .idat_chunks = chunks})
                          .insert_before("IDAT", text)
                          .bytes());
  files.push_back(make_apng({.width = 30, .height = 30}, {{30, 30, 0, 0}, {3, 3, 1, 1}}, 2).bytes());
  Evidence evidence;
  const CheckOptions options;
  auto check_all = [&] {
    for (const Blob &file : files) {
      evidence.clear();
      png_format.check(Bytes(file), options, evidence);
      if (!evidence.findings.empty()) std::abort();
    }
  };
  check_all();
  const long before = allocations;
  for (int i = 0; i < 10; ++i) check_all();
  EXPECT_EQ(allocations - before, 0);
}

/// A picture of 400 megabytes, in a file of 2: inflated through a window, whatever its size.
TEST(PngMemory, HugePictureIsInflatedPieceByPiece) {
  constexpr std::uint32_t side = 20'000;
  PngBytes stream;
  {
    // Rows of zeros, deflated piece by piece here too.
    z_stream deflater = {};
    ASSERT_EQ(deflateInit(&deflater, 1), Z_OK);
    PngBytes row(side + 1), out(1 << 16);
    for (std::uint32_t y = 0; y <= side; ++y) {
      deflater.next_in = row.data();
      deflater.avail_in = y < side ? static_cast<uInt>(row.size()) : 0;
      do {
        deflater.next_out = out.data();
        deflater.avail_out = static_cast<uInt>(out.size());
        deflate(&deflater, y < side ? Z_NO_FLUSH : Z_FINISH);
        stream.insert(stream.end(), out.begin(), out.end() - deflater.avail_out);
      } while (deflater.avail_out == 0);
    }
    deflateEnd(&deflater);
  }
  const PngSpec spec = {.width = side, .height = side, .colour = 3, .palette_entries = 9, .idat_chunks = 7};
  const Blob file = make_png_around(spec, stream).bytes();
  Evidence evidence;
  largest = 0;
  png_format.check(Bytes(file), {}, evidence);
  EXPECT_TRUE(evidence.findings.empty());
  EXPECT_EQ(evidence.facts.decoded_bytes, std::uint64_t{side} * side);
  EXPECT_LE(largest, std::size_t{64} << 10) << "zlib's window, and two rows for the palette";
}

} // namespace
} // namespace datavet::test
