/// Bytes that can be read at any place: a file, or memory. Formats read through it and never know which.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

#include "formats/bytes/bytes.h"

namespace datavet {

/// One virtual read; safe for concurrent use. Tests derive from it to inject failure.
class Source {
public:
  virtual ~Source() = default;

  struct Read {
    std::uint64_t count = 0; ///< bytes read; fewer than asked only at the end, or on error
    int error = 0;           ///< errno of the failure, 0 = none
  };

  /// Size in bytes when the source was opened.
  virtual std::uint64_t size() const = 0;
  /// Fills `into` from `offset` as far as there are bytes.
  virtual Read read(std::uint64_t offset, std::span<std::uint8_t> into) const = 0;
};

class MemorySource final : public Source {
public:
  explicit MemorySource(Bytes bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Read read(std::uint64_t offset, std::span<std::uint8_t> into) const override {
    if (offset >= bytes_.size()) return {};
    std::uint64_t count = std::min<std::uint64_t>(into.size(), bytes_.size() - offset);
    if (count > 0) std::memcpy(into.data(), bytes_.data() + offset, count);
    return {count, 0};
  }

private:
  Bytes bytes_;
};

} // namespace datavet
