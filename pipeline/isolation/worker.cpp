#include "pipeline/isolation/worker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "pipeline/isolation/descriptor_passing.h"
#include "pipeline/isolation/reply.h"

namespace datavet::isolation {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using Clock = std::chrono::steady_clock;

/// Memory that a slot keeps between hand-overs; what a large sample took beyond it goes back.
constexpr std::uint64_t kept_slot_bytes = std::uint64_t{8} << 20;

constexpr std::uint64_t samples_before_recycling = 1'000;
constexpr std::uint64_t growth_before_recycling_kib = std::uint64_t{64} << 10;

std::uint64_t room_of(std::uint64_t sample_size) {
  constexpr std::uint64_t line = 64; // samples start where a cache line does
  return (sample_size + slot_padding + line - 1) / line * line;
}

/// A host under `ulimit -f` would be sent SIGXFSZ for a memfd larger than that.
std::uint64_t largest_file() {
  rlimit limit{};
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur
                                                                                 : UINT64_MAX;
}

} // namespace

Slot Slot::make(std::uint64_t size) {
  Slot slot;
  slot.size_ = std::min(size, largest_file());
  UniqueFd memory(memfd_create("datavet-slot", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory || ftruncate(memory.get(), static_cast<off_t>(slot.size_)) != 0) return slot;
  // Nobody can cut it short under a worker that reads it.
  fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  slot.memory_ = std::move(memory);
  return slot;
}

UniqueFd Slot::open_for_reading() const {
  UniqueFd reading(open(fmt::format("/proc/self/fd/{}", memory_.get()).c_str(), O_RDONLY | O_CLOEXEC));
  // Without /proc the worker gets the writable one, maps it for reading and closes it.
  return reading ? std::move(reading) : UniqueFd(fcntl(memory_.get(), F_DUPFD_CLOEXEC, 3));
}

std::uint64_t Slot::room_for(std::span<const Bytes> samples) {
  std::uint64_t room = 0;
  for (Bytes sample : samples) room += room_of(sample.size());
  return room;
}

void Slot::release_large() {
  if (used_ <= kept_slot_bytes) return;
  fallocate(memory_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(kept_slot_bytes),
            static_cast<off_t>(size_ - kept_slot_bytes));
  used_ = kept_slot_bytes;
}

bool Slot::write(std::span<const Bytes> samples, std::span<SampleRequest> places) {
  static constexpr std::array<std::uint8_t, 2 * slot_padding> zeros{};
  const std::uint64_t room = room_for(samples);
  if (samples.size() > samples_per_hand_over || room > size_) return false;
  release_large();
  used_ = std::max(used_, room);

  std::array<iovec, 2 * samples_per_hand_over> parts;
  std::size_t count = 0;
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::uint64_t size = samples[i].size();
    places[i].offset = offset;
    places[i].length = size;
    // pwritev only reads from them
    parts[count++] = {const_cast<std::uint8_t *>(samples[i].data()), size};
    parts[count++] = {const_cast<std::uint8_t *>(zeros.data()), room_of(size) - size};
    offset += room_of(size);
  }
  std::span<iovec> left(parts.data(), count);
  for (std::uint64_t written = 0; written < room;) {
    const ssize_t step =
        pwritev(memory_.get(), left.data(), static_cast<int>(left.size()), static_cast<off_t>(written));
    if (step < 0 && errno == EINTR) continue;
    if (step <= 0) return false; // no memory
    written += static_cast<std::uint64_t>(step);
    std::size_t done = static_cast<std::size_t>(step);
    while (!left.empty() && done >= left.front().iov_len) {
      done -= left.front().iov_len;
      left = left.subspan(1);
    }
    if (!left.empty()) {
      left.front().iov_base = static_cast<std::uint8_t *>(left.front().iov_base) + done;
      left.front().iov_len -= done;
    }
  }
  return true;
}

bool Worker::await_ready(milliseconds most, std::uint32_t &layers) {
  Ready ready{};
  if (wait_readable(channel_.get(), most) != Readiness::ready) return false;
  const ssize_t size = recv(channel_.get(), &ready, sizeof ready, MSG_DONTWAIT | MSG_TRUNC);
  if (size != sizeof ready || ready.magic != Ready::expected_magic) return false;
  resident_kib_at_start_ = resident_kib_ = ready.resident_kib;
  layers = ready.layers;
  return true;
}

Worker::Idling Worker::look() const {
  char any;
  const ssize_t size = recv(channel_.get(), &any, sizeof any, MSG_DONTWAIT | MSG_PEEK);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return Idling::quiet;
  return size > 0 ? Idling::talking : Idling::gone;
}

bool Worker::send(const HandOver &request) { return send_message(channel_.get(), bytes_of(request)); }

nanoseconds Worker::processor_time() const {
  clockid_t clock;
  timespec time{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0) return nanoseconds(0);
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

Heard Worker::hear(milliseconds budget, Bytes &message) {
  message_.resize(largest_reply + 1); // one more: an over-long message is seen to be
  std::optional<nanoseconds> processor_start;
  const Clock::time_point start = Clock::now();
  for (;;) {
    // No control buffer: descriptors that a hostile worker sends along are dropped by the kernel.
    const ssize_t size = recv(channel_.get(), message_.data(), message_.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (size > 0) {
      message = Bytes(message_).first(std::min(static_cast<std::size_t>(size), message_.size()));
      return Heard::message;
    }
    if (size == 0 || (errno != EAGAIN && errno != EINTR)) return Heard::closed;

    if (!processor_start) processor_start = processor_time();
    const nanoseconds used = processor_time() - *processor_start;
    const nanoseconds passed = Clock::now() - start;
    if (used >= budget) return Heard::overran;
    if (passed >= patience_factor * budget) return Heard::stalled;
    // A worker has one thread: before so much time has passed it cannot have used up its budget.
    const nanoseconds until = std::min<nanoseconds>(budget - used, patience_factor * budget - passed);
    wait_readable(channel_.get(), std::chrono::ceil<milliseconds>(until));
  }
}

void Worker::served(std::uint64_t samples, std::uint64_t resident_kib) {
  samples_served_ += samples;
  resident_kib_ = std::max(resident_kib_, resident_kib);
}

bool Worker::is_worn() const {
  return samples_served_ >= samples_before_recycling ||
         resident_kib_ > resident_kib_at_start_ + growth_before_recycling_kib;
}

} // namespace datavet::isolation
