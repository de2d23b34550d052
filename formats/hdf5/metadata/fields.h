/// A cursor on the fields of one structure, for structures whose addresses and lengths have the file's own
/// widths.
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/metadata/address_space.h"

namespace datavet::hdf5 {

/// A read past the end gives zeros and makes ok() false for good: a parser reads what belongs together and
/// asks once, before it uses any of it. Loops over counts from the file ask each time.
class Fields {
public:
  Fields(Bytes bytes, const AddressSpace &space)
      : bytes_(bytes), offset_size_(space.offset_size()), length_size_(space.length_size()) {}

  bool ok() const { return ok_; }
  std::uint64_t offset() const { return at_; }
  std::uint64_t remaining() const { return bytes_.size() - at_; }

  /// An unsigned little-endian number of 0 to 8 bytes.
  std::uint64_t number(unsigned width) {
    const Bytes bytes = take(width);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
    return value;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::uint64_t length() { return number(length_size_); }
  /// undefined_address when all bits of it are set.
  std::uint64_t address() {
    const std::uint64_t value = number(offset_size_);
    const bool all_set = offset_size_ < 8 && value == (std::uint64_t{1} << (8 * offset_size_)) - 1;
    return all_set ? undefined_address : value;
  }

  /// `count` bytes; none when fewer are left.
  Bytes take(std::uint64_t count) {
    if (count > remaining() || !ok_) {
      ok_ = false;
      return {};
    }
    const Bytes taken = bytes_.subspan(at_, count);
    at_ += count;
    return taken;
  }
  void skip(std::uint64_t count) { take(count); }
  Bytes rest() { return take(remaining()); }

  /// The text before the next zero byte, which is passed over; fails without one.
  std::string_view text() {
    for (std::uint64_t end = at_; end < bytes_.size() && ok_; ++end)
      if (bytes_[end] == 0) {
        const Bytes taken = take(end + 1 - at_);
        return {reinterpret_cast<const char *>(taken.data()), taken.size() - 1};
      }
    ok_ = false;
    return {};
  }

private:
  Bytes bytes_;
  std::uint64_t at_ = 0;
  unsigned offset_size_, length_size_;
  bool ok_ = true;
};

/// The text in `bytes` up to the first zero byte, or all of it.
inline std::string_view text_in(Bytes bytes) {
  std::size_t length = 0;
  while (length < bytes.size() && bytes[length] != 0) ++length;
  return {reinterpret_cast<const char *>(bytes.data()), length};
}

} // namespace datavet::hdf5
