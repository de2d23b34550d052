#include "pipeline/enumerate/file_walk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include "pipeline/quarantine/quarantine_directory.h"
#include "pipeline/report/escape.h"

namespace datavet {

namespace {

constexpr std::size_t names_in_group = 64;
constexpr std::size_t problems_kept = 20;
constexpr const char *ignore_file_name = ".datavetignore";

enum class Kind : unsigned char { file, special, folder, link, gone };

Kind kind_of(const struct stat &status) {
  if (S_ISREG(status.st_mode)) return Kind::file;
  if (S_ISDIR(status.st_mode)) return Kind::folder;
  return S_ISLNK(status.st_mode) ? Kind::link : Kind::special;
}

Kind kind_of(const dirent &entry, int folder) {
  switch (entry.d_type) {
  case DT_REG: return Kind::file;
  case DT_DIR: return Kind::folder;
  case DT_LNK: return Kind::link;
  case DT_UNKNOWN: break; // some file systems do not say
  default: return Kind::special;
  }
  struct stat status{};
  if (::fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return Kind::gone;
  return kind_of(status);
}

/// What a link that may be followed leads to; gone = dangling or a loop.
Kind kind_behind(int folder, const char *name) {
  struct stat status{};
  if (::fstatat(folder, name, &status, 0) != 0) return Kind::gone;
  return kind_of(status);
}

std::string absolute(const std::string &path) {
  char *real = ::realpath(path.c_str(), nullptr);
  std::string result = real != nullptr ? real : path;
  ::free(real); // NOLINT: realpath allocates with malloc
  return result;
}

/// Not there is a mistake of the caller's; there and closed to us means that the run is not whole.
Error cannot_open(const std::string &path, int error) {
  const bool absent = error == ENOENT || error == ENOTDIR;
  return {absent ? Error::Kind::usage : Error::Kind::incomplete,
          fmt::format("cannot scan {}: {}", for_terminal(path), std::strerror(error))};
}

std::string with_slash(const std::string &path) { return path.ends_with('/') ? path : path + "/"; }

} // namespace

Result<FileWalk> FileWalk::open(const ScanOptions &options) {
  FileWalk walk(options);
  for (const std::string &pattern : options.exclude) walk.excludes_.add_line(pattern);
  for (const std::string &path : options.paths)
    if (Result<void> added = walk.add_root(path); !added) return added.error();
  if (Result<void> apart = walk.check_overlap(); !apart) return apart.error();
  for (const std::string &path : options.files)
    if (Result<void> added = walk.add_listed_file(path); !added) return added.error();
  std::reverse(walk.folders_.begin(), walk.folders_.end());
  std::reverse(walk.ready_.begin(), walk.ready_.end());
  return walk;
}

Result<std::shared_ptr<const Folder>> FileWalk::root_folder(const std::string &path) {
  const auto known = std::find(roots_.begin(), roots_.end(), path);
  if (known != roots_.end()) return root_folders_[static_cast<std::size_t>(known - roots_.begin())];
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return cannot_open(path, errno);
  root_folders_.push_back(std::make_shared<Folder>(Folder{std::move(fd), "", roots_.size()}));
  roots_.push_back(path);
  return root_folders_.back();
}

Result<void> FileWalk::add_root(const std::string &path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return cannot_open(path, errno);
  if (S_ISDIR(status.st_mode)) {
    const std::string real = absolute(path);
    if (std::find(walked_roots_.begin(), walked_roots_.end(), with_slash(real)) != walked_roots_.end())
      return Error{Error::Kind::usage, fmt::format("{} is given twice", for_terminal(path))};
    Result<std::shared_ptr<const Folder>> folder = root_folder(real);
    if (!folder) return folder.error();
    walked_roots_.push_back(with_slash(real));
    folders_.push_back({nullptr, *folder, "", {}});
    return {};
  }
  // The name stays as typed: behind a link, as in a cache of blobs, it is the only one that tells the format.
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
  Result<std::shared_ptr<const Folder>> folder = root_folder(absolute(parent));
  if (!folder) return folder.error();
  add_named_file(*folder, path.substr(slash + 1), S_ISREG(status.st_mode));
  return {};
}

/// Everything below a root is scanned with it: naming some of it again would count it twice.
Result<void> FileWalk::check_overlap() const {
  for (const std::string &outer : walked_roots_)
    for (const std::string &inner : roots_)
      if (with_slash(inner) != outer && with_slash(inner).starts_with(outer))
        return Error{Error::Kind::usage, fmt::format("{} lies inside {}, which is scanned too: name one of them", for_terminal(inner), for_terminal(outer))};
  return {};
}

void FileWalk::add_named_file(std::shared_ptr<const Folder> folder, const std::string &name, bool regular) {
  const std::string_view last = std::string_view(name).substr(name.rfind('/') + 1); // npos + 1 = 0
  if (left_out(name, last.starts_with('.') ? "named" : last, false, {}) || !in_sample(name)) {
    ++counts_.ignored;
    return;
  }
  if (ready_.empty() || ready_.back().folder != folder || ready_.back().count == names_in_group) {
    named_ = std::make_shared<FileNames>();
    ready_.push_back({std::move(folder), named_, 0, 0, true});
  }
  named_->add(name, regular, true);
  ++ready_.back().count;
  ++counts_.files;
}

// A listed path stays as it was given, relative to the current folder or to '/': names alone would not
// tell the files of two folders apart.
Result<void> FileWalk::add_listed_file(const std::string &path) {
  const bool from_top = path.starts_with('/');
  Result<std::shared_ptr<const Folder>> folder = root_folder(from_top ? "/" : absolute("."));
  if (!folder) return folder.error();
  const std::size_t start = path.find_first_not_of('/');
  if (start == std::string::npos) return Error{Error::Kind::usage, "the list of files names the folder /"};
  add_named_file(*folder, path.substr(from_top ? start : 0), true);
  return {};
}

std::optional<FileGroup> FileWalk::next() {
  while (ready_.empty() && !folders_.empty()) {
    PendingFolder pending = std::move(folders_.back());
    folders_.pop_back();
    list(std::move(pending));
  }
  if (ready_.empty()) return std::nullopt;
  FileGroup group = std::move(ready_.back());
  ready_.pop_back();
  return group;
}

std::shared_ptr<const Folder> FileWalk::open_folder(const PendingFolder &pending) {
  if (pending.folder != nullptr) return pending.folder;
  const int links = options_.follow_links ? 0 : O_NOFOLLOW;
  UniqueFd fd(::openat(pending.parent->fd.get(), pending.name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | links));
  if (!fd) {
    ++counts_.folders_unreadable;
    problem(fmt::format("cannot read folder {}{}: {}", for_terminal(pending.parent->path),
                        for_terminal(pending.name), std::strerror(errno)));
    return nullptr;
  }
  return std::make_shared<Folder>(Folder{std::move(fd), pending.parent->path + pending.name + "/", pending.parent->root});
}

bool FileWalk::first_visit(int folder_fd) {
  struct stat status{};
  return ::fstat(folder_fd, &status) == 0 && visited_.emplace(status.st_dev, status.st_ino).second;
}

void FileWalk::list(PendingFolder pending) {
  std::shared_ptr<const Folder> folder = open_folder(pending);
  if (folder == nullptr) return;
  if (options_.follow_links && !first_visit(folder->fd.get())) {
    ++counts_.links_skipped;
    return;
  }
  // A dataset's own quarantine holds what was found bad before: scanning it again would count it twice.
  if (pending.parent != nullptr && is_quarantine_directory(folder->fd.get())) {
    ++counts_.ignored;
    return;
  }
  const int own = ::fcntl(folder->fd.get(), F_DUPFD_CLOEXEC, 0); // closedir closes it
  DIR *listing = own < 0 ? nullptr : ::fdopendir(own);
  if (listing == nullptr) {
    if (own >= 0) ::close(own);
    ++counts_.folders_unreadable;
    problem(fmt::format("cannot list folder {}: {}", for_terminal(folder->path), std::strerror(errno)));
    return;
  }
  std::vector<std::shared_ptr<const Ignores>> ignores = std::move(pending.ignores);
  if (options_.use_ignore_files) load_ignore_file(*folder, ignores);

  auto files = std::make_shared<FileNames>();
  std::vector<std::string> folders;
  std::string path;
  errno = 0;
  while (const dirent *entry = ::readdir(listing)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    Kind kind = kind_of(*entry, folder->fd.get());
    if (kind == Kind::link && options_.follow_links) kind = kind_behind(folder->fd.get(), entry->d_name);
    path.assign(folder->path).append(name);
    if (left_out(path, name, kind == Kind::folder, ignores) || (kind != Kind::folder && !in_sample(path))) {
      ++counts_.ignored;
    } else if (kind == Kind::link || (kind == Kind::gone && options_.follow_links)) {
      ++counts_.links_skipped;
    } else if (kind == Kind::folder) {
      folders.emplace_back(name);
    } else {
      files->add(name, kind != Kind::special);
    }
    errno = 0;
  }
  if (errno != 0) {
    ++counts_.folders_unreadable;
    problem(fmt::format("listing of folder {} ended early: {}", for_terminal(folder->path), std::strerror(errno)));
  }
  ::closedir(listing);

  files->sort();
  std::sort(folders.rbegin(), folders.rend()); // the first name is taken from the back
  for (std::string &name : folders) folders_.push_back({folder, nullptr, std::move(name), ignores});
  counts_.files += files->size();
  for (std::size_t end = files->size(); end > 0;) {
    const std::size_t first = (end - 1) / names_in_group * names_in_group;
    ready_.push_back({folder, files, first, end - first, options_.follow_links});
    end = first;
  }
}

void FileWalk::load_ignore_file(const Folder &folder, std::vector<std::shared_ptr<const Ignores>> &ignores) {
  UniqueFd fd(::openat(folder.fd.get(), ignore_file_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd && errno == ENOENT) return;
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > (1 << 20)) {
    problem(fmt::format("{}{} is not used: no readable file of at most 1 MiB", for_terminal(folder.path), ignore_file_name));
    return;
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  Source::Read read = read_fully(fd.get(), 0, {reinterpret_cast<std::uint8_t *>(text.data()), text.size()});
  text.resize(read.count);
  auto found = std::make_shared<Ignores>();
  found->base = folder.path;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    found->rules.add_line(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  if (!found->rules.empty()) ignores.push_back(std::move(found));
}

bool FileWalk::left_out(const std::string &path, std::string_view name, bool is_folder,
                        const std::vector<std::shared_ptr<const Ignores>> &ignores) const {
  if (options_.use_ignore_files && name.starts_with('.')) return true;
  // The command line wins over files.
  if (IgnoreRules::Answer answer = excludes_.match(path, is_folder); answer != IgnoreRules::Answer::no_match)
    return answer == IgnoreRules::Answer::ignored;
  for (auto rules = ignores.rbegin(); rules != ignores.rend(); ++rules) {
    IgnoreRules::Answer answer = (*rules)->rules.match(std::string_view(path).substr((*rules)->base.size()), is_folder);
    if (answer != IgnoreRules::Answer::no_match) return answer == IgnoreRules::Answer::ignored;
  }
  return false;
}

bool FileWalk::in_sample(const std::string &path) const {
  const Sampling &sampling = options_.sampling;
  if (sampling.share >= 1.0 && sampling.subsets <= 1) return true;
  const std::uint64_t hash = XXH3_64bits_withSeed(path.data(), path.size(), sampling.seed);
  if (sampling.subsets > 1 && hash % sampling.subsets != sampling.subset) return false;
  // The upper half decides the share, so that it is independent of the subset.
  return static_cast<double>(hash >> 32) < sampling.share * 4294967296.0;
}

void FileWalk::problem(std::string text) {
  if (counts_.problems.size() < problems_kept) counts_.problems.push_back(std::move(text));
}

} // namespace datavet
