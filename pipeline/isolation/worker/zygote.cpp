#include "pipeline/isolation/worker/zygote.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pipeline/isolation/descriptor_passing.h"
#include "pipeline/isolation/protocol.h"
#include "pipeline/isolation/worker/serve.h"

namespace datavet::isolation {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds patience_after_kill{10'000}; ///< a process in the middle of a slow read dies late

/// Waits for a child, at most so long. True when it was reaped (or is not ours to reap).
bool reap_within(pid_t pid, milliseconds most, int &status) {
  const Clock::time_point end = Clock::now() + most;
  timespec pause{0, 50'000};
  for (;;) {
    const pid_t reaped = waitpid(pid, &status, WNOHANG);
    if (reaped == pid || (reaped < 0 && errno == ECHILD)) return true;
    if (Clock::now() >= end) return false;
    nanosleep(&pause, nullptr);
    pause.tv_nsec = std::min(pause.tv_nsec * 2, 5'000'000L);
  }
}

class Zygote {
public:
  explicit Zygote(std::span<const Decoder> decoders) : decoders_(decoders), self_(getpid()) {}

  ControlReply carry_out(const ControlRequest &request, Received &received) {
    if (request.kind == ControlRequest::Kind::start_worker)
      return start_worker(request.config, std::move(received.descriptors[0]),
                          std::move(received.descriptors[1]));
    return end_worker(request.pid, milliseconds(request.grace_milliseconds));
  }

  void end_all() {
    for (pid_t pid : children_) kill(pid, SIGKILL);
    int status = 0;
    for (pid_t pid : children_) reap_within(pid, patience_after_kill, status);
  }

private:
  ControlReply start_worker(const WorkerConfig &config, UniqueFd channel, UniqueFd data) {
    ControlReply reply{};
    if (!channel || !data) {
      reply.error = EBADF;
      return reply;
    }
    children_.reserve(children_.size() + 1);
    const pid_t pid = fork();
    if (pid == 0) serve(decoders_, config, self_, std::move(channel), std::move(data));
    if (pid < 0) {
      reply.error = errno;
    } else {
      children_.push_back(pid);
      reply.pid = pid;
    }
    return reply;
  }

  ControlReply end_worker(pid_t pid, milliseconds grace) {
    ControlReply reply{};
    const auto child = std::find(children_.begin(), children_.end(), pid);
    if (child == children_.end()) { // never signal a process that is not ours
      reply.error = ESRCH;
      return reply;
    }
    bool gone = grace.count() > 0 && reap_within(pid, grace, reply.wait_status);
    if (!gone) {
      reply.was_killed = 1;
      kill(pid, SIGKILL);
      gone = reap_within(pid, patience_after_kill, reply.wait_status);
    }
    if (gone)
      children_.erase(child);
    else
      reply.error = EBUSY; // stays on the list, and is reaped at the end
    return reply;
  }

  std::span<const Decoder> decoders_;
  pid_t self_;
  std::vector<pid_t> children_;
};

template <std::size_t size> Text<size> to_text(std::string_view words) {
  Text<size> text{};
  words.copy(text.data(), size - 1);
  return text;
}

Hello introduce(std::span<const Decoder> decoders) {
  Hello hello{};
  hello.magic = Hello::expected_magic;
  hello.protocol = protocol_version;
  for (const Decoder &decoder : decoders.first(std::min(decoders.size(), Hello::most_decoders))) {
    DecoderEntry &entry = hello.decoders[hello.decoder_count++];
    entry.format = to_text<sizeof entry.format>(decoder.format);
    entry.library = to_text<sizeof entry.library>(decoder.library);
    if (decoder.version != nullptr) entry.version = to_text<sizeof entry.version>(decoder.version());
  }
  return hello;
}

/// When memory runs out, the kernel shall take a worker (or us) and never the host. Workers inherit it.
void be_first_for_the_oom_killer() {
  const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  [[maybe_unused]] const ssize_t written = write(file, "1000", 4);
  close(file);
}

bool started_by_a_host() {
  int type = 0;
  socklen_t length = sizeof type;
  return getsockopt(channel_descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET;
}

} // namespace

int run_zygote(std::span<const Decoder> decoders) {
  if (!started_by_a_host()) {
    std::fputs("This program decodes samples for datavet, which starts it itself. Run: datavet scan PATH\n",
               stderr);
    return 2;
  }
  be_first_for_the_oom_killer();
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  try {
    for (const Decoder &decoder : decoders)
      if (decoder.warm_up != nullptr) decoder.warm_up();
    if (!send_message(channel_descriptor, bytes_of(introduce(decoders)))) return EXIT_FAILURE;
    Zygote zygote(decoders);
    ControlRequest request;
    for (;;) {
      std::optional<Received> received = receive_message(channel_descriptor, writable_bytes_of(request));
      if (!received || received->size != sizeof request) break; // 0: the host is gone
      const ControlReply reply = zygote.carry_out(request, *received);
      received.reset(); // our copies of the worker's descriptors, or its end would outlive it
      if (!send_message(channel_descriptor, bytes_of(reply))) break;
    }
    zygote.end_all();
  } catch (const std::exception &) { // no memory, or a warm-up that failed: the host sees us end
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

} // namespace datavet::isolation
