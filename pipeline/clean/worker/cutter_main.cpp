// datavet-worker-hdf5-cut: lets libhdf5 take rows out of a copy. It sees two descriptors and the host's channel.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>
#include <vector>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "formats/hdf5/cut/cut_chunks.h"
#include "pipeline/clean/cutter_protocol.h"
#include "pipeline/clean/worker/descriptor_target.h"
#include "pipeline/isolation/descriptor_passing.h"
#include "pipeline/isolation/worker/sandbox.h"

namespace {

using namespace datavet;
using cutter::CutReply;
using cutter::CutRequest;
using isolation::channel_descriptor;

std::int64_t clock_seconds = 0;

} // namespace

// libhdf5 asks for the time when it changes an object, and writes it down. Its question ends here, since a program's own
// functions come before those of libraries.
extern "C" __attribute__((visibility("default"))) int gettimeofday(timeval *__restrict now, void *__restrict) noexcept {
  *now = {clock_seconds, 0};
  return 0;
}
extern "C" __attribute__((visibility("default"))) time_t time(time_t *now) noexcept {
  if (now != nullptr) *now = clock_seconds;
  return clock_seconds;
}

namespace {

void say(CutReply::Kind kind, int error = 0, std::string_view why = {}) {
  CutReply reply{};
  reply.magic = CutReply::expected_magic;
  reply.kind = kind;
  reply.error = error;
  why.copy(reply.why.data(), reply.why.size() - 1);
  if (write(channel_descriptor, &reply, sizeof reply) != sizeof reply) _exit(EXIT_SUCCESS); // the host is gone
}

/// Several times a second, whatever happens in between.
class Heartbeat {
public:
  void operator()() {
    using namespace std::chrono_literals;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < 200ms) return;
    last_ = now;
    say(CutReply::Kind::alive);
  }

private:
  std::chrono::steady_clock::time_point last_;
};

std::optional<std::vector<std::uint64_t>> receive_words(std::uint64_t count) {
  std::vector<std::uint64_t> words(count);
  for (std::uint64_t at = 0; at < count;) {
    const auto rest = std::span(words).subspan(at, std::min(count - at, cutter::words_per_message));
    const auto received = isolation::receive_message(channel_descriptor, std::as_writable_bytes(rest));
    if (!received || received->size != rest.size_bytes()) return std::nullopt;
    at += rest.size();
  }
  return words;
}

// The host is believed: it made them a moment ago.
hdf5::CutJob job_of(std::span<const std::uint64_t> words) {
  hdf5::CutJob job;
  std::size_t at = 0;
  while (at + 3 <= words.size()) {
    hdf5::CutJob::Part &part = job.parts.emplace_back();
    part.address = words[at];
    part.index_is_bad = words[at + 1] != 0;
    std::vector<RowRange> ranges(words[at + 2]);
    at += 3;
    for (RowRange &range : ranges) {
      range = {words[at], words[at + 1]};
      at += 2;
    }
    part.dropped = hdf5::RowSet(std::move(ranges), UINT64_MAX);
  }
  return job;
}

bool started_by_a_host() {
  int type = 0;
  socklen_t length = sizeof type;
  return getsockopt(channel_descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET;
}

CutReply::Kind kind_of(hdf5::CutEnd::Kind kind) {
  switch (kind) {
  case hdf5::CutEnd::Kind::done: return CutReply::Kind::done;
  case hdf5::CutEnd::Kind::refused: return CutReply::Kind::refused;
  case hdf5::CutEnd::Kind::read_failed: return CutReply::Kind::read_failed;
  case hdf5::CutEnd::Kind::write_failed: return CutReply::Kind::write_failed;
  }
  return CutReply::Kind::refused;
}

int work() {
  prctl(PR_SET_PDEATHSIG, SIGKILL); // a host that is killed leaves nobody behind who writes
  CutRequest request;
  const auto received = isolation::receive_message(channel_descriptor, isolation::writable_bytes_of(request));
  if (!received || received->size != sizeof request || request.magic != CutRequest::expected_magic) return EXIT_FAILURE;
  const auto words = receive_words(request.words);
  if (!words) return EXIT_FAILURE;
  const hdf5::CutJob job = job_of(*words);
  clock_seconds = request.clock_seconds;
  hdf5::prepare_to_cut();
  const std::uint32_t layers = isolation::lock_in(request.config);
  if (request.config.sandbox == isolation::SandboxMode::required && (layers & isolation::layer_seccomp) == 0)
    return isolation::no_sandbox_status;
  const isolation::DescriptorSource original(isolation::file_descriptor, request.config.file_size);
  cutter::DescriptorTarget target(isolation::target_descriptor, request.target_size);
  Heartbeat alive;
  const hdf5::CutEnd end = hdf5::cut_chunks(original, target, job, request.config.limits, [&] { alive(); });
  say(kind_of(end.kind), end.error, end.why);
  return EXIT_SUCCESS;
}

} // namespace

int main() {
  if (!started_by_a_host()) {
    std::fputs("This program writes HDF5 files for datavet, which starts it itself. Run: datavet clean --help\n", stderr);
    return 2;
  }
  int status = EXIT_FAILURE;
  try {
    status = work();
  } catch (const std::bad_alloc &) {
    say(CutReply::Kind::refused, 0, "memory ran out while rows were taken out");
  }
  _exit(status); // what libraries would tidy up at exit has crashed before
}
