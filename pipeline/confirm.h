/// A second look at a file that was judged by its bytes alone.
#pragma once

#include <string>
#include <string_view>

#include <datavet/finding.h>
#include <datavet/report.h>

#include "pipeline/messages.h"

namespace datavet {

struct Confirmation {
  const Rule *objection = nullptr; ///< null: the file still has these bytes, and `stamp` is its own
  std::string detail;              ///< of the objection
  FileStamp stamp;
};

/// Opens the file `name` of the group (see FileName) again and compares its bytes with those that were
/// judged. What is then reported of the file, and done with it, is true of the file that bears the stamp,
/// whenever it was read first: no clock is asked, which on a network file system is another machine's.
Confirmation confirm(const FileGroup &group, std::string_view name, Bytes judged);

} // namespace datavet
