#include "pipeline/io/file.h"

#include <fcntl.h>

#include "pipeline/io/file_identity.h"

namespace datavet {

UniqueFd open_to_read(int folder, const char *name, bool follow_links) {
  const int links = follow_links ? 0 : O_NOFOLLOW;
  // O_NONBLOCK: for the FIFO.
  return UniqueFd(::openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | links));
}

Source::Read read_fully(int fd, std::uint64_t offset, std::span<std::uint8_t> into) {
  Source::Read read;
  while (read.count < into.size()) {
    // Linux transfers at most 0x7ffff000 bytes a call; the loop takes care of more.
    ssize_t got = ::pread(fd, into.data() + read.count, into.size() - read.count,
                          static_cast<off_t>(offset + read.count));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) read.error = errno;
    if (got <= 0) break;
    read.count += static_cast<std::uint64_t>(got);
  }
  return read;
}

// A read that got less than it asked for stopped where the file ends, if that is not at a multiple of a disk's
// sector. What else may break one off stops at such a multiple: an unreadable block (the call after it brings the
// error), or the message size of a network file system.
ReadToEnd read_to_end(int fd, std::span<std::uint8_t> into) {
  constexpr std::uint64_t sector = 512;
  ReadToEnd read;
  while (read.count < into.size()) {
    const ssize_t got = ::pread(fd, into.data() + read.count, into.size() - read.count, static_cast<off_t>(read.count));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      read.error = errno;
      return read;
    }
    read.count += static_cast<std::uint64_t>(got);
    read.ended = got == 0 || (read.count < into.size() && read.count % sector != 0);
    if (read.ended) return read;
  }
  return read;
}

bool File::changed() const {
  struct stat now{};
  return ::fstat(fd_.get(), &now) != 0 || !(identity_of(now) == stamp_);
}

} // namespace datavet
