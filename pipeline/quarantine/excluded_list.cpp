#include "pipeline/quarantine/excluded_list.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <fmt/format.h>

#include "pipeline/quarantine/place.h"

namespace datavet {
namespace {

constexpr std::string_view ends_a_line = "\n\r";
constexpr std::string_view ends_a_cell = "\n\r\t";

/// As it is, or escaped behind a leading backslash when it holds a backslash or one of `special`.
std::string escaped(const std::string &path, std::string_view special) {
  if (path.find('\\') == std::string::npos && path.find_first_of(special) == std::string::npos) return path;
  std::string line = "\\";
  for (char c : path) {
    if (c == '\\')
      line += "\\\\";
    else if (special.find(c) == std::string_view::npos)
      line += c;
    else
      line += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
  }
  return line;
}

bool serves_several_roots(const JournalState &state) {
  return std::any_of(state.roots.begin(), state.roots.end(),
                     [&](const std::string &root) { return root != state.roots.front(); });
}

int write_new(int folder, const std::string &name, const std::string &text) {
  UniqueFd file(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return errno;
  if (int error =
          write_all(file.get(), Bytes(reinterpret_cast<const std::uint8_t *>(text.data()), text.size()));
      error != 0)
    return error;
  return ::fsync(file.get()) == 0 ? 0 : errno;
}

int replace(int folder, const std::string &name, const std::string &text) {
  if (text.empty() && ::faccessat(folder, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0) return 0;
  const std::string part = ".datavet-" + name + ".part";
  int error = write_new(folder, part, text);
  if (error == 0 && ::renameat(folder, part.c_str(), folder, name.c_str()) == 0) return 0;
  if (error == 0) error = errno;
  ::unlinkat(folder, part.c_str(), 0);
  return error;
}

} // namespace

ExcludedLists excluded_lists(const JournalState &state) {
  ExcludedLists lists;
  const bool absolute = serves_several_roots(state);
  for (std::uint64_t id : standing_operations(state)) {
    const Operation &operation = state.operations[id - 1];
    if (operation.action == Action::move) continue;
    const std::string path = absolute ? state.roots[operation.root] + "/" + operation.path : operation.path;
    if (operation.record) {
      const RecordSpan &span = *operation.record;
      lists.records +=
          fmt::format("{}\t{}\t{}\t{}\n", escaped(path, ends_a_cell), span.ordinal, span.offset, span.size);
    } else {
      lists.text.append(escaped(path, ends_a_line)).push_back('\n');
      lists.nul.append(path).push_back('\0');
    }
  }
  return lists;
}

Result<void> write_excluded_lists(const JournalState &state, int quarantine_folder) {
  const ExcludedLists lists = excluded_lists(state);
  int error = replace(quarantine_folder, "excluded.txt", lists.text);
  if (error == 0) error = replace(quarantine_folder, "excluded.nul", lists.nul);
  if (error == 0) error = replace(quarantine_folder, "excluded-records.tsv", lists.records);
  if (error == 0) error = sync_folder(quarantine_folder);
  if (error == 0) return {};
  return Error{
      Error::Kind::incomplete,
      fmt::format("cannot write the exclusion lists: {}. Everything else is done; run the same command again",
                  words_for(error))};
}

} // namespace datavet
