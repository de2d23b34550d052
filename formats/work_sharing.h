/// The examination of one large sample in parts that may run at once. A format says what the parts are; who runs them,
/// and on how many threads, is not its business.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace datavet {

class WorkSharing {
public:
  virtual ~WorkSharing() = default;

  /// Used by one thread at a time; keeps its memory, and what it found, from part to part.
  class Worker {
  public:
    virtual ~Worker() = default;
    /// What it throws ends the sharing and comes out of share().
    virtual void run(std::size_t part) = 0;
  };

  /// Runs each part below `parts` once, in any order, and returns the workers that did. `make` may be called by
  /// several threads at once.
  virtual std::vector<std::unique_ptr<Worker>> share(std::size_t parts, const std::function<std::unique_ptr<Worker>()> &make) = 0;
};

} // namespace datavet
