#include "formats/hdf5/file_bytes.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

std::optional<std::vector<std::uint8_t>> read_bytes(const Source &source, std::uint64_t offset,
                                                    std::uint64_t length, Evidence &evidence) {
  const std::uint64_t there = offset < source.size() ? source.size() - offset : 0;
  std::vector<std::uint8_t> bytes(std::min(length, there));
  Source::Read read = source.read(offset, bytes);
  if (read.error != 0) {
    evidence.findings.add(unreadable, offset, bytes.size(),
                          fmt::format("reading failed: {}", std::generic_category().message(read.error)));
    return std::nullopt;
  }
  bytes.resize(read.count); // the file shrank since it was opened
  return bytes;
}

} // namespace datavet::hdf5
