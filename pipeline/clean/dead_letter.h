/// The dead-letter shard: a TFRecord shard whose records hold the bytes of bad records as they were found,
/// framing included, and beside it a file that says where each came from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/clean/new_file.h"
#include "pipeline/clean/survey.h"

namespace datavet {

/// Frames what passes by in pieces, however large.
class DeadLetter {
public:
  /// `file` outlives it.
  explicit DeadLetter(NewFile &file) : file_(file) {}

  StepResult begin(std::uint64_t size);
  StepResult add(Bytes bytes);
  StepResult end();
  /// Records ended so far.
  std::uint64_t count() const { return count_; }

private:
  NewFile &file_;
  std::uint32_t crc_ = 0;
  std::uint64_t count_ = 0;
};

/// Where a shard lies, for its provenance.
struct ShardName {
  std::string_view root; ///< absolute
  std::string_view path; ///< relative to it
  Wrapping wrapping = Wrapping::none;
};

/// One line of JSON, ended. `bytes` is what exists of the record; `dead_letter` its number in the dead-letter
/// shard, for bytes > 0.
std::string provenance_line(const ShardName &shard, const BadRecord &record, std::uint64_t bytes,
                            std::uint64_t dead_letter);

} // namespace datavet
