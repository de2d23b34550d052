/// Asks the real decoders about samples, in processes of their own: a crash, a hang or a memory
/// blow-up there is a finding about one sample.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <datavet/options.h>

#include "formats/registry.h"

namespace datavet {

struct PoolOptions {
  enum class Sandbox : std::uint8_t {
    automatic, ///< every layer that the kernel allows; notice() says which it refused
    required,  ///< without the seccomp filter nothing is decoded: any.decoder.unavailable
    off,       ///< processes of their own with limits, but no filter
  };
  /// What becomes of a harmless but needless system call of a decoder, such as opening a
  /// configuration file. `strict` kills, and so finds out what a new version of a library needs.
  enum class Denial : std::uint8_t { soft, strict };

  /// Where datavet-worker-<family> lie. Empty: beside the running program, then ../libexec/datavet
  /// from there, then where `cmake --install` puts them.
  std::string worker_directory;
  unsigned workers_per_family = 1; ///< as many as threads that call decode()
  Sandbox sandbox = Sandbox::automatic;
  Denial denial = Denial::soft;
  /// Address space of a worker beyond its libraries and its slot: one picture of limits.decoded_bytes
  /// and half as much for the codec. Ignored in sanitizer builds.
  std::uint64_t memory_bytes = std::uint64_t{3} << 29;
  /// The largest sample in memory, 0 = limits.sample_bytes. Costs memory only as far as it is used.
  std::uint64_t slot_bytes = 0;

  /// Processor time a sample may take: base, and more for each megabyte stored and for each that it
  /// says it decodes to. A sample that stands still is given four times as much by the clock.
  std::chrono::milliseconds base_time{10'000};
  std::chrono::milliseconds time_per_mb{200};
  std::chrono::milliseconds time_per_decoded_mb{100};
  std::chrono::milliseconds most_time{600'000};

  Limits limits;
  Registry formats; ///< for versions()
};

struct DecodeJob {
  const Format *format = nullptr;
  Bytes bytes = {};            ///< the sample; empty for Layout::random_access
  int file = -1;               ///< for Layout::random_access: open for reading only; stays the caller's
  std::uint64_t file_size = 0; ///< of `file`
  Evidence *evidence =
      nullptr; ///< findings are added, offsets from the start of the sample; facts that are zero are filled
};

struct DecoderVersion {
  std::string family; ///< of the worker program
  std::string format;
  std::string library;
  std::string version;
  std::string sandbox; ///< "seccomp, landlock", or why there is none
  std::string problem; ///< why the decoder cannot be asked; empty = it can
};

/// Counts since the pool was made.
struct PoolStats {
  std::uint64_t samples = 0; ///< answered, or given up with a finding
  std::uint64_t hand_overs = 0;
  std::uint64_t zygotes_started = 0;
  std::uint64_t workers_started = 0;
  std::uint64_t workers_recycled = 0; ///< after many samples or much memory, without trouble
  std::uint64_t crashes = 0;          ///< each time a worker died, so two for a sample that is a crasher
  std::uint64_t forbidden = 0;
  std::uint64_t misbehaved = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t out_of_memory = 0;
  std::uint64_t killed_from_outside = 0;
  std::uint64_t judged_again = 0; ///< answers thrown away because their worker died later
};

/// Nothing is started before the first decode(). The host gets one child process a family, and no
/// signal handler; a worker that dies, whoever kills it, costs the host nothing but time.
class DecoderPool {
public:
  explicit DecoderPool(PoolOptions options);
  /// Ends and reaps every process. No decode() may be running.
  ~DecoderPool();
  DecoderPool(const DecoderPool &) = delete;
  DecoderPool &operator=(const DecoderPool &) = delete;

  /// Decodes each job and adds what the decoder finds. Waits until all are done; any number of threads
  /// may call at once. Whatever goes wrong is a finding (any.decoder.*) of the jobs concerned.
  void decode(std::span<DecodeJob> jobs) noexcept;

  /// One row for each format of PoolOptions::formats with a decoder. Starts the worker programs.
  std::vector<DecoderVersion> versions();
  /// What the user should know of the isolation; empty when all is as it should be.
  std::string notice() const;
  PoolStats stats() const;

private:
  class Crews;
  std::unique_ptr<Crews> crews_;
};

} // namespace datavet
