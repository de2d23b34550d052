/// The copy as it is before libhdf5 sees it: all bytes of the original but the data of datasets that lose rows, and the
/// headers and rows of those whose data are not chunked. What was taken out is a hole, of zeros.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "formats/hdf5/cut/row_cut.h"

namespace datavet::hdf5 {

/// Where the copy is written. Offsets are in the file.
class SkeletonSink {
public:
  virtual ~SkeletonSink() = default;
  /// 0 or an errno, which ends it.
  virtual int write(std::uint64_t offset, Bytes bytes) = 0;
};

struct SkeletonResult {
  int read_error = 0;   ///< errno of the original; the same for a file that became shorter: ENODATA
  int write_error = 0;  ///< errno of the sink
  std::string refusal;  ///< not empty: a dataset whose rows cannot be taken out
};

/// Memory: 16 bytes a chunk of the datasets that lose rows, and a block.
SkeletonResult write_skeleton(const Source &source, const RowCut &cut, const Limits &limits, SkeletonSink &sink);

} // namespace datavet::hdf5
