#include "pipeline/quarantine/part.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <linux/fs.h>

namespace datavet {
namespace {

int rename_to_free_name(int from_folder, const std::string &from, int to_folder, const std::string &to) {
  if (::renameat2(from_folder, from.c_str(), to_folder, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL) return errno;
  // NFS, Lustre and others cannot do RENAME_NOREPLACE. A hard link refuses a taken name as well; between
  // the two calls the file has both names, which recovery recognises.
  if (::linkat(from_folder, from.c_str(), to_folder, to.c_str(), 0) != 0) return errno;
  if (::unlinkat(from_folder, from.c_str(), 0) == 0) return 0;
  const int error = errno;
  return ::unlinkat(to_folder, to.c_str(), 0) == 0 ? error : EIO;
}

} // namespace

int rename_to_free_name(const Place &from, const Place &to) {
  return rename_to_free_name(from.folder.get(), from.name, to.folder.get(), to.name);
}

StepResult Part::create() {
  file_ = UniqueFd(::openat(to_.place.folder.get(), to_.part_name.c_str(),
                            O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  return file_ ? StepResult{} : target_trouble(errno, "cannot create the copy");
}

StepResult Part::publish(const Content &content) {
  if (::fsync(file()) != 0) return target_trouble(errno, "cannot sync the copy");
  ::posix_fadvise(file(), 0, 0, POSIX_FADV_DONTNEED); // so that the disk is read, not the page cache
  const Attempt<Content> written = content_of(file());
  if (!written) return stopped("cannot read the copy back", written.error);
  if (written.value != content) return {Step::stopped, "the copy does not read back as it was written"};
  const int folder = to_.place.folder.get();
  if (int error = rename_to_free_name(folder, to_.part_name, folder, to_.place.name); error != 0)
    return target_trouble(error, "cannot name the copy");
  if (int error = sync_folder(folder); error != 0)
    return stopped("cannot sync the folder of the copy", error);
  return {};
}

StepResult Part::discard(StepResult why) {
  const bool removed = ::unlinkat(to_.place.folder.get(), to_.part_name.c_str(), 0) == 0 || errno == ENOENT;
  return removed ? why : stopped(why.reason + "; cannot remove a temporary file", errno);
}

} // namespace datavet
