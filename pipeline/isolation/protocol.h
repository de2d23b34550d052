/// What the host, a zygote and its workers say to each other: fixed structs over SOCK_SEQPACKET.
///
///   host  -> zygote   ControlRequest (+ descriptors)   fork a worker; kill and reap one
///   zygote -> host    Hello once, then one ControlReply a request
///   worker -> host    Ready once, then one reply a sample (reply.h), in order
///   host  -> worker   HandOver: up to 16 samples that lie in the slot, or the one file
///
/// Both ends are built together, so structs travel as they lie in memory; Hello holds the version for
/// the case of a worker program left over from another installation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <datavet/options.h>

namespace datavet::isolation {

inline constexpr std::uint32_t protocol_version = 2;
inline constexpr std::size_t samples_per_hand_over = 16;

/// Where a worker program finds its socket, and a worker the file that it may read.
inline constexpr int channel_descriptor = 3;
inline constexpr int file_descriptor = 4;
/// The file that it may write, where it may write one.
inline constexpr int target_descriptor = 5;

/// Zero bytes follow each sample in the slot: a decoder that reads a little past its input then sees
/// the same there whatever was decoded before.
inline constexpr std::size_t slot_padding = 64;

/// No padding that could carry stray bytes; copied in and out as it lies in memory.
template <class T>
concept Message = std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>;

template <Message T> std::span<const std::byte> bytes_of(const T &message) {
  return std::as_bytes(std::span<const T, 1>(&message, 1));
}
template <Message T> std::span<std::byte> writable_bytes_of(T &message) {
  return std::as_writable_bytes(std::span<T, 1>(&message, 1));
}

/// NUL-terminated text.
template <std::size_t size> using Text = std::array<char, size>;

struct DecoderEntry {
  Text<24> format;
  Text<32> library;
  Text<40> version;
};

struct Hello {
  static constexpr std::size_t most_decoders = 16;
  static constexpr Text<8> expected_magic{"dvhello"};
  Text<8> magic;
  std::uint32_t protocol;
  std::uint32_t decoder_count;
  std::array<DecoderEntry, most_decoders> decoders;
};

/// How a worker shall lock itself in.
enum class SandboxMode : std::uint32_t {
  automatic, ///< what the kernel allows
  required,  ///< exit with `no_sandbox_status` unless the seccomp filter is in force
  off,       ///< limits only
};
/// What becomes of system calls that decoders make without harm (opening a configuration file, say).
enum class DenialMode : std::uint32_t {
  soft,   ///< they fail with an errno
  strict, ///< they kill: finds out what a new version of a library needs
};

struct WorkerConfig {
  SandboxMode sandbox;
  DenialMode denial;
  std::uint64_t slot_bytes; ///< 0 = this worker gets a file instead
  std::uint64_t file_size;
  std::uint64_t memory_bytes; ///< address space beyond what the worker has when it starts
  std::uint64_t target_bytes; ///< the file at target_descriptor may grow to so many; 0 = it writes no file
  Limits limits;
};

struct ControlRequest {
  enum class Kind : std::uint32_t {
    start_worker, ///< descriptors: channel, then the slot or the file
    end_worker,   ///< wait `grace` for its own end, kill it, reap it
  };
  Kind kind;
  std::int32_t pid;
  std::uint64_t grace_milliseconds;
  WorkerConfig config;
};

struct ControlReply {
  std::int32_t pid;         ///< of the new worker
  std::int32_t error;       ///< errno; 0 = done
  std::int32_t wait_status; ///< as of waitpid
  std::uint32_t was_killed; ///< 1 = the zygote had to kill it
};

/// Layers of the sandbox that are in force.
inline constexpr std::uint32_t layer_seccomp = 1;
inline constexpr std::uint32_t layer_landlock = 2;

inline constexpr int no_sandbox_status = 90;
inline constexpr int start_failed_status = 91;

struct Ready {
  static constexpr std::uint32_t expected_magic = 0x79726477; // "wdry"
  std::uint32_t magic;
  std::uint32_t layers;
  std::uint64_t resident_kib; ///< the most it ever had
};

struct SampleRequest {
  std::uint64_t offset; ///< in the slot
  std::uint64_t length;
  std::uint64_t decoder; ///< index in Hello::decoders
};

struct HandOver {
  std::uint64_t nonce; ///< echoed in each reply: a late answer is never taken for another sample's
  std::uint64_t count;
  std::array<SampleRequest, samples_per_hand_over> samples;
};

static_assert(Message<Hello> && Message<ControlRequest> && Message<ControlReply> && Message<Ready> &&
              Message<HandOver>);

} // namespace datavet::isolation
