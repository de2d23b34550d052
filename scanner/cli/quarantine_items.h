/// From reported samples to what the quarantine takes.
#pragma once

#include <string>
#include <vector>

#include <datavet/result.h>
#include <datavet/sink.h>

#include "pipeline/quarantine/quarantine.h"
#include "pipeline/report/read_report.h"

namespace datavet::cli {

/// What is set aside, and how: the flags that `scan` and `quarantine` share.
struct QuarantineFlags {
  std::string directory;
  QuarantineMode mode = QuarantineMode::move;
  Severity min_severity = Severity::error; ///< error: corrupt samples; warning: suspect ones too
  bool dry_run = false;
  bool force = false;
  bool on_stderr = false; ///< standard output holds a report that machines read
  bool quiet = false;
};

/// Whether a sample of this verdict is to be set aside. Unchecked samples stay: nobody knows that they are bad.
bool is_bad_enough(Verdict verdict, Severity min_severity);
/// Notes under a heading: the first 20, and how many more.
std::string notes_text(const char *heading, const QuarantineNotes &notes);

/// "move", "copy", "link" or "list", as --mode takes them.
QuarantineMode quarantine_mode_named(std::string_view name);

/// Keeps what a scan finds bad until the scan has ended: the safety stop must see the whole.
class QuarantineList final : public Sink {
public:
  QuarantineList(ReadReport &into, const QuarantineFlags &flags) : report_(into), flags_(flags) {}
  /// Refuses, before anything is scanned, what could not be set aside in the end.
  Result<void> begin(const RunInfo &run) override;
  Result<void> sample(const SampleReport &report) override;
  Result<void> finish(const Summary &summary) override;

private:
  ReadReport &report_;
  QuarantineFlags flags_;
};

/// Acts and prints what was done. Returns the exit code: 0, 2 (refused), 3 (not all could be set aside).
int act_on(const ReadReport &report, const QuarantineFlags &flags);

} // namespace datavet::cli
