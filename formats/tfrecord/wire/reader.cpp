#include "formats/tfrecord/wire/reader.h"

#include <array>
#include <bit>

namespace datavet::tfrecord::wire {

std::string_view name_of(Type type) {
  switch (type) {
  case Type::varint: return "varint";
  case Type::fixed64: return "64-bit";
  case Type::length: return "length-delimited";
  case Type::start_group: return "group";
  case Type::end_group: return "end of group";
  case Type::fixed32: return "32-bit";
  }
  return "unknown";
}

[[gnu::cold, gnu::noinline]] bool Reader::fail(Trouble trouble) { return fail_at(trouble, at_); }

[[gnu::cold, gnu::noinline]] bool Reader::fail_at(Trouble trouble, const std::uint8_t *where) {
  trouble_ = trouble;
  where_ = where;
  return false;
}

// parse_context.h, ReadTag: at most five bytes, and what does not fit 32 bits is dropped.
bool Reader::long_tag(std::uint32_t &tag) {
  const std::uint8_t *const start = at_;
  std::uint32_t value = 0;
  for (unsigned count = 0; count < 5; ++count) {
    if (at_ == end_) return fail_at(Trouble::tag_cut, start);
    const std::uint8_t byte = *at_++;
    value |= static_cast<std::uint32_t>(byte & 0x7fu) << (7 * count);
    if (byte < 0x80) {
      tag = value;
      return true;
    }
  }
  return fail_at(Trouble::tag_long, start);
}

/// A tag below 8 has field number 0, which no field has.
bool Reader::small_tag(std::uint32_t tag) {
  --at_;
  if (tag == 0) return fail(Trouble::tag_zero);
  if (type_of(tag) == Type::end_group) return fail(Trouble::group_not_begun);
  return fail(Trouble::field_zero);
}

bool Reader::long_varint(std::uint64_t &value) {
  const std::uint8_t *const start = at_;
  std::uint64_t number = 0;
  for (unsigned count = 0; count < 10; ++count) {
    if (at_ == end_) return fail_at(Trouble::varint_cut, start);
    const std::uint8_t byte = *at_++;
    number |= static_cast<std::uint64_t>(byte & 0x7fu) << (7 * count);
    if (byte < 0x80) {
      value = number;
      return true;
    }
  }
  return fail_at(Trouble::varint_long, start);
}

// parse_context.cc, ReadSizeFallback: at most five bytes, below 2 GiB.
bool Reader::long_length(std::uint64_t &count) {
  const std::uint8_t *const start = at_;
  std::uint64_t number = 0;
  for (unsigned position = 0; position < 5; ++position) {
    if (at_ == end_) return fail_at(Trouble::length_cut, start);
    const std::uint8_t byte = *at_++;
    number |= static_cast<std::uint64_t>(byte & 0x7fu) << (7 * position);
    if (byte >= 0x80) continue;
    if (number > length_limit) return fail_at(Trouble::length_long, start);
    count = number;
    return true;
  }
  return fail_at(Trouble::length_long, start);
}

bool Reader::pass(const Field &field) {
  Bytes payload;
  std::uint64_t value = 0;
  switch (type_of(field.tag)) {
  case Type::varint: return varint(value);
  case Type::fixed64: return fixed<std::uint64_t>(value);
  case Type::length: return length(payload);
  case Type::fixed32: return fixed<std::uint32_t>(value);
  default: return fail_at(Trouble::type_unknown, field.start);
  }
}

/// Passes over a group and those inside it. They nest at most 100 deep: their numbers fit an array.
bool Reader::group(const Field &field, unsigned depth) {
  if (type_of(field.tag) == Type::end_group) return fail_at(Trouble::group_not_begun, field.start);
  if (type_of(field.tag) != Type::start_group) return fail_at(Trouble::type_unknown, field.start);
  if (depth == 0) return fail_at(Trouble::too_deep, field.start);
  std::array<std::uint32_t, depth_limit> open{};
  unsigned level = 0;
  open[level++] = number_of(field.tag);
  while (level > 0) {
    if (!more()) return fail_at(Trouble::group_open, field.start);
    Field inner;
    inner.start = at_;
    if (!tag(inner.tag)) return false;
    if (type_of(inner.tag) == Type::start_group) {
      if (level == depth || level == open.size()) return fail_at(Trouble::too_deep, inner.start);
      open[level++] = number_of(inner.tag);
    } else if (type_of(inner.tag) == Type::end_group) {
      if (open[--level] != number_of(inner.tag)) return fail_at(Trouble::group_other, inner.start);
    } else if (!pass(inner)) {
      return false;
    }
  }
  return true;
}

namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080;

std::uint64_t eight_at(const std::uint8_t *at) { return stored_at<std::uint64_t>(Bytes(at, 8), 0); }

} // namespace

bool count_varints(Bytes packed, std::uint64_t &count) {
  // A varint ends with the first byte below 0x80: there are as many as such bytes. What remains to be seen is
  // that at most nine others stand before each, and none behind the last.
  std::uint64_t ends = 0;
  unsigned run = 0;
  std::size_t at = 0;
  for (; packed.size() - at >= 8; at += 8) {
    const std::uint64_t last_bytes = ~eight_at(packed.data() + at) & high_bits;
    if (last_bytes == 0) {
      run += 8;
      if (run > 9) return false;
      continue;
    }
    if (run + static_cast<unsigned>(std::countr_zero(last_bytes)) / 8 > 9) return false;
    run = static_cast<unsigned>(std::countl_zero(last_bytes)) / 8;
    ends += static_cast<std::uint64_t>(std::popcount(last_bytes));
  }
  for (; at < packed.size(); ++at) {
    if (packed[at] >= 0x80) {
      if (++run > 9) return false;
    } else {
      run = 0;
      ++ends;
    }
  }
  count += ends;
  return run == 0;
}

} // namespace datavet::tfrecord::wire
