#include "pipeline/isolation/hand_over.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <random>

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/wait.h>

namespace datavet::isolation {

namespace {

using std::chrono::milliseconds;

/// A worker whose end of the channel is closed dies at once, of itself; if it does not, it closed the
/// channel on purpose.
constexpr milliseconds grace_for_the_dying{1'000};

std::uint64_t make_nonce() {
  std::uint64_t nonce = 0;
  if (getrandom(&nonce, sizeof nonce, GRND_NONBLOCK) == sizeof nonce) return nonce;
  std::random_device device; // early at boot
  return (std::uint64_t{device()} << 32) | device();
}

std::string name_of_signal(int number) {
  const char *name = sigabbrev_np(number);
  return name == nullptr ? fmt::format("signal {}", number) : fmt::format("SIG{}", name);
}

Incident explain(const Death &death, const std::string &decoder, bool memory_failed) {
  if (!death.known)
    return {Mishap::killed, fmt::format("the process of {} was killed from outside", decoder)};
  if (death.was_killed)
    return {Mishap::misbehaved, fmt::format("the process of {} closed its channel and lived on", decoder)};
  if (memory_failed)
    return {Mishap::out_of_memory, fmt::format("{} was refused memory and died of it", decoder)};
  if (WIFEXITED(death.wait_status))
    return {Mishap::crashed,
            fmt::format("{} ended its process with status {}", decoder, WEXITSTATUS(death.wait_status))};
  const int number = WTERMSIG(death.wait_status);
  if (number == SIGSYS) return {Mishap::forbidden, fmt::format("{} made a forbidden system call", decoder)};
  if (number == SIGKILL)
    return {Mishap::killed, fmt::format("the process of {} was killed from outside", decoder)};
  return {Mishap::crashed, fmt::format("{} died by {}", decoder, name_of_signal(number))};
}

class HandOverRun {
public:
  HandOverRun(WorkerCrew &crew, Lease &lease, std::span<Task *const> tasks, const PoolOptions &options)
      : crew_(crew), lease_(lease), tasks_(tasks), options_(options) {}

  HandOverResult run() {
    if (!deliver()) return std::move(result_);
    std::uint64_t resident_kib = 0;
    for (std::uint32_t i = 0; i < tasks_.size(); ++i) {
      if (!await_answer(i)) return std::move(result_);
      resident_kib = std::max(resident_kib, result_.answers.back().resident_kib);
    }
    if (const Worker::Idling after = lease_->look(); after != Worker::Idling::quiet) {
      const std::string decoder = decoder_title(tasks_.size() - 1);
      result_.answers.pop_back(); // the last answer was not the last that came of that sample
      if (after == Worker::Idling::gone)
        result_.incident = explain(lease_.discard(grace_for_the_dying), decoder, false);
      else
        fail(decoder, Mishap::misbehaved, "said more than it was asked");
      return std::move(result_);
    }
    lease_->served(tasks_.size(), resident_kib);
    return std::move(result_);
  }

private:
  std::string decoder_title(std::size_t i) const { return crew_.title_of(tasks_[i]->decoder); }

  bool deliver() {
    request_.nonce = make_nonce();
    request_.count = tasks_.size();
    std::array<Bytes, samples_per_hand_over> samples;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      samples[i] = tasks_[i]->job->bytes;
      request_.samples[i].decoder = tasks_[i]->decoder;
    }
    const bool from_file = tasks_.front()->job->file >= 0; // then there is one task and no slot
    if (!from_file && !lease_->slot().write(std::span(samples).first(tasks_.size()), request_.samples)) {
      result_.problem = "no memory to hand the sample to a worker";
      return false;
    }
    result_.worker_was_gone = !lease_->send(request_);
    return !result_.worker_was_gone;
  }

  bool await_answer(std::uint32_t i) {
    const Task &task = *tasks_[i];
    const milliseconds budget = time_budget(task, options_);
    bool memory_failed = false;
    for (;;) {
      Bytes message;
      switch (lease_->hear(budget, message)) {
      case Heard::closed:
        result_.incident = explain(lease_.discard(grace_for_the_dying), decoder_title(i), memory_failed);
        return false;
      case Heard::overran:
        return fail(decoder_title(i), Mishap::timed_out,
                    fmt::format("used {:.1f} s of processor time without an end", seconds(budget)));
      case Heard::stalled:
        return fail(decoder_title(i), Mishap::timed_out,
                    fmt::format("did not end within {:.1f} s", patience_factor * seconds(budget)));
      case Heard::message: break;
      }
      Reply reply = parse_reply(message, {request_.nonce, i}, *task.job->format, task.size());
      if (const Misbehaviour *misbehaviour = std::get_if<Misbehaviour>(&reply))
        return fail(decoder_title(i), Mishap::misbehaved,
                    "answered against the protocol: " + misbehaviour->what);
      if (std::holds_alternative<AllocationFailed>(reply)) {
        // Once is what the worker says; again and again would keep us here for ever.
        if (memory_failed)
          return fail(decoder_title(i), Mishap::misbehaved, "said twice that memory ran out");
        memory_failed = true;
        continue;
      }
      return accept(i, std::move(std::get<Answer>(reply)), memory_failed);
    }
  }

  bool accept(std::uint32_t i, Answer answer, bool memory_failed) {
    // A complaint after a refused allocation is about our limit and not about the sample.
    const bool complains =
        std::any_of(answer.findings.begin(), answer.findings.end(),
                    [](const Finding &finding) { return finding.rule->severity > Severity::note; });
    if (answer.outcome == Outcome::out_of_memory ||
        (memory_failed && (complains || answer.outcome == Outcome::threw)))
      return fail(decoder_title(i), Mishap::out_of_memory,
                  fmt::format("needs more than {} MiB", options_.memory_bytes >> 20));
    if (answer.outcome == Outcome::threw)
      answer.text = fmt::format("{} threw: {}", decoder_title(i), answer.text);
    result_.answers.push_back(std::move(answer));
    return true;
  }

  bool fail(const std::string &decoder, Mishap kind, std::string_view what) {
    result_.incident = Incident{kind, fmt::format("{} {}", decoder, what)};
    lease_.discard(milliseconds(0));
    return false;
  }

  static double seconds(milliseconds time) { return std::chrono::duration<double>(time).count(); }

  WorkerCrew &crew_;
  Lease &lease_;
  std::span<Task *const> tasks_;
  const PoolOptions &options_;
  HandOver request_{};
  HandOverResult result_;
};

void count(const HandOverResult &result, WorkerCrew &crew, Counters &counters) {
  counters.add(&PoolStats::hand_overs);
  if (!result.answers.empty()) crew.note_answer();
  if (!result.incident) return;
  switch (result.incident->kind) {
  case Mishap::timed_out: counters.add(&PoolStats::timeouts); break;
  case Mishap::killed: counters.add(&PoolStats::killed_from_outside); break;
  case Mishap::out_of_memory: counters.add(&PoolStats::out_of_memory); break;
  case Mishap::crashed: counters.add(&PoolStats::crashes); break;
  case Mishap::misbehaved: counters.add(&PoolStats::misbehaved); break;
  case Mishap::forbidden: counters.add(&PoolStats::forbidden); break;
  }
  if (result.incident->kind > Mishap::out_of_memory || result.incident->kind == Mishap::killed)
    crew.note_death();
}

} // namespace

milliseconds time_budget(const Task &task, const PoolOptions &options) {
  constexpr double mb = 1 << 20;
  const Facts &facts = task.job->evidence->facts; // from our own check: what the sample declares
  const double decoded = static_cast<double>(facts.decoded_bytes) * std::max<double>(facts.frames, 1);
  const double extra =
      static_cast<double>(task.size()) / mb * static_cast<double>(options.time_per_mb.count()) +
      decoded / mb * static_cast<double>(options.time_per_decoded_mb.count());
  // Compared before it is made an integer: declared sizes can be anything.
  if (extra >= static_cast<double>((options.most_time - options.base_time).count())) return options.most_time;
  return options.base_time + milliseconds(static_cast<milliseconds::rep>(extra));
}

HandOverResult hand_over(WorkerCrew &crew, Lease &lease, std::span<Task *const> tasks,
                         const PoolOptions &options, Counters &counters) {
  HandOverResult result = HandOverRun(crew, lease, tasks, options).run();
  if (!result.worker_was_gone && result.problem.empty()) count(result, crew, counters);
  return result;
}

} // namespace datavet::isolation
