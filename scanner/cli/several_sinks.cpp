#include "scanner/cli/several_sinks.h"

#include <algorithm>

namespace datavet::cli {

bool SeveralSinks::wants_all() const {
  return std::any_of(sinks_.begin(), sinks_.end(), [](const std::unique_ptr<Sink> &sink) { return sink->wants_all(); });
}

template <class Call> Result<void> SeveralSinks::each(Call &&call) {
  std::erase_if(sinks_, [&](const std::unique_ptr<Sink> &sink) {
    Result<void> done = call(*sink);
    if (!done && failure_) failure_ = done;
    return !done;
  });
  return sinks_.empty() ? failure_ : Result<void>();
}

Result<void> SeveralSinks::begin(const RunInfo &run) {
  const Result<void> begun = each([&](Sink &sink) { return sink.begin(run); });
  return failure_ ? begun : failure_; // nothing was scanned yet: better no report than some
}
Result<void> SeveralSinks::sample(const SampleReport &report) {
  return each([&](Sink &sink) { return sink.sample(report); });
}
Result<void> SeveralSinks::other(const OtherFile &file) {
  return each([&](Sink &sink) { return sink.wants_all() ? sink.other(file) : Result<void>(); });
}
Result<void> SeveralSinks::finish(const Summary &summary) {
  const Result<void> finished = each([&](Sink &sink) { return sink.finish(summary); });
  return failure_ ? finished : failure_;
}

} // namespace datavet::cli
