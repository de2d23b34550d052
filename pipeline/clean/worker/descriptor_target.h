/// The copy that the worker writes: a descriptor opened by the host, and nothing but pread, pwrite and ftruncate.
#pragma once

#include <algorithm>
#include <cerrno>

#include <unistd.h>

#include "formats/hdf5/cut/target.h"
#include "pipeline/isolation/worker/descriptor_source.h"

namespace datavet::cutter {

class DescriptorTarget final : public hdf5::Target {
public:
  DescriptorTarget(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

  std::uint64_t size() const override { return size_; }
  Read read(std::uint64_t offset, std::span<std::uint8_t> into) const override {
    return isolation::DescriptorSource(descriptor_, size_).read(offset, into);
  }
  int write(std::uint64_t offset, Bytes bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno;
      if (count == 0) return EIO;
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
      size_ = std::max(size_, offset);
    }
    return 0;
  }
  int truncate(std::uint64_t size) override {
    if (ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return errno;
    size_ = size;
    return 0;
  }

private:
  int descriptor_;
  std::uint64_t size_;
};

} // namespace datavet::cutter
