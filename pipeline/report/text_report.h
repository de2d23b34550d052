/// The report for people: sorted by path, bounded, safe to show on a terminal.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include <datavet/sink.h>

#include "pipeline/report/output.h"

namespace datavet {

enum class TextShape : unsigned char {
  blocks, ///< a path, its findings below, a summary at the end
  lines,  ///< "path:offset: severity rule: detail", one line a finding, for editors and grep
  csv,    ///< path,sample,format,verdict,rule,fault,severity,offset,length,detail,part,first_row,rows
};

struct TextOptions {
  TextShape shape = TextShape::blocks;
  bool all = false;     ///< healthy samples and other files too
  bool colour = false;
  bool explain = false; ///< what each finding does to a loader
  bool quiet = false;   ///< no summary
  std::size_t most = 10'000; ///< samples shown; the rest are counted (not for csv)
};

class TextReport final : public Sink {
public:
  TextReport(std::unique_ptr<Output> output, TextOptions options)
      : output_(std::move(output)), options_(options) {}

  bool wants_all() const override { return options_.all; }
  Result<void> begin(const RunInfo &run) override;
  Result<void> sample(const SampleReport &report) override;
  Result<void> other(const OtherFile &file) override;
  Result<void> finish(const Summary &summary) override;

private:
  /// What is shown of one sample, and where it sorts.
  struct Entry {
    std::string path;
    std::uint64_t ordinal; ///< 0 = the file itself, n + 1 = record n
    std::string text;
    bool operator<(const Entry &other) const {
      if (path != other.path) return path < other.path;
      return ordinal != other.ordinal ? ordinal < other.ordinal : text < other.text;
    }
  };

  Result<void> keep(Entry entry);
  std::string shown_path(std::string_view path, std::size_t root) const;
  std::string block(const SampleReport &report) const;
  std::string lines(const SampleReport &report) const;
  std::string csv(const SampleReport &report) const;
  std::string summary_text(const Summary &summary) const;
  std::string painted(std::string_view text, Severity severity) const;

  std::unique_ptr<Output> output_;
  TextOptions options_;
  RunInfo run_;
  std::priority_queue<Entry> entries_; ///< the first `most` in order: the same on any number of threads
  std::uint64_t not_shown_ = 0;
};

} // namespace datavet
