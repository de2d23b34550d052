/// The ways in which bytes are not a protobuf message.
#pragma once

#include <cstdint>
#include <string_view>

namespace datavet::tfrecord::wire {

/// Every reason for which protobuf's C++ parser (3.21: parse_context.h, wire_format.cc) refuses a message.
enum class Trouble : std::uint8_t {
  none,
  tag_cut,
  tag_long,
  tag_zero,
  field_zero,
  type_unknown,
  varint_cut,
  varint_long,
  length_cut,
  length_long,
  length_over,
  fixed_cut,
  group_open,
  group_not_begun,
  group_other,
  too_deep,
  packed_rest,
  not_utf8,
};

/// What is the matter, as the end of a sentence: "the varint has more than ten bytes".
constexpr std::string_view name_of(Trouble trouble) {
  switch (trouble) {
  case Trouble::none: return "nothing is wrong";
  case Trouble::tag_cut: return "the message ends inside a tag";
  case Trouble::tag_long: return "the tag has more than five bytes";
  case Trouble::tag_zero: return "the tag is zero";
  case Trouble::field_zero: return "the field's number is zero";
  case Trouble::type_unknown: return "the wire type is 6 or 7, which do not exist";
  case Trouble::varint_cut: return "the message ends inside a varint";
  case Trouble::varint_long: return "the varint has more than ten bytes";
  case Trouble::length_cut: return "the message ends inside a length";
  case Trouble::length_long: return "the length is 2 GiB or more";
  case Trouble::length_over: return "the length is larger than what is left of the message";
  case Trouble::fixed_cut: return "the message ends inside a fixed-size value";
  case Trouble::group_open: return "the message ends inside a group";
  case Trouble::group_not_begun: return "a group ends that never began";
  case Trouble::group_other: return "a group ends with the number of another field";
  case Trouble::too_deep: return "messages and groups are nested more than 100 deep";
  case Trouble::packed_rest: return "the packed values do not end with the field";
  case Trouble::not_utf8: return "the string is not UTF-8";
  }
  return "";
}

} // namespace datavet::tfrecord::wire
