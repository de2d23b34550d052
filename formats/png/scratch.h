/// Memory that is used again for the next sample, and given back when it has grown large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace datavet::png {

class Scratch {
public:
  /// More than this is freed at once after use.
  static constexpr std::size_t kept = std::size_t{64} << 20;

  /// `size` bytes whose values mean nothing; the span before is void.
  std::span<std::uint8_t> room(std::size_t size) {
    if (size > size_ || size_ > kept) {
      bytes_.reset(); // first, or both would be held at once
      size_ = 0;
      bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(size);
      size_ = size;
    }
    return {bytes_.get(), size};
  }

private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
};

} // namespace datavet::png
