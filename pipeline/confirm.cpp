#include "pipeline/confirm.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "formats/any/rules.h"
#include "pipeline/io/file_identity.h"

namespace datavet {

namespace {

constexpr std::size_t compared_at_once = 64 << 10;

Confirmation changed(std::string detail) { return {&any::changed, std::move(detail), {}}; }
Confirmation unreadable(int error) { return {&any::unreadable, std::strerror(error), {}}; }

/// Nothing when the file has these bytes, and no others.
std::optional<Confirmation> objection_of(const File &file, Bytes judged) {
  Confirmation differs = changed("a second reading gave other bytes");
  if (file.size() != judged.size()) return differs;
  std::vector<std::uint8_t> again(std::min<std::size_t>(judged.size(), compared_at_once));
  for (std::uint64_t at = 0; at < judged.size(); at += again.size()) {
    const Bytes before = judged.subspan(at, std::min<std::uint64_t>(judged.size() - at, again.size()));
    const Source::Read read = file.read(at, std::span(again).first(before.size()));
    if (read.error != 0) return unreadable(read.error);
    if (read.count != before.size() || !std::equal(before.begin(), before.end(), again.begin()))
      return differs;
  }
  if (file.changed()) return changed("something wrote to it during a second reading");
  return std::nullopt;
}

} // namespace

Confirmation confirm(const FileGroup &group, std::string_view name, Bytes judged) {
  UniqueFd fd = open_to_read(group.folder->fd.get(), name.data(), group.follow_links);
  if (!fd && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
    return changed("it is gone since it was read");
  if (!fd) return unreadable(errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return unreadable(errno);
  if (!S_ISREG(status.st_mode)) return changed("something else has its name since it was read");
  const File file(std::move(fd), identity_of(status));
  if (std::optional<Confirmation> objection = objection_of(file, judged)) return *objection;
  return {nullptr, {}, file.stamp()};
}

} // namespace datavet
