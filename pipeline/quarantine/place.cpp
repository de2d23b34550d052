#include "pipeline/quarantine/place.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

namespace datavet {
namespace {

/// Below PATH_MAX; a longer path is resolved in pieces.
constexpr std::size_t longest_piece = 3000;

Attempt<UniqueFd> open_beneath(int base, const std::string &path, int flags) {
  open_how how{};
  how.flags = static_cast<decltype(how.flags)>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  for (int tries = 0;; ++tries) {
    const long number = ::syscall(SYS_openat2, base, path.c_str(), &how, sizeof how);
    if (number >= 0) return {UniqueFd(static_cast<int>(number)), 0};
    // openat2(2): EAGAIN when a rename raced with the resolution; try again, but not for ever.
    const bool again = errno == EINTR || (errno == EAGAIN && tries < 100);
    if (!again) return {{}, errno};
  }
}

Attempt<UniqueFd> open_folder(int base, std::string_view path) {
  Attempt<UniqueFd> folder;
  while (path.size() > longest_piece) {
    const std::size_t slash = path.rfind('/', longest_piece);
    if (slash == std::string_view::npos) return {{}, ENAMETOOLONG};
    folder = open_beneath(folder.value ? folder.value.get() : base, std::string(path.substr(0, slash)),
                          O_RDONLY | O_DIRECTORY);
    if (!folder) return folder;
    path.remove_prefix(slash + 1);
  }
  return open_beneath(folder.value ? folder.value.get() : base, std::string(path), O_RDONLY | O_DIRECTORY);
}

Attempt<UniqueFd> open_or_make_folder(int base, const std::string &name, mode_t mode) {
  Attempt<UniqueFd> folder = open_beneath(base, name, O_RDONLY | O_DIRECTORY);
  if (folder || folder.error != ENOENT) return folder;
  if (::mkdirat(base, name.c_str(), mode) != 0 && errno != EEXIST) return {{}, errno};
  if (int error = sync_folder(base); error != 0) return {{}, error};
  return open_beneath(base, name, O_RDONLY | O_DIRECTORY);
}

std::string_view folder_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view(".") : path.substr(0, slash);
}

std::string name_part(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1)); // npos + 1 = 0: all of it
}

} // namespace

bool is_path_beneath(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return false;
  for (;;) {
    const std::size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    if (component.empty() || component == "." || component == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

Attempt<Place> find_place(int base, const std::string &path) {
  if (!is_path_beneath(path)) return {{}, EXDEV};
  Attempt<UniqueFd> folder = open_folder(base, folder_part(path));
  return {{std::move(folder.value), name_part(path)}, folder.error};
}

Attempt<Place> make_place(int base, const std::string &path, mode_t mode) {
  Attempt<Place> found = find_place(base, path);
  if (found || found.error != ENOENT) return found;
  Attempt<UniqueFd> folder;
  std::string_view rest = path;
  for (std::size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    folder = open_or_make_folder(folder.value ? folder.value.get() : base, std::string(rest.substr(0, slash)),
                                 mode);
    if (!folder) return {{}, folder.error};
    rest.remove_prefix(slash + 1);
  }
  return {{std::move(folder.value), std::string(rest)}, 0};
}

Attempt<UniqueFd> open_for_reading(const Place &place) {
  return open_beneath(place.folder.get(), place.name, O_RDONLY | O_NONBLOCK);
}

Attempt<struct stat> status_of(const Place &place) {
  Attempt<struct stat> status;
  if (::fstatat(place.folder.get(), place.name.c_str(), &status.value, AT_SYMLINK_NOFOLLOW) != 0)
    status.error = errno;
  return status;
}

int sync_folder(int folder) {
  if (::fsync(folder) == 0 || errno == EINVAL || errno == ENOTSUP) return 0;
  return errno;
}

int folder_is_not_writable(int folder) {
  return ::faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

std::string words_for(int error) { return std::generic_category().message(error); }

} // namespace datavet
