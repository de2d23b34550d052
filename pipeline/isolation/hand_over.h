/// Samples to one worker, answers back, and what happened on the way.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/isolation/decoder_pool.h"
#include "pipeline/isolation/reply.h"
#include "pipeline/isolation/worker_crew.h"

namespace datavet::isolation {

/// One job on its way. `job` is not owned.
struct Task {
  DecodeJob *job = nullptr;
  std::uint32_t decoder = 0; ///< in the worker program's table
  bool settled = false;      ///< findings have been added
  std::uint64_t size() const { return job->file >= 0 ? job->file_size : job->bytes.size(); }
};
using Tasks = std::vector<Task *>;

/// What can become of a worker, mildest first.
enum class Mishap : std::uint8_t {
  timed_out,
  killed, ///< by SIGKILL, and not by us: the kernel out of memory, or somebody
  out_of_memory,
  crashed,
  misbehaved,
  forbidden, ///< by its seccomp filter
};

struct Incident {
  Mishap kind;
  std::string detail; ///< "libpng 1.6.39 died by SIGSEGV"
};

struct HandOverResult {
  std::vector<Answer> answers;      ///< of the first samples, in order
  std::optional<Incident> incident; ///< over the sample after those; the worker is gone
  std::string problem;              ///< nothing was handed over, and why; not the samples' fault
  bool worker_was_gone = false;     ///< nothing was handed over: take another worker
};

/// At most 16 tasks that fit the worker's slot, or one with a file. After an incident the lease is void;
/// else the caller still has it.
HandOverResult hand_over(WorkerCrew &crew, Lease &lease, std::span<Task *const> tasks,
                         const PoolOptions &options, Counters &counters);

/// Processor time that the sample may take.
std::chrono::milliseconds time_budget(const Task &task, const PoolOptions &options);

} // namespace datavet::isolation
