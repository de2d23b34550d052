/// The parallel pipeline. The only place that knows the flow graph.
#pragma once

#include <cstddef>
#include <stop_token>

#include <datavet/result.h>
#include <datavet/scan.h>

#include "pipeline/check.h"
#include "pipeline/decide.h"
#include "pipeline/deliver.h"
#include "pipeline/enumerate/file_walk.h"
#include "pipeline/fill.h"

namespace datavet {

/// The steps of a scan, ready to run: by the graph, or one after the other (the tests' oracle).
struct ScanSteps {
  FileWalk &walk;
  FillOptions fill;
  CheckContext check;
  RuleSelection rules;
  Delivery &delivery;
  Progress *progress = nullptr;
};

struct GraphLimits {
  std::size_t buffers = 6;               ///< the tokens: batches in flight
  std::size_t buffer_bytes = 2 << 20;    ///< normal size of one
  std::size_t open_groups = 4;           ///< groups of files in flight, and as many rests of such groups split off for idle threads; one open file each
  std::uint64_t large_bytes = 128 << 20; ///< what all samples larger than a buffer may take together
};

/// Runs to the end, or until `stop`. Returns the sink's error, if it had one; what a sink throws, or a lack of
/// memory or threads outside the check of a sample, ends the scan with an error too.
Result<void> run_scan_graph(ScanSteps &steps, const GraphLimits &limits, std::stop_token stop);

} // namespace datavet
