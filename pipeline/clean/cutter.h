/// libhdf5 takes rows out of a copy, in a process of its own (worker/cutter_main.cpp).
#pragma once

#include <chrono>
#include <string>

#include "formats/hdf5/cut/row_cut.h"
#include "pipeline/io/file.h"
#include "pipeline/quarantine/step.h"

namespace datavet {

struct CutterOptions {
  const InnerJudges *judges = nullptr; ///< of encoded pictures in rows, with their decoders; null = they are not looked at
  std::string worker_directory; ///< as PoolOptions::worker_directory
  std::string decoder_directory; ///< the same, for datavet-worker-hdf5
  std::chrono::milliseconds patience{600'000}; ///< without a sign of life
  Limits limits;
};

/// `target` holds what write_skeleton() made of the original; when this is done, the copy without the rows. refused: libhdf5
/// would not, or died, or did not come to an end; then `target` holds nothing of use. Nothing else on disk is
/// touched, by no process.
StepResult run_cutter(const File &original, int target, const hdf5::RowCut &cut, const CutterOptions &options);

} // namespace datavet
