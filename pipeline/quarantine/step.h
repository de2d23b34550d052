/// What came of one attempt to do something to one file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/quarantine/place.h"

namespace datavet {

enum class Step : std::uint8_t {
  done,
  already_done, ///< by an earlier run
  changed,      ///< not the file or not the bytes that were meant: left alone
  vanished,
  refused,          ///< no regular file, a path that may not be followed, a name that is taken
  occupied,         ///< another file lies where it should go back to: never overwritten
  source_read_only, ///< the file may not be taken away from where it is
  target_read_only, ///< nothing may be put there
  failed,           ///< this file only: it cannot be read
  full,             ///< no space: the source is untouched, and everything else would fail too
  stopped,          ///< trouble that no other file will escape; recovery must look at what is on disk
};

struct StepResult {
  Step step = Step::done;
  std::string reason; ///< in words; with done: something worth knowing

  bool is_done() const { return step == Step::done; }
  bool ends_run() const { return step == Step::full || step == Step::stopped; }
};

bool is_permission(int error);

/// What an errno means for a file that is read, or for the path that leads to it.
StepResult source_trouble(int error);
/// What an errno means for a place that is written.
StepResult target_trouble(int error, std::string_view what);
StepResult stopped(std::string_view what, int error);

} // namespace datavet
