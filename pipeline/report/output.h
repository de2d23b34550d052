/// Where a report goes: standard output or a file, written whole lines at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <datavet/result.h>

namespace datavet {

/// Every write, sync and close is checked: on a full disk or a network file system the failure may come last.
class Output {
public:
  virtual ~Output() = default;
  virtual Result<void> write(std::string_view text) = 0;
  /// After the last write.
  virtual Result<void> close() = 0;
};

/// Standard output. A reader that went away (a broken pipe) is success: nobody wants the rest.
std::unique_ptr<Output> standard_output();

/// A new file at `path`, written beside it under a temporary name and renamed at close(): a
/// cut-short report never looks whole. An existing file is replaced only then.
Result<std::unique_ptr<Output>> file_output(const std::string &path);

} // namespace datavet
