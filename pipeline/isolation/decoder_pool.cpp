#include "pipeline/isolation/decoder_pool.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

#include <fcntl.h>
#include <fmt/format.h>

#include "formats/any/rules.h"
#include "pipeline/isolation/hand_over.h"
#include "pipeline/isolation/worker_crew.h"

namespace datavet {

namespace isolation {

namespace {

/// What a hand-over holds at most, unless one sample alone is larger.
constexpr std::uint64_t hand_over_bytes = std::uint64_t{16} << 20;
constexpr unsigned attempts_to_deliver = 3;

template <class T> void fill(T &known, const T &learned) {
  if (known == T{}) known = learned;
}

/// What our own check found stands; the decoder fills what it left open.
void fill_facts(Facts &known, const Facts &learned) {
  fill(known.width, learned.width);
  fill(known.height, learned.height);
  fill(known.channels, learned.channels);
  fill(known.bits, learned.bits);
  fill(known.frames, learned.frames);
  fill(known.colour, learned.colour);
  fill(known.progressive, learned.progressive);
  fill(known.orientation, learned.orientation);
  fill(known.decoded_bytes, learned.decoded_bytes);
  fill(known.objects, learned.objects);
  fill(known.datasets, learned.datasets);
}

bool is_death(Mishap kind) { return kind >= Mishap::crashed; }

const Rule &rule_for(Mishap kind) {
  switch (kind) {
  case Mishap::timed_out: return any::decoder_timeout;
  case Mishap::killed: return any::decoder_memory; // the kernel's usual reason
  case Mishap::out_of_memory: return any::decoder_memory;
  case Mishap::crashed: return any::decoder_crashed;
  case Mishap::misbehaved: return any::decoder_misbehaved;
  case Mishap::forbidden: return any::decoder_forbidden;
  }
  return any::decoder_crashed;
}

/// The tasks of one family, until each is settled.
class FamilyRun {
public:
  FamilyRun(WorkerCrew &crew, const PoolOptions &options, Counters &counters)
      : crew_(crew), options_(options), counters_(counters) {}

  void judge(const Tasks &tasks) {
    // The table of decoders comes with the first worker.
    if (!tasks.empty() && !crew_.decoder_of(tasks.front()->job->format->name))
      if (Result<Lease> lease = crew_.borrow(Freshness::any); lease) lease->give_back();
    gather(tasks);
    while (!groups_.empty()) {
      const Tasks group = std::move(groups_.front());
      groups_.pop_front();
      judge_together(group);
    }
  }

private:
  /// Groups of at most 16 that fit; a file alone.
  void gather(const Tasks &tasks) {
    Tasks group;
    std::uint64_t bytes = 0;
    for (Task *task : tasks) {
      if (!admit(*task)) continue;
      if (needs_own_worker(*task)) {
        groups_.push_back({task});
        continue;
      }
      if (group.size() == samples_per_hand_over ||
          (!group.empty() && bytes + task->size() > hand_over_bytes)) {
        groups_.push_back(std::exchange(group, {}));
        bytes = 0;
      }
      group.push_back(task);
      bytes += task->size();
    }
    if (!group.empty()) groups_.push_back(std::move(group));
  }

  /// False when the task is settled without a worker.
  bool admit(Task &task) {
    const DecodeJob &job = *task.job;
    const std::optional<std::uint32_t> decoder = crew_.decoder_of(job.format->name);
    if (!decoder) {
      const Result<Lease> lease = crew_.borrow(Freshness::any);
      give_up(task,
              lease ? fmt::format("datavet-worker-{} does not decode {}", crew_.family(), job.format->name)
                    : lease.error().message);
      return false;
    }
    task.decoder = *decoder;
    if (job.file >= 0) {
      const int flags = fcntl(job.file, F_GETFL);
      if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY) return true;
      give_up(task, "the file is not open for reading only"); // a worker must not be able to write it
      return false;
    }
    if (Slot::room_for({&job.bytes, 1}) <= options_.slot_bytes) return true;
    settle(task, any::too_large,
           fmt::format("{} bytes; a worker takes {}", job.bytes.size(), options_.slot_bytes));
    return false;
  }

  /// Formats that are walked at random have no use for a second file in one process: their library
  /// (HDF5) damages its own memory too easily.
  static bool needs_own_worker(const Task &task) {
    return task.job->file >= 0 || task.job->format->layout == Layout::random_access;
  }

  void judge_together(const Tasks &group) {
    const bool alone = needs_own_worker(*group.front());
    HandOverResult result;
    for (unsigned attempt = 1;; ++attempt) {
      Result<Lease> lease = borrow(*group.front(), alone ? Freshness::fresh : Freshness::any);
      if (!lease) return give_up(group, lease.error().message);
      result = hand_over(crew_, *lease, group, options_, counters_);
      if (!result.problem.empty()) return give_up(group, result.problem);
      if (!result.incident && !result.worker_was_gone && !alone) lease->give_back();
      if (!result.worker_was_gone) break;
      if (attempt == attempts_to_deliver) return give_up(group, "workers end as soon as they are started");
    }
    if (result.incident)
      recover(group, result);
    else
      for (std::size_t i = 0; i < group.size(); ++i) settle(*group[i], result.answers[i]);
  }

  /// The sample over which the worker died is tried once more, alone. What the worker had answered
  /// before is not trusted: it may have been damaged already. Every round settles at least one sample.
  void recover(const Tasks &group, const HandOverResult &result) {
    const std::size_t at = result.answers.size();
    const auto middle = group.begin() + static_cast<std::ptrdiff_t>(at);
    if (middle + 1 != group.end()) groups_.emplace_front(middle + 1, group.end());
    if (at > 0) {
      groups_.emplace_front(group.begin(), middle);
      counters_.add(&PoolStats::judged_again, at);
    }
    confirm(*group[at], *result.incident);
  }

  void confirm(Task &task, const Incident &first) {
    Task *const alone[] = {&task};
    for (unsigned attempt = 1; attempt <= attempts_to_deliver; ++attempt) {
      Result<Lease> lease = borrow(task, Freshness::fresh);
      if (!lease) return conclude(task, first, lease.error().message);
      HandOverResult second = hand_over(crew_, *lease, alone, options_, counters_);
      if (second.worker_was_gone) continue;
      if (!second.problem.empty()) return conclude(task, first, second.problem);
      if (second.incident) return conclude(task, first, *second.incident);
      // It went well: was it chance, the machine, or a sample before it? (The worker is not kept.)
      if (is_death(first.kind))
        task.job->evidence->findings.add(any::decoder_crashed_once, 0, 0,
                                         fmt::format("{}, and not when tried again alone", first.detail));
      return settle(task, second.answers.front());
    }
    conclude(task, first, "workers end as soon as they are started");
  }

  /// Bad twice: the worse of the two counts.
  void conclude(Task &task, const Incident &first, const Incident &second) {
    const Incident &worse = first.kind > second.kind ? first : second;
    const Incident &other = first.kind > second.kind ? second : first;
    settle(task, rule_for(worse.kind),
           worse.detail == other.detail ? worse.detail + ", twice"
                                        : fmt::format("{}; {}", worse.detail, other.detail));
  }

  /// Bad once, and no second opinion to be had.
  void conclude(Task &task, const Incident &first, const std::string &problem) {
    if (is_death(first.kind)) task.job->evidence->findings.add(any::decoder_crashed_once, 0, 0, first.detail);
    give_up(task, problem);
  }

  Result<Lease> borrow(const Task &task, Freshness freshness) {
    return crew_.borrow(freshness, {task.job->file, task.job->file_size});
  }

  void settle(Task &task, Answer &answer) {
    Evidence &evidence = *task.job->evidence;
    fill_facts(evidence.facts, answer.facts);
    for (Finding &finding : answer.findings) evidence.findings.add(std::move(finding));
    if (answer.outcome == Outcome::threw)
      evidence.findings.add(any::check_failed, 0, 0, std::move(answer.text));
    mark_settled(task);
  }

  void settle(Task &task, const Rule &rule, std::string detail) {
    task.job->evidence->findings.add(rule, 0, 0, std::move(detail));
    mark_settled(task);
  }

  void mark_settled(Task &task) {
    task.settled = true;
    counters_.add(&PoolStats::samples);
  }

  void give_up(Task &task, const std::string &why) { settle(task, any::no_decoder, why); }
  void give_up(const Tasks &group, const std::string &why) {
    for (Task *task : group) give_up(*task, why);
  }

  WorkerCrew &crew_;
  const PoolOptions &options_;
  Counters &counters_;
  std::deque<Tasks> groups_;
};

PoolOptions completed(PoolOptions options) {
  if (options.slot_bytes == 0) options.slot_bytes = options.limits.sample_bytes + 4'096;
  options.workers_per_family = std::max(options.workers_per_family, 1u);
  return options;
}

} // namespace

} // namespace isolation

using namespace isolation;

/// A crew for each family, made when it is first asked for.
class DecoderPool::Crews {
public:
  explicit Crews(PoolOptions options) : options_(completed(std::move(options))) {}

  const PoolOptions &options() const { return options_; }
  Counters &counters() { return counters_; }

  WorkerCrew &of(std::string_view family) {
    std::lock_guard lock(mutex_);
    const auto found = crews_.find(family);
    if (found != crews_.end()) return *found->second;
    std::string name(family);
    auto crew = std::make_unique<WorkerCrew>(name, options_, counters_);
    return *crews_.emplace(std::move(name), std::move(crew)).first->second;
  }

  template <class Visit> void for_each(Visit visit) {
    std::lock_guard lock(mutex_);
    for (const auto &[family, crew] : crews_) visit(*crew);
  }

private:
  const PoolOptions options_;
  Counters counters_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<WorkerCrew>, std::less<>> crews_;
};

DecoderPool::DecoderPool(PoolOptions options) : crews_(std::make_unique<Crews>(std::move(options))) {}
DecoderPool::~DecoderPool() = default;

void DecoderPool::decode(std::span<DecodeJob> jobs) noexcept {
  std::vector<Task> tasks;
  try {
    for (DecodeJob &job : jobs) tasks.push_back({&job});
    std::map<std::string_view, Tasks> families;
    for (Task &task : tasks) families[task.job->format->decoder_family].push_back(&task);
    for (auto &[family, of_family] : families)
      FamilyRun(crews_->of(family), crews_->options(), crews_->counters()).judge(of_family);
  } catch (...) { // memory ran out in the host; workers that were lent are killed by their leases
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (tasks.size() == jobs.size() && tasks[i].settled) continue;
      try {
        jobs[i].evidence->findings.add(any::check_failed, 0, 0, "out of memory");
      } catch (...) { // not even for the finding: the next allocation of the caller will tell it
      }
    }
  }
}

std::vector<DecoderVersion> DecoderPool::versions() {
  std::vector<DecoderVersion> rows;
  std::vector<std::string_view> seen;
  for (const Format *format : crews_->options().formats) {
    if (format->decoder_family.empty() ||
        std::find(seen.begin(), seen.end(), format->decoder_family) != seen.end())
      continue;
    seen.push_back(format->decoder_family);
    std::vector<DecoderVersion> more = crews_->of(format->decoder_family).versions(crews_->options().formats);
    rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return rows;
}

std::string DecoderPool::notice() const {
  std::string text;
  crews_->for_each([&](const WorkerCrew &crew) {
    const std::string one = crew.notice();
    if (!one.empty()) text += text.empty() ? one : "; " + one;
  });
  return text;
}

PoolStats DecoderPool::stats() const { return crews_->counters().stats(); }

} // namespace datavet
