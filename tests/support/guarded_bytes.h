/// A copy of bytes that ends exactly at an inaccessible page: one byte read past the end is a fault.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>

#include <sys/mman.h>
#include <unistd.h>

#include "formats/bytes/bytes.h"

namespace datavet::test {

class GuardedBytes {
public:
  explicit GuardedBytes(Bytes bytes) {
    const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t body = (bytes.size() + page - 1) / page * page;
    length_ = body + 2 * page;
    void *mapped = mmap(nullptr, length_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::runtime_error("mmap of guard pages failed");
    base_ = static_cast<std::uint8_t *>(mapped);
    if (body > 0 && mprotect(base_ + page, body, PROT_READ | PROT_WRITE) != 0)
      throw std::runtime_error("mprotect of guard pages failed");
    std::uint8_t *first = base_ + page + (body - bytes.size());
    if (!bytes.empty()) std::memcpy(first, bytes.data(), bytes.size());
    bytes_ = Bytes(first, bytes.size());
  }
  ~GuardedBytes() { munmap(base_, length_); }
  GuardedBytes(const GuardedBytes &) = delete;
  GuardedBytes &operator=(const GuardedBytes &) = delete;

  Bytes bytes() const { return bytes_; }

private:
  std::uint8_t *base_ = nullptr;
  std::size_t length_ = 0;
  Bytes bytes_;
};

} // namespace datavet::test
