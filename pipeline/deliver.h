/// Hands decided batches to the sink and keeps the accounts. Serial by design.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <datavet/report.h>
#include <datavet/result.h>
#include <datavet/scan.h>
#include <datavet/sink.h>

#include "pipeline/decide.h"
#include "pipeline/messages.h"
#include "pipeline/schema/dataset_watch.h"

namespace datavet {

class Delivery {
public:
  Delivery(Sink &sink, Progress *progress) : sink_(sink), progress_(progress), wants_all_(sink.wants_all()) {}

  /// An error is the sink's: the scan cannot go on.
  Result<void> deliver(const DecidedBatchPtr &batch);
  /// Once all batches are in: what shows only when whole datasets were seen. `complete` = all files were.
  Result<void> finish(const RuleSelection &rules, bool complete);
  Summary summary() const;

private:
  struct FileTally {
    std::uint64_t samples = 0;
    std::uint64_t unchecked = 0;
    const Format *records = nullptr; ///< its format, if that is one of many samples a file
    std::uint64_t batches = 0;
    std::uint64_t batches_in_all = 0; ///< 0 = the last batch has not come yet
  };

  Result<void> report(const SampleBatch &batch, const SampleResult &result);
  Result<void> report_others(const SampleBatch &batch);
  void account(const SampleResult *result, const Sample &sample);
  void close_files(const SampleBatch &batch);
  void close_file(const SampleBatch &batch, const BatchFile &file, const FileTally &tally);
  Result<void> report_unlike(const RuleSelection &rules);
  Result<void> report_shards(const RuleSelection &rules);
  void show_progress();
  std::string_view path_of(const SampleBatch &batch, std::string_view name);

  Sink &sink_;
  Progress *progress_;
  bool wants_all_;
  Summary summary_;
  std::unordered_map<const Rule *, std::uint64_t> rules_; ///< findings of each
  std::unordered_map<std::uint64_t, FileTally> shards_;   ///< those with batches still to come

  // Of the batch at hand; kept, so that the next needs no memory of its own.
  std::vector<FileTally> tallies_;                ///< of its files
  std::vector<const SampleResult *> of_samples_;  ///< of its samples, null = healthy
  std::string path_;

  DatasetWatch datasets_;
};

} // namespace datavet
