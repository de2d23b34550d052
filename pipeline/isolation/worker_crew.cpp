#include "pipeline/isolation/worker_crew.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/isolation/descriptor_passing.h"
#include "pipeline/isolation/spawn.h"

namespace datavet::isolation {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience_for_ready{30'000};
constexpr unsigned attempts_to_start = 3;
/// The circuit breaker. So many deaths without one answer between them say that decoding does not work
/// here at all (a filter that a new C library cannot live with, say), not that the samples are bad. A
/// count, not a rate: the report must not depend on how fast the machine is.
constexpr unsigned deaths_before_giving_up = 200;

Error cannot(std::string why) { return {Error::Kind::incomplete, std::move(why)}; }

} // namespace

Lease::~Lease() {
  if (worker_) discard(milliseconds(0));
}

void Lease::give_back() { crew_->put_back(std::move(worker_)); }

Death Lease::discard(milliseconds grace) { return crew_->end(std::move(worker_), grace); }

WorkerCrew::WorkerCrew(std::string family, const PoolOptions &options, Counters &counters)
    : family_(std::move(family)), options_(options), counters_(counters) {}

WorkerCrew::~WorkerCrew() = default; // the zygote's end is the end of its workers

Result<Lease> WorkerCrew::borrow(Freshness freshness, FileToRead file) {
  std::unique_ptr<Worker> surplus;
  {
    Lock lock(mutex_);
    if (freshness == Freshness::any && file.descriptor < 0)
      if (std::unique_ptr<Worker> worker = take_idle(lock)) return Lease(*this, std::move(worker));
    returned_.wait(
        lock, [&] { return !broken_.empty() || alive_ < options_.workers_per_family || !idle_.empty(); });
    if (!broken_.empty()) return cannot(broken_);
    if (alive_ >= options_.workers_per_family) {
      std::unique_ptr<Worker> worker = std::move(idle_.back());
      idle_.pop_back();
      if (freshness == Freshness::any && file.descriptor < 0 && worker->look() == Worker::Idling::quiet)
        return Lease(*this, std::move(worker));
      surplus = std::move(worker); // it makes room; its place in alive_ stays ours until end() frees it
    }
    ++alive_;
  }
  if (surplus) end(std::move(surplus), milliseconds(0));
  Result<std::unique_ptr<Worker>> started = start_worker(file);
  if (started) return Lease(*this, std::move(*started));
  {
    std::lock_guard lock(mutex_);
    --alive_;
  }
  returned_.notify_one();
  return started.error();
}

/// An idle worker that is still alive and has said nothing unasked; ends those that did.
std::unique_ptr<Worker> WorkerCrew::take_idle(Lock &lock) {
  while (!idle_.empty()) {
    std::unique_ptr<Worker> worker = std::move(idle_.back());
    idle_.pop_back();
    if (worker->look() == Worker::Idling::quiet) return worker;
    lock.unlock();
    end(std::move(worker), milliseconds(0));
    lock.lock();
  }
  return nullptr;
}

Result<std::unique_ptr<Worker>> WorkerCrew::start_worker(FileToRead file) {
  for (unsigned attempt = 1;; ++attempt) {
    if (std::string reason = broken(); !reason.empty()) return cannot(std::move(reason));
    Result<std::unique_ptr<Worker>> worker = try_to_start_worker(file);
    if (worker || attempt == attempts_to_start) return worker;
  }
}

Result<std::unique_ptr<Worker>> WorkerCrew::try_to_start_worker(FileToRead file) {
  const bool reads_file = file.descriptor >= 0;
  std::optional<SocketPair> pair = make_socket_pair();
  if (!pair) return cannot("socketpair failed: too many open files?");
  Slot slot;
  UniqueFd readable_slot;
  if (!reads_file) {
    slot = Slot::make(options_.slot_bytes);
    if (slot) readable_slot = slot.open_for_reading();
    if (!readable_slot) return cannot("memfd_create failed: no memory, or too many open files");
  }
  WorkerConfig config{};
  config.sandbox = options_.sandbox == PoolOptions::Sandbox::off        ? SandboxMode::off
                   : options_.sandbox == PoolOptions::Sandbox::required ? SandboxMode::required
                                                                        : SandboxMode::automatic;
  config.denial = options_.denial == PoolOptions::Denial::strict ? DenialMode::strict : DenialMode::soft;
  config.slot_bytes = reads_file ? 0 : slot.size();
  config.file_size = file.size;
  config.memory_bytes = options_.memory_bytes;
  config.limits = options_.limits;

  std::unique_ptr<Worker> worker;
  {
    std::lock_guard lock(zygote_mutex_);
    if (Result<void> started = ensure_zygote(); !started) return started.error();
    const Result<pid_t> pid =
        zygote_->start_worker(config, pair->theirs.get(), reads_file ? file.descriptor : readable_slot.get());
    if (!pid) return cannot(fmt::format("datavet-worker-{}: {}", family_, pid.error().message));
    worker = std::make_unique<Worker>(*pid, generation_, std::move(pair->ours), std::move(slot));
  }
  pair->theirs.reset(); // else its end would never close for us

  std::uint32_t layers = 0;
  if (!worker->await_ready(patience_for_ready, layers)) {
    std::lock_guard lock(zygote_mutex_);
    Death death;
    if (zygote_ && generation_ == worker->generation())
      death = zygote_->end_worker(worker->pid(), milliseconds(1'000));
    if (death.known && WIFEXITED(death.wait_status) && WEXITSTATUS(death.wait_status) == no_sandbox_status) {
      break_off("the kernel refuses the seccomp filter, and isolation is required");
      return cannot(broken());
    }
    return cannot(fmt::format("datavet-worker-{}: a worker ended before it was ready (wait status {:#x})",
                              family_, death.wait_status));
  }
  counters_.add(&PoolStats::workers_started);
  std::lock_guard lock(mutex_);
  layers_ = layers;
  return worker;
}

/// With zygote_mutex_ held.
Result<void> WorkerCrew::ensure_zygote() {
  if (zygote_ && zygote_->is_alive()) return {};
  zygote_.reset();
  const Result<std::string> program = find_program(options_.worker_directory, "datavet-worker-" + family_);
  if (!program) {
    break_off(program.error().message);
    return program.error();
  }
  Result<std::unique_ptr<ZygoteProcess>> started = ZygoteProcess::start(*program);
  if (!started) {
    if (++failures_in_a_row_ >= attempts_to_start) break_off(started.error().message);
    return started.error();
  }
  failures_in_a_row_ = 0;
  ++generation_;
  zygote_ = std::move(*started);
  counters_.add(&PoolStats::zygotes_started);
  std::lock_guard lock(mutex_);
  if (decoders_.empty()) decoders_ = zygote_->decoders();
  return {};
}

void WorkerCrew::break_off(std::string reason) {
  {
    std::lock_guard lock(mutex_);
    if (broken_.empty()) broken_ = std::move(reason);
  }
  returned_.notify_all();
}

std::string WorkerCrew::broken() const {
  std::lock_guard lock(mutex_);
  return broken_;
}

void WorkerCrew::put_back(std::unique_ptr<Worker> worker) {
  if (worker->is_worn()) {
    counters_.add(&PoolStats::workers_recycled);
    end(std::move(worker), milliseconds(0));
    return;
  }
  {
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(worker));
  }
  returned_.notify_one();
}

Death WorkerCrew::end(std::unique_ptr<Worker> worker, milliseconds grace) {
  Death death;
  {
    std::lock_guard lock(zygote_mutex_);
    if (zygote_ && generation_ == worker->generation()) death = zygote_->end_worker(worker->pid(), grace);
  }
  {
    std::lock_guard lock(mutex_);
    --alive_;
  }
  returned_.notify_one();
  return death;
}

void WorkerCrew::note_death() {
  bool hopeless = false;
  {
    std::lock_guard lock(mutex_);
    hopeless = ++deaths_in_a_row_ >= deaths_before_giving_up;
  }
  if (hopeless)
    break_off(
        fmt::format("datavet-worker-{} died {} times without one answer", family_, deaths_before_giving_up));
}

void WorkerCrew::note_answer() {
  std::lock_guard lock(mutex_);
  deaths_in_a_row_ = 0;
}

std::optional<std::uint32_t> WorkerCrew::decoder_of(std::string_view format) const {
  std::lock_guard lock(mutex_);
  const auto found = std::find_if(decoders_.begin(), decoders_.end(),
                                  [&](const DecoderName &decoder) { return decoder.format == format; });
  if (found == decoders_.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - decoders_.begin());
}

std::string WorkerCrew::title_of(std::uint32_t decoder) const {
  std::lock_guard lock(mutex_);
  const DecoderName &name = decoders_.at(decoder);
  return name.version.empty() ? name.library : fmt::format("{} {}", name.library, name.version);
}

/// With mutex_ held.
std::string WorkerCrew::describe_sandbox() const {
  if (!layers_) return "not started";
  if (options_.sandbox == PoolOptions::Sandbox::off) return "switched off";
  const bool seccomp = (*layers_ & layer_seccomp) != 0;
  const bool landlock = (*layers_ & layer_landlock) != 0;
  if (seccomp && landlock) return "seccomp, landlock";
  return seccomp ? "seccomp" : landlock ? "landlock" : "none: the kernel refuses it";
}

std::vector<DecoderVersion> WorkerCrew::versions(Registry formats) {
  std::string problem;
  if (Result<Lease> lease = borrow(Freshness::any); lease)
    lease->give_back();
  else
    problem = lease.error().message;
  std::vector<DecoderVersion> rows;
  std::lock_guard lock(mutex_);
  for (const Format *format : formats) {
    if (format->decoder_family != family_) continue;
    DecoderVersion row{family_, std::string(format->name), {}, {}, describe_sandbox(), problem};
    const auto found = std::find_if(decoders_.begin(), decoders_.end(), [&](const DecoderName &decoder) {
      return decoder.format == format->name;
    });
    if (found != decoders_.end()) {
      row.library = found->library;
      row.version = found->version;
    } else if (problem.empty()) {
      row.problem = fmt::format("datavet-worker-{} does not decode it", family_);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string WorkerCrew::notice() const {
  std::lock_guard lock(mutex_);
  if (!broken_.empty()) return fmt::format("{} samples are not decoded: {}", family_, broken_);
  if (!layers_ || options_.sandbox == PoolOptions::Sandbox::off) return {};
  std::string missing;
  if ((*layers_ & layer_seccomp) == 0) missing = "seccomp";
  if ((*layers_ & layer_landlock) == 0) missing += missing.empty() ? "Landlock" : " and Landlock";
  if (missing.empty()) return {};
  return fmt::format("the kernel refuses {}: decoders of {} run in processes of their own, with fewer walls",
                     missing, family_);
}

} // namespace datavet::isolation
