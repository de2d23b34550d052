/// The oracle of the graph: the same steps, one after the other, on one thread.
#pragma once

#include "pipeline/batch_stack.h"
#include "pipeline/scan_graph.h"

namespace datavet::test {

inline Result<void> run_plain_scan(ScanSteps &steps, std::size_t buffer_bytes) {
  BatchStack batches(buffer_bytes);
  while (std::optional<FileGroup> group = steps.walk.next()) {
    FileCursor cursor{.group = std::move(*group)};
    for (CursorState state = CursorState::unfinished; state != CursorState::done;) {
      SampleBatchPtr batch = batches.take();
      state = fill(steps.fill, cursor, *batch, [](std::uint64_t) { return true; });
      DecidedBatchPtr decided = decide(steps.rules, check(steps.check, batch));
      if (Result<void> delivered = steps.delivery.deliver(decided); !delivered) return delivered;
      batches.give_back(std::move(batch));
    }
  }
  return {};
}

} // namespace datavet::test
