/// The workers of one family: starts them when they are needed, lends each to one thread at a time,
/// replaces those that died or are worn.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <datavet/result.h>

#include "pipeline/isolation/decoder_pool.h"
#include "pipeline/isolation/worker.h"
#include "pipeline/isolation/zygote_process.h"

namespace datavet::isolation {

/// PoolStats that any thread adds to.
class Counters {
public:
  void add(std::uint64_t PoolStats::*count, std::uint64_t more = 1) {
    std::lock_guard lock(mutex_);
    stats_.*count += more;
  }
  PoolStats stats() const {
    std::lock_guard lock(mutex_);
    return stats_;
  }

private:
  mutable std::mutex mutex_;
  PoolStats stats_;
};

class WorkerCrew;

/// A borrowed worker. Whoever drops it without giving it back has it killed: after an exception nobody
/// knows what the worker is still going to say.
class Lease {
public:
  Lease(WorkerCrew &crew, std::unique_ptr<Worker> worker) : crew_(&crew), worker_(std::move(worker)) {}
  Lease(Lease &&) = default;
  ~Lease();

  Worker *operator->() { return worker_.get(); }
  Worker &operator*() { return *worker_; }
  void give_back();
  /// Ends the worker and says how it ended. `grace`: it is dying already, let it.
  Death discard(std::chrono::milliseconds grace);

private:
  WorkerCrew *crew_;
  std::unique_ptr<Worker> worker_;
};

/// A file for a worker of its own, or none.
struct FileToRead {
  int descriptor = -1;
  std::uint64_t size = 0;
};

enum class Freshness : std::uint8_t { any, fresh };

class WorkerCrew {
public:
  WorkerCrew(std::string family, const PoolOptions &options, Counters &counters);
  ~WorkerCrew();
  WorkerCrew(const WorkerCrew &) = delete;
  WorkerCrew &operator=(const WorkerCrew &) = delete;

  /// Waits while as many as allowed are lent out. An error says why no decoder can be asked.
  Result<Lease> borrow(Freshness freshness, FileToRead file = {});
  /// Where the format's decoder stands in the worker program's table; empty when it has none.
  std::optional<std::uint32_t> decoder_of(std::string_view format) const;
  /// "libpng 1.6.39"
  std::string title_of(std::uint32_t decoder) const;

  /// A worker died over a sample, or an answer came: what the circuit breaker counts.
  void note_death();
  void note_answer();

  std::vector<DecoderVersion> versions(Registry formats);
  std::string notice() const;
  const std::string &family() const { return family_; }

private:
  friend class Lease;
  using Lock = std::unique_lock<std::mutex>;

  std::unique_ptr<Worker> take_idle(Lock &lock);
  Result<std::unique_ptr<Worker>> start_worker(FileToRead file);
  Result<std::unique_ptr<Worker>> try_to_start_worker(FileToRead file);
  Result<void> ensure_zygote();
  void break_off(std::string reason);
  std::string broken() const;
  std::string describe_sandbox() const;
  void put_back(std::unique_ptr<Worker> worker);
  Death end(std::unique_ptr<Worker> worker, std::chrono::milliseconds grace);

  const std::string family_;
  const PoolOptions &options_;
  Counters &counters_;

  mutable std::mutex mutex_; ///< guards what follows; held for moments only
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Worker>> idle_;
  unsigned alive_ = 0; ///< idle, lent or being started
  unsigned deaths_in_a_row_ = 0;
  std::string broken_;                  ///< why this family is given up; empty = it is not
  std::optional<std::uint32_t> layers_; ///< of the sandbox, once a worker has told
  std::vector<DecoderName> decoders_;

  std::mutex zygote_mutex_; ///< guards what follows; held while the zygote answers
  std::unique_ptr<ZygoteProcess> zygote_;
  std::uint64_t generation_ = 0;
  unsigned failures_in_a_row_ = 0;
};

} // namespace datavet::isolation
