#include "scanner/cli/several_sinks.h"

#include <algorithm>

namespace datavet::cli {

bool SeveralSinks::wants_all() const {
  return std::any_of(sinks_.begin(), sinks_.end(), [](const std::unique_ptr<Sink> &sink) { return sink->wants_all(); });
}

template <class Call> Result<void> SeveralSinks::each(Call &&call) {
  for (const std::unique_ptr<Sink> &sink : sinks_)
    if (Result<void> done = call(*sink); !done) return done;
  return {};
}

Result<void> SeveralSinks::begin(const RunInfo &run) {
  return each([&](Sink &sink) { return sink.begin(run); });
}
Result<void> SeveralSinks::sample(const SampleReport &report) {
  return each([&](Sink &sink) { return sink.sample(report); });
}
Result<void> SeveralSinks::other(const OtherFile &file) {
  return each([&](Sink &sink) { return sink.wants_all() ? sink.other(file) : Result<void>(); });
}
Result<void> SeveralSinks::finish(const Summary &summary) {
  return each([&](Sink &sink) { return sink.finish(summary); });
}

} // namespace datavet::cli
