/// A cursor on borrowed bytes. A read succeeds whole, or leaves the cursor where it was.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>

#include "formats/bytes/bytes.h"
#include "formats/bytes/endian.h"

namespace datavet {

/// Lengths are 64-bit and compared with what remains before any arithmetic, so no length from a
/// file can overflow or read outside.
class ByteReader {
public:
  explicit ByteReader(Bytes bytes, std::uint64_t offset = 0) : bytes_(bytes) { seek(offset); }

  std::uint64_t offset() const { return at_; }
  std::uint64_t remaining() const { return bytes_.size() - at_; }
  bool at_end() const { return at_ == bytes_.size(); }

  /// Moves to an absolute offset; past the end means to the end.
  void seek(std::uint64_t offset) { at_ = offset < bytes_.size() ? offset : bytes_.size(); }

  bool skip(std::uint64_t count) {
    if (count > remaining()) return false;
    at_ += count;
    return true;
  }

  std::optional<Bytes> take(std::uint64_t count) {
    if (count > remaining()) return std::nullopt;
    Bytes taken = bytes_.subspan(at_, count);
    at_ += count;
    return taken;
  }

  /// All that is left; the cursor moves to the end.
  Bytes rest() {
    Bytes taken = bytes_.subspan(at_);
    at_ = bytes_.size();
    return taken;
  }

  template <OnDisk T> std::optional<T> read() {
    std::optional<T> value = peek<T>();
    if (value) at_ += sizeof(T);
    return value;
  }

  template <OnDisk T> std::optional<T> peek() const {
    if (sizeof(T) > remaining()) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    return value;
  }

  std::optional<std::uint8_t> u8() { return read<std::uint8_t>(); }

private:
  Bytes bytes_;
  std::uint64_t at_ = 0;
};

} // namespace datavet
