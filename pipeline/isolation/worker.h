/// The host's view of one worker process.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include <sys/types.h>

#include "formats/bytes/bytes.h"
#include "pipeline/io/unique_fd.h"
#include "pipeline/isolation/protocol.h"

namespace datavet::isolation {

/// Memory that the host writes samples into and a worker reads: a sparse memfd. The host never maps
/// nor reads it, so nothing a worker does to it can touch the host.
class Slot {
public:
  /// Empty (false) when the kernel has no memory for it.
  static Slot make(std::uint64_t size);

  explicit operator bool() const { return static_cast<bool>(memory_); }
  std::uint64_t size() const { return size_; }
  /// A second descriptor, good for reading only; stays the caller's to close.
  UniqueFd open_for_reading() const;
  /// Writes the samples one after another, each with zeros behind it, and says where they lie.
  bool write(std::span<const Bytes> samples, std::span<SampleRequest> places);
  /// Bytes that so many samples take.
  static std::uint64_t room_for(std::span<const Bytes> samples);

private:
  void release_large();

  UniqueFd memory_;
  std::uint64_t size_ = 0;
  std::uint64_t used_ = 0; ///< pages up to here may hold memory
};

/// By the clock, a sample may take so many times its budget of processor time: the machine may be busy
/// or suspended, or its disk slow.
inline constexpr int patience_factor = 4;

/// What the host heard while it waited for a reply.
enum class Heard : std::uint8_t {
  message,
  closed,  ///< the worker is dead or dying
  overran, ///< it used up its processor time
  stalled, ///< it used less, for `patience_factor` times as long
};

class Worker {
public:
  Worker(pid_t pid, std::uint64_t generation, UniqueFd channel, Slot slot)
      : pid_(pid), generation_(generation), channel_(std::move(channel)), slot_(std::move(slot)) {}

  pid_t pid() const { return pid_; }
  /// Of the zygote that forked it.
  std::uint64_t generation() const { return generation_; }
  Slot &slot() { return slot_; }
  const Slot &slot() const { return slot_; }

  /// Waits for Ready. False when the worker does not become ready.
  bool await_ready(std::chrono::milliseconds most, std::uint32_t &layers);
  /// What a worker without a request does.
  enum class Idling : std::uint8_t { quiet, gone, talking };
  Idling look() const;
  bool send(const HandOver &request);
  /// Waits for the next reply. `message` stays valid until the next call.
  Heard hear(std::chrono::milliseconds budget, Bytes &message);

  /// What recycling depends on.
  void served(std::uint64_t samples, std::uint64_t resident_kib);
  bool is_worn() const;
  bool is_fresh() const { return samples_served_ == 0; }

private:
  std::chrono::nanoseconds processor_time() const;

  pid_t pid_;
  std::uint64_t generation_;
  UniqueFd channel_;
  Slot slot_;
  std::uint64_t samples_served_ = 0;
  std::uint64_t resident_kib_at_start_ = 0;
  std::uint64_t resident_kib_ = 0;
  std::vector<std::uint8_t> message_;
};

} // namespace datavet::isolation
