/// The same steps on plain threads, without the flow graph: for ThreadSanitizer, which understands std::mutex and
/// not Debian's oneTBB.
#pragma once

#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "pipeline/batch_stack.h"
#include "pipeline/scan_graph.h"

namespace datavet::test {

class ThreadedScan {
public:
  ThreadedScan(ScanSteps &steps, std::size_t buffer_bytes) : steps_(steps), batches_(buffer_bytes) {}

  Result<void> run(unsigned threads) {
    std::vector<std::thread> workers;
    for (unsigned i = 0; i < threads; ++i) workers.emplace_back([this] { work(); });
    for (std::thread &worker : workers) worker.join();
    return result_;
  }

private:
  FileCursorPtr take_cursor() {
    std::lock_guard lock(mutex_);
    if (!unfinished_.empty()) {
      FileCursorPtr cursor = std::move(unfinished_.front());
      unfinished_.pop_front();
      return cursor;
    }
    std::optional<FileGroup> group = steps_.walk.next();
    if (!group) return nullptr;
    auto cursor = std::make_shared<FileCursor>();
    cursor->group = std::move(*group);
    return cursor;
  }

  void work() {
    // A thread that finds nothing to do may leave: who holds the last unfinished cursor takes it again.
    while (FileCursorPtr cursor = take_cursor()) {
      SampleBatchPtr batch = batches_.take();
      const CursorState state = fill(steps_.fill, *cursor, *batch, [](std::uint64_t) { return true; });
      DecidedBatchPtr decided = decide(steps_.rules, check(steps_.check, batch));
      std::lock_guard lock(mutex_);
      if (Result<void> delivered = steps_.delivery.deliver(decided); !delivered) result_ = delivered;
      batches_.give_back(std::move(batch));
      if (state != CursorState::done) unfinished_.push_back(std::move(cursor));
    }
  }

  ScanSteps &steps_;
  BatchStack batches_;
  std::mutex mutex_;
  std::deque<FileCursorPtr> unfinished_;
  Result<void> result_;
};

} // namespace datavet::test
