#include "pipeline/quarantine/file_attributes.h"

#include <cerrno>
#include <vector>

#include <fmt/format.h>
#include <sys/xattr.h>

namespace datavet {
namespace {

/// xattr(7): the VFS allows names of 255 bytes, values and lists of 64 KiB.
constexpr std::size_t largest_attribute = std::size_t{64} << 10;

void remark_on(std::string &remark, std::string_view what) {
  if (!remark.empty()) remark += "; ";
  remark += what;
}

bool cannot_be_held(int error) {
  return error == EPERM || error == EACCES || error == ENOTSUP || error == EINVAL || error == ENOSYS ||
         error == E2BIG;
}

/// 0 or the errno of a failure that is one. Values that may not be read or set are skipped, and told.
int copy_one(int from, int to, const char *name, std::vector<char> &value, std::string &remark) {
  const ssize_t size = ::fgetxattr(from, name, value.data(), value.size());
  if (size < 0 && errno == ENODATA) return 0; // removed meanwhile
  if (size >= 0 && ::fsetxattr(to, name, value.data(), static_cast<std::size_t>(size), 0) == 0) return 0;
  if (!cannot_be_held(errno)) return errno;
  remark_on(remark, fmt::format("the attribute {} could not be kept", name));
  return 0;
}

int copy_extended(int from, int to, std::string &remark) {
  std::vector<char> names(largest_attribute);
  const ssize_t size = ::flistxattr(from, names.data(), names.size());
  if (size < 0) return cannot_be_held(errno) ? 0 : errno;
  std::vector<char> value(size > 0 ? largest_attribute : 0);
  for (const char *name = names.data(); name < names.data() + size; name += std::string_view(name).size() + 1)
    if (int error = copy_one(from, to, name, value, remark); error != 0) return error;
  return 0;
}

} // namespace

StepResult copy_attributes(int from, const struct stat &status, int to, std::string &remark) {
  if (::fchown(to, status.st_uid, status.st_gid) != 0) {
    if (!cannot_be_held(errno)) return target_trouble(errno, "cannot set the owner of the copy");
    remark_on(remark, fmt::format("the owner {}:{} could not be kept", status.st_uid, status.st_gid));
  }
  // After chown(2), which clears the set-user-ID bits.
  if (::fchmod(to, status.st_mode & 07777) != 0) {
    if (!cannot_be_held(errno)) return target_trouble(errno, "cannot set the mode of the copy");
    remark_on(remark, fmt::format("the mode {:o} could not be kept", status.st_mode & 07777u));
  }
  if (int error = copy_extended(from, to, remark); error != 0)
    return target_trouble(error, "cannot copy the extended attributes");
  // Last, for the others may touch them.
  const struct timespec times[2] = {status.st_atim, status.st_mtim};
  if (::futimens(to, times) != 0) return target_trouble(errno, "cannot set the times of the copy");
  return {};
}

} // namespace datavet
