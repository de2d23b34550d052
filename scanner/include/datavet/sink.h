/// Receives the results of a scan.
#pragma once

#include <datavet/report.h>
#include <datavet/result.h>

namespace datavet {

/// Called from one thread at a time, never concurrently; samples come in no particular order (the set
/// is the same on any number of threads). An error ends the scan and is returned by scan().
class Sink {
public:
  virtual ~Sink() = default;
  /// True to be told of healthy samples and other files too.
  virtual bool wants_all() const { return false; }
  virtual Result<void> begin(const RunInfo &) { return {}; }
  virtual Result<void> sample(const SampleReport &report) = 0;
  virtual Result<void> other(const OtherFile &) { return {}; }
  virtual Result<void> finish(const Summary &) { return {}; }
};

} // namespace datavet
