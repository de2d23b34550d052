// Cleans shards, for fault_test.py to kill. Exit: 0 all done, 1 something was left, 2 usage, 3 incomplete.
//   clean_driver ROOT DIRECTORY ITEMS
// A line of ITEMS: path as hex, device, inode, size, mtime_ns, ctime_ns, then ordinal and offset of each bad
// record.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "formats/registry.h"
#include "pipeline/clean/clean.h"

namespace {

std::string from_hex(const std::string &digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::vector<datavet::ShardToClean> read_items(const char *file) {
  std::vector<datavet::ShardToClean> shards;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    datavet::ShardToClean &shard = shards.emplace_back();
    datavet::FileIdentity &identity = shard.identity;
    cells >> shard.path >> identity.device >> identity.inode >> identity.size >> identity.mtime_ns >>
        identity.ctime_ns;
    shard.path = from_hex(shard.path);
    shard.format = datavet::format_named(datavet::registry(), "tfrecord");
    datavet::BadRecord record;
    record.rules = "fault.test";
    while (cells >> record.ordinal >> record.offset) shard.bad.push_back(record);
  }
  return shards;
}

} // namespace

int main(int count, char **arguments) {
  if (count != 4) return 2;
  datavet::CleanOptions options;
  options.root = arguments[1];
  options.directory = arguments[2];
  options.index = datavet::RangeIndex::of_clean;
  const std::vector<datavet::ShardToClean> shards = read_items(arguments[3]);
  ::getppid(); // where fault_test.py begins to count system calls
  const datavet::Result<datavet::CleanOutcome> outcome = datavet::clean(shards, options);
  if (!outcome) {
    fmt::print(stderr, "{}\n", outcome.error().message);
    return outcome.error().kind == datavet::Error::Kind::usage ? 2 : 3;
  }
  for (const datavet::QuarantineNote &note : outcome->problems.list)
    fmt::print(stderr, "{}: {}\n", note.path, note.reason);
  fmt::print("written {} already {}\n", outcome->written, outcome->already_done);
  return outcome->written + outcome->already_done + outcome->without_good == shards.size() ? 0 : 1;
}
