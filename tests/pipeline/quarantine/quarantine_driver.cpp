// Quarantines or restores, for fault_test.py to kill. Exit: 0 all done, 1 something was left, 2 usage, 3
// incomplete.
//   quarantine_driver quarantine ROOT DIRECTORY MODE ITEMS      quarantine_driver restore DIRECTORY
// A line of ITEMS: path as hex, device, inode, size, mtime_ns, ctime_ns, and for a record: ordinal, offset,
// size.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "pipeline/quarantine/quarantine.h"

namespace {

using namespace datavet;

std::string from_hex(const std::string &digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::vector<QuarantineItem> read_items(const char *file) {
  std::vector<QuarantineItem> items;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    QuarantineItem item;
    std::string path;
    FileIdentity &identity = item.identity;
    cells >> path >> identity.device >> identity.inode >> identity.size >> identity.mtime_ns >>
        identity.ctime_ns;
    item.path = from_hex(path);
    RecordPlace record;
    if (cells >> record.ordinal >> record.offset >> record.size) item.record = record;
    item.reason = "fault.test";
    items.push_back(std::move(item));
  }
  return items;
}

int failed(const Error &error) {
  fmt::print(stderr, "{}\n", error.message);
  return error.kind == Error::Kind::usage ? 2 : 3;
}

int print(const QuarantineNotes &problems) {
  for (const QuarantineNote &note : problems.list) fmt::print(stderr, "{}: {}\n", note.path, note.reason);
  return 0;
}

int run_quarantine(char **arguments) {
  const std::string modes[] = {"move", "copy", "link", "list"};
  QuarantineOptions options;
  options.root = arguments[0];
  options.directory = arguments[1];
  for (unsigned mode = 0; mode < 4; ++mode)
    if (modes[mode] == arguments[2]) options.mode = static_cast<QuarantineMode>(mode);
  options.force = true;
  const std::vector<QuarantineItem> items = read_items(arguments[3]);
  ::getppid(); // where fault_test.py begins to count system calls
  const Result<QuarantineOutcome> outcome = quarantine(items, options);
  if (!outcome) return failed(outcome.error());
  print(outcome->problems);
  fmt::print("done {} listed {} already {}\n", outcome->done, outcome->listed, outcome->already_done);
  return outcome->done + outcome->listed + outcome->already_done == items.size() ? 0 : 1;
}

int run_restore(char **arguments) {
  RestoreOptions options;
  options.directory = arguments[0];
  ::getppid();
  const Result<RestoreOutcome> outcome = restore(options);
  if (!outcome) return failed(outcome.error());
  print(outcome->problems);
  fmt::print("restored {}\n", outcome->restored);
  return outcome->occupied + outcome->changed + outcome->vanished + outcome->refused + outcome->failed == 0
             ? 0
             : 1;
}

} // namespace

int main(int count, char **arguments) {
  const std::string command = count > 1 ? arguments[1] : "";
  if (command == "quarantine" && count == 6) return run_quarantine(arguments + 2);
  if (command == "restore" && count == 3) return run_restore(arguments + 2);
  fmt::print(stderr, "usage: quarantine_driver quarantine ROOT DIRECTORY MODE ITEMS | restore DIRECTORY\n");
  return 2;
}
