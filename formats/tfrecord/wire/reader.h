/// Reads the fields of one protobuf message: the wire format, without a schema, without a copy.
///
/// Protocol Buffers "Encoding". Which bytes are refused is what protobuf 3.21's C++ parser refuses, also
/// where it is more lenient than the text: surplus bits of a tag's fifth byte and of a varint's tenth are
/// dropped, and overlong forms are read.
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/bytes/bytes.h"
#include "formats/tfrecord/frame.h"
#include "formats/tfrecord/wire/trouble.h"

namespace datavet::tfrecord::wire {

enum class Type : std::uint8_t { varint, fixed64, length, start_group, end_group, fixed32 };

/// "varint", "64-bit", "length-delimited", ...
std::string_view name_of(Type type);

constexpr std::uint32_t tag_of(std::uint32_t number, Type type) {
  return number << 3 | static_cast<std::uint32_t>(type);
}
constexpr std::uint32_t number_of(std::uint32_t tag) { return tag >> 3; }
constexpr Type type_of(std::uint32_t tag) { return static_cast<Type>(tag & 7); }

/// How deep messages and groups may nest below the outermost (CodedInputStream's default recursion limit).
inline constexpr unsigned depth_limit = 100;
/// ReadSizeFallback: the parser keeps 16 bytes of room below 2 GiB.
inline constexpr std::uint64_t length_limit = 0x7fffffff - 16;

/// One field: its tag, and its value where the wire type has one.
struct Field {
  std::uint32_t tag = 0;
  const std::uint8_t *start = nullptr; ///< of the tag
  std::uint64_t value = 0;             ///< varint, fixed64, fixed32
  Bytes payload = {};                  ///< length
};

/// Stands in a message. After the first `false` of a function it is of no more use than to say what was
/// wrong.
class Reader {
public:
  explicit Reader(Bytes message) : at_(message.data()), end_(message.data() + message.size()) {}

  bool more() const { return at_ != end_; }
  const std::uint8_t *at() const { return at_; }
  std::uint64_t left() const { return static_cast<std::uint64_t>(end_ - at_); }

  /// Reads a field and steps behind it; `depth` = how many levels may still nest below this message, for a
  /// group is walked and passed over. False when the bytes are no field: trouble() and where().
  bool next(Field &field, unsigned depth) {
    field.start = at_;
    if (!tag(field.tag)) return false;
    switch (type_of(field.tag)) {
    case Type::length: return length(field.payload);
    case Type::varint: return varint(field.value);
    case Type::fixed32: return fixed<std::uint32_t>(field.value);
    case Type::fixed64: return fixed<std::uint64_t>(field.value);
    default: return group(field, depth);
    }
  }

  /// The bytes of a length-delimited field, behind its tag.
  bool length(Bytes &payload) {
    std::uint64_t count = 0;
    if (at_ != end_ && *at_ < 0x80)
      count = *at_++;
    else if (!long_length(count))
      return false;
    if (count > left()) return fail(Trouble::length_over);
    payload = Bytes(at_, static_cast<std::size_t>(count));
    at_ += count;
    return true;
  }

  bool varint(std::uint64_t &value) {
    if (at_ != end_ && *at_ < 0x80) {
      value = *at_++;
      return true;
    }
    return long_varint(value);
  }

  Trouble trouble() const { return trouble_; }
  /// Of the field's part that is wrong; inside the message or at its end.
  const std::uint8_t *where() const { return where_; }

private:
  bool tag(std::uint32_t &tag) {
    if (at_ != end_ && *at_ < 0x80)
      tag = *at_++;
    else if (!long_tag(tag))
      return false;
    return tag >= 8 || small_tag(tag);
  }

  template <class Unsigned> bool fixed(std::uint64_t &value) {
    if (left() < sizeof(Unsigned)) return fail(Trouble::fixed_cut);
    value = stored_at<Unsigned>(Bytes(at_, sizeof(Unsigned)), 0);
    at_ += sizeof(Unsigned);
    return true;
  }

  bool long_tag(std::uint32_t &tag);
  bool small_tag(std::uint32_t tag);
  bool long_varint(std::uint64_t &value);
  bool long_length(std::uint64_t &count);
  bool group(const Field &field, unsigned depth);
  bool pass(const Field &field);
  bool fail(Trouble trouble);
  bool fail_at(Trouble trouble, const std::uint8_t *where);

  const std::uint8_t *at_;
  const std::uint8_t *end_;
  const std::uint8_t *where_ = nullptr;
  Trouble trouble_ = Trouble::none;
};

/// Two words that together hold every byte of a text of up to 16 bytes, and the first and last eight of a
/// longer.
struct Ends {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
inline Ends ends_of(Bytes text) {
  if (text.size() >= 8)
    return {stored_at<std::uint64_t>(text, 0), stored_at<std::uint64_t>(text, text.size() - 8)};
  if (text.size() >= 4)
    return {stored_at<std::uint32_t>(text, 0), stored_at<std::uint32_t>(text, text.size() - 4)};
  if (text.empty()) return {};
  return {text[0] | static_cast<std::uint64_t>(text[text.size() / 2]) << 8,
          static_cast<std::uint64_t>(text[text.size() - 1])};
}

/// Counts the varints of a packed field; false when one has more than ten bytes or the last is cut.
bool count_varints(Bytes packed, std::uint64_t &count);

inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

} // namespace datavet::tfrecord::wire
