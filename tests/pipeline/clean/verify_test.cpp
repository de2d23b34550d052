#include "pipeline/clean/verify.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/pipeline/clean/shards.h"

namespace datavet::test {
namespace {

class Verify : public Dataset, public ::testing::WithParamInterface<Wrapping> {
protected:
  Verify()
      : folder_(::open(base().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        file(folder_.get(), "out", "test") {
    EXPECT_TRUE(file.create(0600, GetParam()).is_done());
    EXPECT_TRUE(file.write(Bytes(writer.shard())).is_done());
    EXPECT_TRUE(file.finish().is_done());
  }
  const Format &format() const { return *format_named(registry(), "tfrecord"); }
  StepResult records(std::uint64_t count = 10) const {
    return verify_records(file, GetParam(), format(), count);
  }
  StepResult stream() const { return verify_stream(file, GetParam(), format()); }
  std::uint64_t size() const { return static_cast<std::uint64_t>(::lseek(file.file(), 0, SEEK_END)); }
  /// As a disk may, behind our back.
  void flip(std::uint64_t offset) {
    std::uint8_t byte = 0;
    ASSERT_EQ(::pread(file.file(), &byte, 1, static_cast<off_t>(offset)), 1);
    byte ^= 4;
    ASSERT_EQ(::pwrite(file.file(), &byte, 1, static_cast<off_t>(offset)), 1);
  }

  UniqueFd folder_;
  const TfrecordWriter writer = ten_records();
  NewFile file;
};

TEST_P(Verify, WhatIsAsItWasWrittenPasses) {
  EXPECT_TRUE(records().is_done()) << records().reason;
  EXPECT_TRUE(stream().is_done()) << stream().reason;
}

TEST_P(Verify, AnotherNumberOfRecordsDoesNot) {
  EXPECT_EQ(records(9).step, Step::stopped);
  EXPECT_EQ(records(11).step, Step::stopped);
}

TEST_P(Verify, AFlippedBitAnywhereDoesNot) {
  const std::uint64_t end = size();
  // Not the time and the operating system in a gzip header, which no reader minds: publish() compares every
  // byte.
  for (std::uint64_t at = 10; at < end; at += 1 + end / 50) {
    flip(at);
    EXPECT_EQ(records().step, Step::stopped) << at;
    EXPECT_EQ(stream().step, Step::stopped) << at;
    flip(at);
  }
}

TEST_P(Verify, ALostEndDoesNot) {
  ASSERT_EQ(::ftruncate(file.file(), static_cast<off_t>(size() - 1)), 0);
  EXPECT_EQ(records().step, Step::stopped);
  EXPECT_EQ(stream().step, Step::stopped);
}

TEST_P(Verify, NothingDamagedGetsAName) {
  flip(size() / 2);
  EXPECT_EQ(file.publish().step, Step::stopped);
  EXPECT_EQ(listing(base()).size(), 1u) << "the folder of the data; no file, no temporary file";
}

INSTANTIATE_TEST_SUITE_P(All, Verify, ::testing::Values(Wrapping::none, Wrapping::gzip, Wrapping::zlib),
                         [](const auto &wrapping) { return std::string(name_of(wrapping.param)); });

} // namespace
} // namespace datavet::test
