// After warm-up the steps of a scan need no memory for one more healthy sample.
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "tests/pipeline/graph/plain_scan.h"
#include "tests/support/collecting_sink.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/toy_formats.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

void *counted(std::size_t size) {
  ++allocations;
  if (void *memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

} // namespace

void *operator new(std::size_t size) { return counted(size); }
void *operator new[](std::size_t size) { return counted(size); }
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete[](void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void *memory, std::size_t) noexcept { std::free(memory); }

namespace datavet::test {

namespace {

std::uint64_t allocations_of_a_scan(const TemporaryFolder &folder) {
  ScanOptions options;
  options.paths = {folder.string()};
  Result<FileWalk> walk = FileWalk::open(options);
  EXPECT_TRUE(walk);
  CollectingSink sink(false);
  Delivery delivery(sink, nullptr);
  ScanSteps steps{*walk, {.formats = toy_registry()}, {}, {}, delivery};
  const std::uint64_t before = allocations;
  EXPECT_TRUE(run_plain_scan(steps, 2 << 20));
  EXPECT_TRUE(sink.lines.empty()) << sink.text();
  return allocations - before;
}

} // namespace

TEST(Allocations, OfAScanDoNotGrowWithTheHealthySamples) {
  constexpr int fewer = 1000, more = 5000;
  TemporaryFolder folder;
  // Longer than what a std::string holds without memory of its own.
  auto write = [&](int i) { folder.write("ILSVRC2012_val_" + std::to_string(10'000'000 + i) + ".toy", toy("a picture")); };
  for (int i = 0; i < fewer; ++i) write(i);
  const std::uint64_t of_fewer = allocations_of_a_scan(folder);
  for (int i = fewer; i < more; ++i) write(i);
  const std::uint64_t of_more = allocations_of_a_scan(folder);
  // What is left is of each group of 64 names: its cursor and its checked batch.
  EXPECT_LT(static_cast<double>(of_more - of_fewer) / (more - fewer), 0.05) << of_fewer << " and " << of_more;
}

} // namespace datavet::test
