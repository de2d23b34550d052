/// The temporary file of a copy: it gets its name when it is durable and read back, and never before.
#pragma once

#include <string>

#include "pipeline/quarantine/content_hash.h"
#include "pipeline/quarantine/step.h"

namespace datavet {

/// Where to, and the name of the temporary file beside it.
struct Target {
  Place place;
  std::string part_name;
};

/// `to` must outlive the part.
class Part {
public:
  explicit Part(const Target &to) : to_(to) {}
  Part(const Part &) = delete;
  Part &operator=(const Part &) = delete;

  StepResult create();
  int file() const { return file_.get(); }
  /// Makes it durable, reads it back from the disk, and gives it its name when it is `content`.
  StepResult publish(const Content &content);
  /// Removes it after the failure `why`. When that fails too the run must end, so that recovery sees to it.
  StepResult discard(StepResult why);

private:
  const Target &to_;
  UniqueFd file_;
};

/// Gives a file a new name unless that name is taken (EEXIST), atomically. 0 or an errno.
int rename_to_free_name(const Place &from, const Place &to);

} // namespace datavet
