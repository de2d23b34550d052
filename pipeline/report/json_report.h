/// The report as JSON: the lines of schema datavet-report/1 (docs/report-1.schema.json).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <datavet/sink.h>

#include "pipeline/report/output.h"

namespace datavet {

enum class JsonShape : unsigned char {
  lines,   ///< one object a line: run, samples as they come, summary last; no summary = cut short
  document ///< one object: {"run":..., "samples":[...], "summary":...}
};
enum class Listed : unsigned char { unhealthy, all };

class JsonReport final : public Sink {
public:
  JsonReport(std::unique_ptr<Output> output, JsonShape shape, Listed listed)
      : output_(std::move(output)), shape_(shape), listed_(listed) {}

  /// Decides the "exit" of the summary, so that whoever reads the report knows how the run ended.
  void set_exit_code(std::function<int(const Summary &)> exit_code) { exit_code_ = std::move(exit_code); }

  bool wants_all() const override { return listed_ == Listed::all; }
  Result<void> begin(const RunInfo &run) override;
  Result<void> sample(const SampleReport &report) override;
  Result<void> other(const OtherFile &file) override;
  Result<void> finish(const Summary &summary) override;

private:
  Result<void> member(const std::string &object);

  std::unique_ptr<Output> output_;
  JsonShape shape_;
  Listed listed_;
  bool several_roots_ = false;
  bool first_ = true;
  std::function<int(const Summary &)> exit_code_;
};

} // namespace datavet
