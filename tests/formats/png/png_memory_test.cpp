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
} // namespace

// glibc lets a program define malloc's family; operator new, zlib and libdeflate all come through here.
extern "C" {
void *__libc_malloc(std::size_t);
void *__libc_calloc(std::size_t, std::size_t);
void *__libc_memalign(std::size_t, std::size_t);
void *malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void *calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void *aligned_alloc(std::size_t alignment, std::size_t size) {
  ++allocations;
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

} // namespace
} // namespace datavet::test
