/// One scan, any number of reports.
#pragma once

#include <memory>
#include <vector>

#include <datavet/sink.h>

namespace datavet::cli {

class SeveralSinks final : public Sink {
public:
  void add(std::unique_ptr<Sink> sink) { sinks_.push_back(std::move(sink)); }

  bool wants_all() const override;
  Result<void> begin(const RunInfo &run) override;
  Result<void> sample(const SampleReport &report) override;
  Result<void> other(const OtherFile &file) override;
  Result<void> finish(const Summary &summary) override;

private:
  /// A sink that fails is left out from then on; the others get to their end.
  template <class Call> Result<void> each(Call &&call);
  std::vector<std::unique_ptr<Sink>> sinks_;
  Result<void> failure_;
};

} // namespace datavet::cli
