/// What belongs to a file besides its bytes.
#pragma once

#include <string>

#include <sys/stat.h>

#include "pipeline/quarantine/step.h"

namespace datavet {

/// Owner, mode, extended attributes (access control lists among them) and times. What this user may not set
/// or the file system cannot hold is told in `remark` and is no failure.
StepResult copy_attributes(int from, const struct stat &status, int to, std::string &remark);

} // namespace datavet
