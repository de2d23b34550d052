/// A shard from its start to its end, record by record, in bounded memory: as the scan frames it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "formats/deflate/wrapping.h"
#include "formats/format.h"
#include "pipeline/io/file.h"
#include "pipeline/quarantine/step.h"

namespace datavet {

/// Receives the records of a shard, in order.
class RecordVisitor : public SampleSink {
public:
  /// What is not done ends the walk at the end of its window.
  StepResult problem;
};

struct WalkEnd {
  std::uint64_t stream_size = 0;  ///< plain bytes that the shard gave
  std::optional<Finding> trouble; ///< how the stream ends, if not as it should
};

/// Windows of 1 MiB; larger ones for larger records, up to the limit for one sample. A record that the end of
/// a broken-off stream cuts is told as broken(), as a scan reports it. The visitor's problem is returned;
/// failed = the file cannot be read, changed = it is not what `file` was opened as any more.
StepResult walk_shard(std::shared_ptr<const File> file, Wrapping wrapping, const Format &format,
                      RecordVisitor &visitor, WalkEnd &end);

} // namespace datavet
