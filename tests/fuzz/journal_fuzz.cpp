#include <cstdlib>

#include <fmt/format.h>

#include "formats/checksum/crc32.h"
#include "pipeline/quarantine/journal_lines.h"
#include "pipeline/quarantine/place.h"

using namespace datavet;

/// Gives each line a sound CRC, for random input never has one.
static std::string with_checksums(std::string_view lines) {
  std::string text;
  for (std::size_t end; !lines.empty(); lines.remove_prefix(std::min(lines.size(), end + 1))) {
    end = std::min(lines.find('\n'), lines.size());
    const Bytes line(reinterpret_cast<const std::uint8_t *>(lines.data()), end);
    text += fmt::format("{},\"crc\":\"{:08x}\"}}\n", lines.substr(0, end), crc32(line));
  }
  return text;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char *>(data), size);
  for (const std::string &text : {std::string(raw), with_checksums(raw)}) {
    const Result<JournalState> state = replay(text);
    if (!state) continue;
    const Result<JournalState> again = replay(std::string_view(text).substr(0, state->sound_bytes));
    if (!again || again->operations != state->operations ||
        standing_operations(*again) != standing_operations(*state))
      std::abort();
    for (const Operation &operation : state->operations)
      if (!is_path_beneath(operation.path) || state->roots.at(operation.root).front() != '/') std::abort();
  }
  return 0;
}
