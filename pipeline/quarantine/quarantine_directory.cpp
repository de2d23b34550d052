#include "pipeline/quarantine/quarantine_directory.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "pipeline/quarantine/journal_lines.h"
#include "pipeline/quarantine/place.h"
#include "pipeline/report/escape.h"

namespace datavet {
namespace {

Error refused(const std::string &directory, std::string_view why) {
  return {Error::Kind::usage, fmt::format("the folder {}: {}", for_terminal(directory), why)};
}

/// lstat() follows a link whose name ends in a slash.
std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

/// The path of `inner` in `outer`, both absolute; empty when it is not inside.
std::string path_in(const std::string &outer, const std::string &inner) {
  const std::string prefix = outer == "/" ? outer : outer + "/";
  return inner.starts_with(prefix) ? inner.substr(prefix.size()) : std::string();
}

std::string folder_above(const std::string &directory) {
  const std::size_t slash = directory.rfind('/');
  return slash == std::string::npos ? "." : directory.substr(0, slash + 1);
}

Result<std::string> real_path_of_new_folder(const std::string &directory) {
  Result<std::string> real = real_folder_path(folder_above(directory));
  if (!real)
    return refused(directory, "the folder it shall be made in does not exist: make that first (mkdir -p)");
  return (*real == "/" ? *real : *real + "/") + directory.substr(directory.rfind('/') + 1);
}

/// Opens a folder by its last name: O_NOFOLLOW, owned by us.
Result<UniqueFd> open_own_folder(const std::string &directory) {
  UniqueFd folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder && (errno == ELOOP || errno == ENOTDIR)) {
    struct stat link {};
    const bool is_link = ::lstat(directory.c_str(), &link) == 0 && S_ISLNK(link.st_mode);
    return refused(directory, is_link ? "is a symbolic link: name the folder itself" : "is not a folder");
  }
  if (!folder) return refused(directory, words_for(errno));
  struct stat status {};
  if (::fstat(folder.get(), &status) != 0) return refused(directory, words_for(errno));
  if (status.st_uid != ::geteuid())
    return refused(directory, "belongs to another user: name one of your own, or run as its owner");
  return folder;
}

bool is_empty(int folder) {
  const std::unique_ptr<DIR, int (*)(DIR *)> listing(::fdopendir(::fcntl(folder, F_DUPFD_CLOEXEC, 0)),
                                                     ::closedir);
  if (listing == nullptr) return false;
  ::rewinddir(listing.get());
  while (const dirent *entry = ::readdir(listing.get()))
    if (std::string_view name = entry->d_name; name != "." && name != "..") return false;
  return true;
}

Error not_writable(const std::string &directory, int error) {
  return refused(directory,
                 fmt::format("cannot be written ({}): make it writable or name another; nothing was touched",
                             words_for(error)));
}

Result<void> make_folder(const std::string &directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return not_writable(directory, errno);
  UniqueFd parent(::open(folder_above(directory).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent && sync_folder(parent.get()) != 0) return not_writable(directory, EIO);
  return {};
}

Result<QuarantineFolder> pretend(const std::string &directory, std::string path_in_root) {
  const UniqueFd above(::open(folder_above(directory).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const int error = above ? folder_is_not_writable(above.get()) : errno;
  if (error != 0) return not_writable(directory, error);
  return QuarantineFolder{UniqueFd(), std::move(path_in_root)};
}

Result<void> check_against_root(const std::string &directory, const std::string &real,
                                const std::string &root) {
  if (real == root) return refused(directory, "is the dataset itself: name another");
  if (!path_in(real, root).empty()) return refused(directory, "holds the dataset: name another");
  return {};
}

} // namespace

bool is_quarantine_directory(int folder) {
  const std::string name(quarantine_journal_name);
  UniqueFd journal(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!journal) return errno == EACCES; // another user's: unreadable, but the name says enough
  struct stat status {};
  if (::fstat(journal.get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  std::array<char, 64> head;
  const ssize_t count = ::pread(journal.get(), head.data(), head.size(), 0);
  return count >= 0 && begins_as_journal(std::string_view(head.data(), static_cast<std::size_t>(count)));
}

bool is_quarantine_directory(const std::string &path) {
  const std::string directory = without_trailing_slashes(path);
  UniqueFd folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return folder && is_quarantine_directory(folder.get());
}

Result<std::string> real_folder_path(const std::string &path) {
  const std::unique_ptr<char, void (*)(void *)> real(::realpath(path.c_str(), nullptr), ::free);
  struct stat status {};
  if (real == nullptr || ::stat(real.get(), &status) != 0)
    return Error{Error::Kind::usage, fmt::format("{}: {}", for_terminal(path), words_for(errno))};
  if (!S_ISDIR(status.st_mode))
    return Error{Error::Kind::usage, fmt::format("{}: is not a folder", for_terminal(path))};
  return std::string(real.get());
}

Result<QuarantineFolder> open_quarantine_folder(const std::string &named, const std::string &root,
                                                WhenMissing when_missing) {
  if (named.empty()) return Error{Error::Kind::usage, "no quarantine directory is named"};
  const std::string directory = without_trailing_slashes(named);
  struct stat status {};
  const bool missing = ::lstat(directory.c_str(), &status) != 0 && errno == ENOENT;
  if (missing) {
    Result<std::string> real = real_path_of_new_folder(directory);
    if (!real) return real.error();
    if (Result<void> apart = check_against_root(directory, *real, root); !apart) return apart.error();
    if (when_missing == WhenMissing::pretend) return pretend(directory, path_in(root, *real));
    if (Result<void> made = make_folder(directory); !made) return made.error();
  }
  Result<UniqueFd> folder = open_own_folder(directory);
  if (!folder) return folder.error();
  Result<std::string> real = real_folder_path(directory);
  if (!real) return real.error();
  if (Result<void> apart = check_against_root(directory, *real, root); !apart) return apart.error();
  const std::string inside = path_in(root, *real);
  if (!inside.empty() && !is_quarantine_directory(folder->get()) && !is_empty(folder->get()))
    return refused(directory, "lies in the dataset and holds other things: name an empty or a new folder");
  if (int error = folder_is_not_writable(folder->get()); error != 0) return not_writable(directory, error);
  return QuarantineFolder{std::move(*folder), inside};
}

std::uint64_t device_of_quarantine(const std::string &named) {
  const std::string directory = without_trailing_slashes(named);
  struct stat status {};
  const bool known =
      ::stat(directory.c_str(), &status) == 0 || ::stat(folder_above(directory).c_str(), &status) == 0;
  return known ? status.st_dev : 0;
}

Result<UniqueFd> open_existing_quarantine(const std::string &named) {
  const std::string directory = without_trailing_slashes(named);
  Result<UniqueFd> folder = open_own_folder(directory);
  if (!folder) return folder.error();
  if (!is_quarantine_directory(folder->get()))
    return refused(directory, "holds no datavet quarantine journal");
  return folder;
}

} // namespace datavet
