/// The memory in flight. A buffer is the token of the flow graph: nothing enters without one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

namespace datavet {

/// Grows for one large sample and is returned at its normal size. Its bytes start undefined.
class Buffer {
public:
  explicit Buffer(std::size_t normal_size) : normal_size_(normal_size) { allocate(normal_size); }

  std::span<std::uint8_t> bytes() { return {memory_.get(), size_}; }
  std::span<const std::uint8_t> bytes() const { return {memory_.get(), size_}; }
  std::size_t normal_size() const { return normal_size_; }

  /// At least `size` bytes, keeping the first `keep`. False when there is no memory.
  bool grow(std::size_t size, std::size_t keep) {
    if (size <= size_) return true;
    std::unique_ptr<std::uint8_t[]> larger(new (std::nothrow) std::uint8_t[size]);
    if (!larger) return false;
    std::copy_n(memory_.get(), keep, larger.get());
    memory_ = std::move(larger);
    size_ = size;
    return true;
  }
  void shrink_to_normal() {
    if (size_ > normal_size_) allocate(normal_size_);
  }

  /// What was granted for growing; the graph takes it back with the buffer.
  std::uint64_t granted = 0;

private:
  void allocate(std::size_t size) {
    memory_.reset(); // first, or two of them exist for a moment
    memory_ = std::make_unique_for_overwrite<std::uint8_t[]>(size);
    size_ = size;
  }

  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t size_ = 0;
  std::size_t normal_size_;
};

} // namespace datavet
