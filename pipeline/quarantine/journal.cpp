#include "pipeline/quarantine/journal.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "pipeline/quarantine/place.h"
#include "pipeline/quarantine/quarantine_directory.h"

namespace datavet {
namespace {

/// More than the journal of a million files; what is larger was not written by us.
constexpr off_t largest_journal = off_t{1} << 30;

Error cannot(std::string_view what, int error) {
  return {Error::Kind::incomplete,
          fmt::format("cannot {} the quarantine journal: {}", what, words_for(error))};
}

Error cannot_open(int error) {
  if (error == ENOENT) return {Error::Kind::usage, "this is no quarantine directory: it holds no journal"};
  if (error == EROFS || error == EACCES || error == EPERM)
    return {Error::Kind::usage,
            fmt::format("the quarantine directory cannot be written ({}): make it writable or name another; "
                        "nothing was touched",
                        words_for(error))};
  if (error == ELOOP) return {Error::Kind::usage, "the quarantine journal is a symbolic link: refused"};
  return cannot("open", error);
}

Result<void> check_ownership(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return cannot("examine", errno);
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid())
    return Error{Error::Kind::usage, "the quarantine journal is no regular file of this user: refused"};
  if (status.st_size > largest_journal)
    return Error{Error::Kind::usage, "the quarantine journal is larger than 1 GiB: use another directory"};
  return {};
}

Attempt<std::string> read_all(int file) {
  Attempt<std::string> text;
  std::string block(std::size_t{1} << 20, '\0');
  for (;;) {
    const ssize_t count = ::pread(file, block.data(), block.size(), static_cast<off_t>(text.value.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) text.error = errno;
    if (count <= 0) return text;
    text.value.append(block, 0, static_cast<std::size_t>(count));
  }
}

std::uint64_t random_number() {
  std::uint64_t number = 0;
  while (::getrandom(&number, sizeof number, 0) != sizeof number) {
  }
  return number;
}

} // namespace

Result<Journal> Journal::open(int folder, JournalAccess access) {
  const std::string name(quarantine_journal_name);
  const int flags = access == JournalAccess::create  ? O_RDWR | O_APPEND | O_CREAT
                    : access == JournalAccess::write ? O_RDWR | O_APPEND
                                                     : O_RDONLY;
  Journal journal;
  if (folder < 0 && access == JournalAccess::read) return journal; // the folder is yet to be made
  journal.file_ = UniqueFd(::openat(folder, name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  if (!journal.file_) {
    if (access == JournalAccess::read && errno == ENOENT) return journal;
    return cannot_open(errno);
  }
  if (Result<void> ours = check_ownership(journal.file_.get()); !ours) return ours.error();
  if (access == JournalAccess::read) {
    if (Result<void> loaded = journal.load(); !loaded) return loaded.error();
    return journal;
  }
  if (Result<void> locked = journal.lock(); !locked) return locked.error();
  if (Result<void> loaded = journal.load(); !loaded) return loaded.error();
  if (journal.state_.sound_bytes == 0) {
    journal.state_.nonce = random_number();
    journal.unwritten_ = header_line(journal.state_.nonce);
    if (Result<void> written = journal.commit(); !written) return written.error();
  }
  // The journal must be found again after a power failure, or what it says is lost with it.
  if (int error = sync_folder(folder); error != 0) return cannot("sync the folder of", error);
  return journal;
}

Result<void> Journal::lock() {
  while (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return cannot("lock", errno);
    return Error{
        Error::Kind::usage,
        "another datavet works in this quarantine directory: wait for it, or name another directory"};
  }
  return {};
}

Result<void> Journal::load() {
  Attempt<std::string> text = read_all(file_.get());
  if (!text) return cannot("read", text.error);
  Result<JournalState> replayed = replay(text.value);
  if (!replayed) return replayed.error();
  state_ = std::move(*replayed);
  const bool writes = (::fcntl(file_.get(), F_GETFL) & O_ACCMODE) == O_RDWR;
  return writes ? cut_torn_end(text.value.size()) : Result<void>{};
}

Result<void> Journal::cut_torn_end(std::uint64_t file_size) {
  if (file_size == state_.sound_bytes) return {};
  if (::ftruncate(file_.get(), static_cast<off_t>(state_.sound_bytes)) != 0)
    return cannot("cut the torn end of", errno);
  if (::fdatasync(file_.get()) != 0) return cannot("sync", errno);
  return {};
}

void Journal::use_root(const std::string &root) {
  if (!state_.roots.empty() && state_.roots.back() == root) return;
  state_.roots.push_back(root);
  unwritten_ += root_line(root);
}

const Operation &Journal::intend(Operation operation) {
  operation.id = state_.operations.size() + 1;
  operation.root = state_.roots.size() - 1;
  operation.state = OperationState::intended;
  unwritten_ += intent_line(operation);
  return state_.operations.emplace_back(std::move(operation));
}

void Journal::note(std::string_view event, std::uint64_t id, std::string_view why, OperationState state) {
  unwritten_ += event_line(event, id, why);
  state_.operations[id - 1].state = state;
}

Result<void> Journal::commit() {
  if (unwritten_.empty()) return {};
  const Bytes bytes(reinterpret_cast<const std::uint8_t *>(unwritten_.data()), unwritten_.size());
  if (int error = write_all(file_.get(), bytes); error != 0) {
    // A line cut in the middle must not stand before others; should this fail too, the next run cuts it.
    if (::ftruncate(file_.get(), static_cast<off_t>(state_.sound_bytes)) != 0) file_ = UniqueFd();
    return cannot("write", error);
  }
  if (::fdatasync(file_.get()) != 0) return cannot("sync", errno);
  state_.sound_bytes += unwritten_.size();
  unwritten_.clear();
  return {};
}

std::string Journal::part_name(const Operation &operation) const {
  return fmt::format(".datavet-{:016x}-{}.part", state_.nonce, operation.id);
}

} // namespace datavet
