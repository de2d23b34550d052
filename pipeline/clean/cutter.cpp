#include "pipeline/clean/cutter.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/hdf5/chunks/grid.h"
#include "pipeline/clean/cutter_protocol.h"
#include "pipeline/isolation/descriptor_passing.h"
#include "pipeline/isolation/spawn.h"

namespace datavet {

namespace {

using cutter::CutReply;
using cutter::CutRequest;

constexpr std::uint64_t memory_bytes = std::uint64_t{4} << 30; // four chunks of the largest size, and libhdf5's own
constexpr std::uint64_t least_room = 64 << 20;

std::vector<std::uint64_t> words_of(const hdf5::RowCut &cut) {
  std::vector<std::uint64_t> words;
  for (const hdf5::CutDataset &each : cut.datasets) {
    const auto ranges = cut.companies[each.company].dropped.ranges();
    words.insert(words.end(), {each.dataset.address, each.index_is_bad, ranges.size()});
    for (const RowRange &range : ranges) words.insert(words.end(), {range.first, range.count});
  }
  return words;
}

/// What the copy may have at most: the original twice, and the data that are written anew without their compression.
std::uint64_t most_bytes(const hdf5::RowCut &cut, std::uint64_t size) {
  std::uint64_t most = least_room;
  const auto add = [&](std::uint64_t bytes) {
    if (__builtin_add_overflow(most, bytes, &most)) most = INT64_MAX;
  };
  add(size);
  add(size);
  for (const hdf5::CutDataset &each : cut.datasets) {
    std::uint64_t bytes = each.dataset.type.size;
    for (unsigned i = 0; i < each.dataset.space.rank; ++i)
      bytes = hdf5::saturating_product(bytes, each.dataset.space.extent[i] + each.dataset.storage.chunk[i]);
    add(bytes);
  }
  return std::min<std::uint64_t>(most, INT64_MAX);
}

/// The child, from its start to its burial.
class Cutter {
public:
  Cutter(const File &original, int target, const hdf5::RowCut &cut, const CutterOptions &options)
      : original_(original), target_(target), cut_(cut), options_(options) {}
  ~Cutter() { bury(); }
  Cutter(const Cutter &) = delete;
  Cutter &operator=(const Cutter &) = delete;

  StepResult run() {
    if (StepResult started = start(); !started.is_done()) return started;
    if (!send_job()) return died();
    for (;;) {
      CutReply reply;
      if (isolation::wait_readable(channel_.get(), options_.patience) != isolation::Readiness::ready)
        return {Step::refused, fmt::format("libhdf5 did not come to an end with it in {} s", options_.patience.count() / 1000)};
      const auto received = isolation::receive_message(channel_.get(), isolation::writable_bytes_of(reply));
      if (!received || received->size != sizeof reply || reply.magic != CutReply::expected_magic) return died();
      if (reply.kind != CutReply::Kind::alive) return end_of(reply);
    }
  }

private:
  StepResult start() {
    Result<std::string> program = isolation::find_program(options_.worker_directory, cutter::program_name);
    if (!program) return {Step::stopped, program.error().message};
    std::optional<isolation::SocketPair> pair = isolation::make_socket_pair();
    if (!pair) return stopped("cannot start the program that takes rows out", errno);
    const int descriptors[] = {pair->theirs.get(), original_.fd(), target_};
    const Result<pid_t> spawned = isolation::spawn_program(*program, descriptors);
    if (!spawned) return {Step::stopped, spawned.error().message};
    pid_ = *spawned;
    channel_ = std::move(pair->ours);
    return {};
  }

  bool send_job() {
    const std::vector<std::uint64_t> words = words_of(cut_);
    CutRequest request{};
    request.magic = CutRequest::expected_magic;
    request.config.file_size = original_.size();
    request.config.memory_bytes = memory_bytes;
    request.config.target_bytes = most_bytes(cut_, original_.size());
    request.config.limits = options_.limits;
    request.target_size = original_.size();
    request.clock_seconds = original_.stamp().mtime_ns / 1'000'000'000;
    request.words = words.size();
    if (!isolation::send_message(channel_.get(), isolation::bytes_of(request))) return false;
    for (std::size_t at = 0; at < words.size(); at += cutter::words_per_message) {
      const auto piece = std::span(words).subspan(at, std::min<std::size_t>(words.size() - at, cutter::words_per_message));
      if (!isolation::send_message(channel_.get(), std::as_bytes(piece))) return false;
    }
    return true;
  }

  StepResult end_of(const CutReply &reply) {
    const std::string why(reply.why.data(), strnlen(reply.why.data(), reply.why.size()));
    switch (reply.kind) {
    case CutReply::Kind::done: return died_badly() ? died() : StepResult{};
    case CutReply::Kind::read_failed: return {Step::failed, why};
    case CutReply::Kind::write_failed: return target_trouble(reply.error, "cannot write");
    default: return {Step::refused, why};
    }
  }

  // It ends by itself once it has said so.
  bool died_badly() {
    while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return !WIFEXITED(status_) || WEXITSTATUS(status_) != 0;
  }

  StepResult died() {
    channel_.reset();
    for (unsigned i = 0; i < 100 && pid_ >= 0; ++i) { // one that only closed its end is killed
      if (waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
      if (pid_ >= 0) usleep(20'000);
    }
    bury();
    const std::string how = WIFSIGNALED(status_) ? fmt::format("killed by signal {} ({})", WTERMSIG(status_), strsignal(WTERMSIG(status_)))
                                                 : fmt::format("exit status {}", WEXITSTATUS(status_));
    return {Step::refused, fmt::format("the process that lets libhdf5 take rows out died ({}): nothing was written of it", how)};
  }

  void bury() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL); // our child, not waited for yet: no other process can have this number
    died_badly();
  }

  const File &original_;
  const int target_;
  const hdf5::RowCut &cut_;
  const CutterOptions &options_;
  pid_t pid_ = -1;
  int status_ = 0;
  UniqueFd channel_;
};

} // namespace

StepResult run_cutter(const File &original, int target, const hdf5::RowCut &cut, const CutterOptions &options) {
  return Cutter(original, target, cut, options).run();
}

} // namespace datavet
