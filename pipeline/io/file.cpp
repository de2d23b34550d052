#include "pipeline/io/file.h"

#include "pipeline/io/file_identity.h"

namespace datavet {

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

bool File::changed() const {
  struct stat now{};
  return ::fstat(fd_.get(), &now) != 0 || !(identity_of(now) == stamp_);
}

} // namespace datavet
