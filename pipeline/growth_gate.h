/// How much memory samples larger than a buffer may take together.
#pragma once

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "pipeline/messages.h"

namespace datavet {

/// A sample larger than the whole budget is let in when no other is: nothing waits for ever. Never
/// blocks: a cursor that may not go on is parked, and comes back when something was returned.
class GrowthGate {
public:
  explicit GrowthGate(std::uint64_t budget) : budget_(budget) {}

  bool try_enter(std::uint64_t bytes) {
    std::lock_guard lock(mutex_);
    if (used_ > 0 && (bytes > budget_ || used_ > budget_ - bytes)) return false;
    used_ += bytes;
    return true;
  }

  /// Gives `bytes` back and takes out the cursors that were waiting for them.
  std::vector<FileCursorPtr> leave(std::uint64_t bytes) {
    std::lock_guard lock(mutex_);
    used_ -= bytes;
    return std::exchange(parked_, {});
  }

  /// Keeps `cursor` for the next leave(). False when nothing is in flight: it can be tried again at once.
  bool park(FileCursorPtr cursor) {
    std::lock_guard lock(mutex_);
    if (used_ == 0) return false;
    parked_.push_back(std::move(cursor));
    return true;
  }

private:
  std::mutex mutex_;
  std::uint64_t budget_;
  std::uint64_t used_ = 0;
  std::vector<FileCursorPtr> parked_;
};

} // namespace datavet
