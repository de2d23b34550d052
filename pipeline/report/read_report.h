/// Reads a report back (JSON lines, schema datavet-report/1). The report is input like any other: hostile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <datavet/options.h>
#include <datavet/report.h>
#include <datavet/result.h>

namespace datavet {

/// What acting on a report needs of one of its samples.
struct ReportedSample {
  std::string path; ///< bytes, relative to the root
  std::size_t root = 0;
  std::string format; ///< empty = no known format
  std::optional<RecordPlace> record;
  Verdict verdict = Verdict::unchecked;
  FileStamp stamp;
  std::optional<std::uint64_t> content_hash;
  std::string rules; ///< ids, comma-separated
  bool names_rows = false; ///< of a dataset, in an error
};

struct ReadReport {
  std::vector<std::string> roots;
  Depth depth = Depth::content;
  std::vector<ReportedSample> samples; ///< those not healthy
  std::uint64_t samples_in_all = 0;    ///< of the summary
  bool has_summary = false;            ///< false: the report was cut short
  bool complete = false;               ///< the scan went to its end
};

/// An error (usage) names the line that is not as the schema says.
Result<ReadReport> read_report(const std::string &path);

} // namespace datavet
