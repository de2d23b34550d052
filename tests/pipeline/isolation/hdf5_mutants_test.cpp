// libhdf5 and random damage: whatever the library does, the host lives and each file gets an answer.
#include <random>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/any/rules.h"
#include "formats/hdf5/hdf5.h"
#include "pipeline/isolation/decoder_pool.h"
#include "tests/formats/hdf5/mutants.h"
#include "tests/support/check.h"

namespace datavet::test {
namespace {

/// A file without a name.
class NamelessFile {
public:
  explicit NamelessFile(const Blob &bytes) : size_(bytes.size()) {
    const int writing = ::memfd_create("mutant", MFD_CLOEXEC);
    EXPECT_EQ(::write(writing, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    descriptor_ = ::open(fmt::format("/proc/self/fd/{}", writing).c_str(), O_RDONLY | O_CLOEXEC);
    ::close(writing);
  }
  NamelessFile(NamelessFile &&other) noexcept : size_(other.size_), descriptor_(std::exchange(other.descriptor_, -1)) {}
  ~NamelessFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }
  std::uint64_t size() const { return size_; }

private:
  std::uint64_t size_;
  int descriptor_ = -1;
};


TEST(Hdf5Mutants, AreSurvivedByTheHostAndAllAreAnswered) {
  static constexpr const Format *formats[] = {&hdf5_format};
  PoolOptions options;
  options.worker_directory = DATAVET_WORKERS;
  options.formats = formats;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  options.base_time = std::chrono::milliseconds(5'000);
#else
  options.base_time = std::chrono::milliseconds(200);
#endif
  DecoderPool pool(options);
  std::mt19937 random(50'000);
  const std::vector<Blob> good = good_files();
  const unsigned count = mutants_wanted(200);
  std::uint64_t complaints = 0, dead = 0, without_end = 0;
  for (unsigned done = 0; done < count;) {
    std::vector<NamelessFile> files;
    for (unsigned i = 0; i < 50 && done < count; ++i, ++done) files.emplace_back(mutant(good, random));
    std::vector<Evidence> evidence(files.size());
    std::vector<DecodeJob> jobs;
    for (std::size_t i = 0; i < files.size(); ++i)
      jobs.push_back({.format = &hdf5_format, .bytes = {}, .file = files[i].descriptor(), .file_size = files[i].size(), .evidence = &evidence[i]});
    pool.decode(jobs);
    for (std::size_t i = 0; i < files.size(); ++i) {
      ASSERT_FALSE(has(evidence[i], any::no_decoder)) << describe(evidence[i]);
      for (const Finding &finding : evidence[i].findings.list()) {
        ASSERT_LE(finding.offset, files[i].size()) << describe(evidence[i]);
        dead += finding.rule->fault == Fault::crashed;
        without_end += finding.rule->fault == Fault::timed_out;
      }
      complaints += !evidence[i].findings.empty();
    }
  }
  EXPECT_EQ(pool.stats().samples, count);
  EXPECT_GT(complaints, count / 4);
  fmt::print("{} files: {} with findings, {} killed the library, {} would not end\n", count, complaints, dead, without_end);
}

} // namespace
} // namespace datavet::test
