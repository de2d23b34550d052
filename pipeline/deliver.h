/// Hands decided batches to the sink and keeps the accounts. Serial by design.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <datavet/report.h>
#include <datavet/result.h>
#include <datavet/scan.h>
#include <datavet/sink.h>

#include "pipeline/messages.h"

namespace datavet {

class Delivery {
public:
  Delivery(Sink &sink, Progress *progress) : sink_(sink), progress_(progress), wants_all_(sink.wants_all()) {}

  /// An error is the sink's: the scan cannot go on.
  Result<void> deliver(const DecidedBatchPtr &batch);
  const Summary &summary() const { return summary_; }

private:
  struct FileTally {
    std::uint64_t samples = 0;
    std::uint64_t unchecked = 0;
    std::uint64_t batches = 0;
    std::uint64_t batches_in_all = 0; ///< 0 = the last batch has not come yet
  };

  Result<void> report(const SampleBatch &batch, const SampleResult &result);
  void account(const SampleResult *result, const Sample &sample);
  void close_files(const SampleBatch &batch, const std::vector<FileTally> &tallies);
  void close_file(const FileTally &tally);

  Sink &sink_;
  Progress *progress_;
  bool wants_all_;
  Summary summary_;
  std::unordered_map<std::uint64_t, FileTally> shards_; ///< those with batches still to come
};

} // namespace datavet
