/// Which file was meant, and in which state: what a scan saw is compared with it before anything is done.
#pragma once

#include <cstdint>

#include <sys/stat.h>

#include <datavet/report.h>

namespace datavet {

/// Any write to a file, any change of its owner or mode and any replacement changes at least one field.
using FileIdentity = FileStamp;

inline FileIdentity identity_of(const struct stat &status) {
  constexpr std::int64_t ns_in_s = 1'000'000'000;
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
          static_cast<std::uint64_t>(status.st_size),
          status.st_mtim.tv_sec * ns_in_s + status.st_mtim.tv_nsec,
          status.st_ctim.tv_sec * ns_in_s + status.st_ctim.tv_nsec};
}

/// The same file with the same content, though it may have been renamed or linked since: both change
/// ctime and nothing else.
inline bool same_but_for_ctime(const FileIdentity &a, const FileIdentity &b) {
  return a.device == b.device && a.inode == b.inode && a.size == b.size && a.mtime_ns == b.mtime_ns;
}

} // namespace datavet
