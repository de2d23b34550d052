#include "pipeline/isolation/zygote_process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "pipeline/isolation/spawn.h"

namespace datavet::isolation {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience_at_start{60'000}; ///< OpenCV loads 140 libraries, perhaps from a slow disk
constexpr milliseconds patience_with_request{30'000};
constexpr milliseconds patience_at_end{15'000};

std::string_view to_view(std::span<const char> text) {
  return {text.data(), static_cast<std::size_t>(std::find(text.begin(), text.end(), '\0') - text.begin())};
}

} // namespace

Result<std::unique_ptr<ZygoteProcess>> ZygoteProcess::start(const std::string &program) {
  std::unique_ptr<ZygoteProcess> zygote(new ZygoteProcess);
  if (Result<void> spawned = zygote->spawn(program); !spawned) return spawned.error();
  if (Result<void> greeted = zygote->greet(); !greeted) {
    zygote->kill_now();
    return Error{Error::Kind::incomplete, fmt::format("{}: {}", program, greeted.error().message)};
  }
  zygote->alive_ = true;
  return zygote;
}

Result<void> ZygoteProcess::spawn(const std::string &program) {
  std::optional<SocketPair> pair = make_socket_pair();
  if (!pair) return Error{Error::Kind::incomplete, fmt::format("socketpair: {}", std::strerror(errno))};
  const int descriptors[] = {pair->theirs.get()};
  const Result<pid_t> spawned = spawn_program(program, descriptors);
  if (!spawned) return spawned.error();
  pid_ = *spawned;
  process_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  socket_ = std::move(pair->ours);
  return {};
}

Result<void> ZygoteProcess::greet() {
  Hello hello;
  if (wait_readable(socket_.get(), patience_at_start) != Readiness::ready)
    return Error{Error::Kind::incomplete, "does not answer"};
  const std::optional<Received> received = receive_message(socket_.get(), writable_bytes_of(hello));
  if (!received || received->size == 0)
    return Error{Error::Kind::incomplete,
                 "ended at its start (does it run by hand? are its libraries installed?)"};
  if (received->size != sizeof hello || hello.magic != Hello::expected_magic ||
      hello.protocol != protocol_version || hello.decoder_count > hello.decoders.size())
    return Error{Error::Kind::incomplete, "belongs to another version of datavet"};
  for (const DecoderEntry &entry : std::span(hello.decoders).first(hello.decoder_count))
    decoders_.push_back({std::string(to_view(entry.format)), std::string(to_view(entry.library)),
                         std::string(to_view(entry.version))});
  return {};
}

bool ZygoteProcess::ask(const ControlRequest &request, std::span<const int> descriptors,
                        ControlReply &reply) {
  if (!alive_) return false;
  if (send_message(socket_.get(), bytes_of(request), descriptors) &&
      wait_readable(socket_.get(), patience_with_request) == Readiness::ready) {
    const std::optional<Received> received = receive_message(socket_.get(), writable_bytes_of(reply));
    if (received && received->size == sizeof reply) return true;
  }
  // Dead, or deaf. What it may still answer would be taken for the next request's: no way back.
  kill_now();
  return false;
}

Result<pid_t> ZygoteProcess::start_worker(const WorkerConfig &config, int channel, int data) {
  ControlRequest request{};
  request.kind = ControlRequest::Kind::start_worker;
  request.config = config;
  ControlReply reply{};
  const int descriptors[] = {channel, data};
  if (!ask(request, descriptors, reply)) return Error{Error::Kind::incomplete, "the worker program ended"};
  if (reply.error != 0)
    return Error{Error::Kind::incomplete, fmt::format("fork: {}", std::strerror(reply.error))};
  return pid_t{reply.pid};
}

Death ZygoteProcess::end_worker(pid_t worker, milliseconds grace) {
  ControlRequest request{};
  request.kind = ControlRequest::Kind::end_worker;
  request.pid = worker;
  request.grace_milliseconds = static_cast<std::uint64_t>(grace.count());
  ControlReply reply{};
  if (!ask(request, {}, reply) || reply.error != 0) return {};
  return {true, reply.was_killed == 1, reply.wait_status};
}

void ZygoteProcess::kill_now() {
  alive_ = false;
  if (pid_ < 0) return;
  // By pidfd where there is one: the pid may be another's by now if the host reaps every child it sees.
  if (process_)
    syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
  else
    kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

ZygoteProcess::~ZygoteProcess() {
  socket_.reset();
  timespec pause{0, 100'000};
  const auto end = std::chrono::steady_clock::now() + patience_at_end;
  while (pid_ >= 0 && std::chrono::steady_clock::now() < end) {
    int status = 0;
    const pid_t reaped = waitpid(pid_, &status, WNOHANG);
    if (reaped == pid_ || (reaped < 0 && errno != EINTR)) {
      pid_ = -1;
    } else {
      nanosleep(&pause, nullptr);
      pause.tv_nsec = std::min(pause.tv_nsec * 2, 5'000'000L);
    }
  }
  kill_now();
}

} // namespace datavet::isolation
