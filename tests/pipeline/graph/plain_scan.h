/// The oracle of the graph: the same steps, one after the other, on one thread.
#pragma once

#include "pipeline/scan_graph.h"

namespace datavet::test {

inline Result<void> run_plain_scan(ScanSteps &steps, std::size_t buffer_bytes) {
  while (std::optional<FileGroup> group = steps.walk.next()) {
    FileCursor cursor{std::move(*group), 0, nullptr};
    for (CursorState state = CursorState::unfinished; state != CursorState::done;) {
      Filled filled = fill(steps.fill, cursor, std::make_shared<Buffer>(buffer_bytes), [](std::uint64_t) { return true; });
      state = filled.cursor;
      DecidedBatchPtr decided = decide(steps.rules, check(steps.check, std::move(filled.batch)));
      if (Result<void> delivered = steps.delivery.deliver(decided); !delivered) return delivered;
    }
  }
  return {};
}

} // namespace datavet::test
