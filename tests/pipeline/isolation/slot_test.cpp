// The memory that samples are handed over in.
#include <random>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "pipeline/isolation/worker.h"
#include "tests/support/damage.h"

namespace datavet::isolation {
namespace {

using test::Blob;

TEST(Slot, HoldsSamplesOneAfterAnotherWithZerosBehindEach) {
  Slot slot = Slot::make(1 << 20);
  ASSERT_TRUE(slot);
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    std::vector<Blob> blobs(1 + random() % samples_per_hand_over);
    std::vector<Bytes> samples;
    for (Blob &blob : blobs) {
      blob.resize(random() % 3'000);
      for (std::uint8_t &byte : blob) byte = static_cast<std::uint8_t>(1 + random() % 255);
      samples.emplace_back(blob);
    }
    std::vector<SampleRequest> places(samples.size());
    ASSERT_TRUE(slot.write(samples, places));
    UniqueFd reading = slot.open_for_reading();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      Blob got(samples[i].size() + slot_padding);
      ASSERT_EQ(pread(reading.get(), got.data(), got.size(), static_cast<off_t>(places[i].offset)),
                static_cast<ssize_t>(got.size()));
      Blob expected = blobs[i];
      expected.resize(expected.size() + slot_padding);
      ASSERT_EQ(got, expected);
      EXPECT_EQ(places[i].length, samples[i].size());
    }
  }
}

TEST(Slot, CannotBeWrittenOrCutThroughTheWorkersDescriptor) {
  Slot slot = Slot::make(1 << 16);
  UniqueFd reading = slot.open_for_reading();
  ASSERT_TRUE(reading);
  EXPECT_NE(pwrite(reading.get(), "x", 1, 0), 1);
  EXPECT_NE(ftruncate(reading.get(), 0), 0);
  EXPECT_EQ(mmap(nullptr, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED, reading.get(), 0), MAP_FAILED);
  void *mapped = mmap(nullptr, 1 << 16, PROT_READ, MAP_SHARED, reading.get(), 0);
  ASSERT_NE(mapped, MAP_FAILED);
  EXPECT_NE(mprotect(mapped, 1 << 16, PROT_READ | PROT_WRITE), 0);
  munmap(mapped, 1 << 16);
}

TEST(Slot, GivesTheMemoryOfALargeSampleBack) {
  Slot slot = Slot::make(std::uint64_t{128} << 20);
  UniqueFd reading = slot.open_for_reading();
  const auto memory_held = [&] {
    struct stat about {};
    fstat(reading.get(), &about);
    return static_cast<std::uint64_t>(about.st_blocks) * 512;
  };
  const Blob large(std::size_t{64} << 20, 1), small(100, 1);
  SampleRequest place;
  const Bytes large_bytes(large), small_bytes(small);
  ASSERT_TRUE(slot.write({&large_bytes, 1}, {&place, 1}));
  EXPECT_GE(memory_held(), large.size());
  ASSERT_TRUE(slot.write({&small_bytes, 1}, {&place, 1}));
  EXPECT_LE(memory_held(), std::uint64_t{8} << 20);
}

TEST(Slot, RefusesWhatDoesNotFit) {
  Slot slot = Slot::make(1 << 16);
  const Blob blob((1 << 16) - slot_padding + 1, 1);
  SampleRequest place;
  const Bytes bytes(blob);
  EXPECT_FALSE(slot.write({&bytes, 1}, {&place, 1}));
  const Bytes smaller = bytes.first(blob.size() - 1);
  EXPECT_TRUE(slot.write({&smaller, 1}, {&place, 1}));
}

} // namespace
} // namespace datavet::isolation
