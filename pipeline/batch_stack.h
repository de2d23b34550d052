/// The batches that nobody uses.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "pipeline/messages.h"

namespace datavet {

/// Last returned, first out: its memory is still in the cache.
class BatchStack {
public:
  explicit BatchStack(std::size_t buffer_bytes) : buffer_bytes_(buffer_bytes) {}

  SampleBatchPtr take() {
    {
      std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        SampleBatchPtr batch = std::move(free_.back());
        free_.pop_back();
        return batch;
      }
    }
    return std::make_shared<SampleBatch>(buffer_bytes_);
  }
  void give_back(SampleBatchPtr batch) {
    batch->clear();
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(batch));
  }

private:
  std::mutex mutex_;
  std::size_t buffer_bytes_;
  std::vector<SampleBatchPtr> free_;
};

} // namespace datavet
