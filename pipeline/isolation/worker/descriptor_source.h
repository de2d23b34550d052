/// The one file that a worker may read: a descriptor opened by the host, read by pread alone.
#pragma once

#include <cerrno>
#include <limits>

#include <unistd.h>

#include "formats/source.h"

namespace datavet::isolation {

class DescriptorSource final : public Source {
public:
  DescriptorSource(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

  std::uint64_t size() const override { return size_; }

  Read read(std::uint64_t offset, std::span<std::uint8_t> into) const override {
    Read read;
    if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()) - into.size()) return read;
    while (read.count < into.size()) {
      const ssize_t count = pread(descriptor_, into.data() + read.count, into.size() - read.count,
                                  static_cast<off_t>(offset + read.count));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) read.error = errno;
      if (count <= 0) break;
      read.count += static_cast<std::uint64_t>(count);
    }
    return read;
  }

private:
  int descriptor_;
  std::uint64_t size_;
};

} // namespace datavet::isolation
