/// A feature of a tf.Example, and how to get at its values without a copy.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "formats/tfrecord/wire/reader.h"

namespace datavet::tfrecord {

/// TensorFlow, core/example/feature.proto: the oneof `kind`, by field number.
enum class FeatureKind : std::uint8_t { none, bytes, floats, integers };

/// As Traits::trait() is told: "none", "bytes", "float", "int64".
constexpr std::string_view name_of(FeatureKind kind) {
  switch (kind) {
  case FeatureKind::none: return "none";
  case FeatureKind::bytes: return "bytes";
  case FeatureKind::floats: return "float";
  case FeatureKind::integers: return "int64";
  }
  return "none";
}

/// Points into the record's data; valid as long as those.
struct Feature {
  std::string_view name;
  Bytes list;              ///< the message BytesList, FloatList or Int64List; well-formed
  std::uint64_t count = 0; ///< of values
  FeatureKind kind = FeatureKind::none;
  bool in_list = false; ///< one step of a SequenceExample's feature list of this name
  bool merged =
      false; ///< the list was written in several pieces, `list` is only the last one; count is of all
  bool replaced = false; ///< a later feature of the same name takes its place
};

/// A BytesList's values, in order.
class BytesValues {
public:
  explicit BytesValues(Bytes list) : reader_(list) {}
  bool next(Bytes &value) {
    wire::Field field;
    while (reader_.more() && reader_.next(field, wire::depth_limit))
      if (field.tag == wire::tag_of(1, wire::Type::length)) {
        value = field.payload;
        return true;
      }
    return false;
  }

private:
  wire::Reader reader_;
};

/// A FloatList's values, in order.
class FloatValues {
public:
  explicit FloatValues(Bytes list) : reader_(list) {}
  bool next(float &value);

private:
  wire::Reader reader_;
  Bytes run_; ///< what is left of a packed field
};

/// Calls `with(Bytes)` for each contiguous run of a FloatList's values: four bytes a value, little-endian.
template <class With> void for_each_float_run(Bytes list, With with) {
  wire::Reader reader(list);
  wire::Field field;
  while (reader.more() && reader.next(field, wire::depth_limit)) {
    if (field.tag == wire::tag_of(1, wire::Type::length)) with(field.payload);
    if (field.tag == wire::tag_of(1, wire::Type::fixed32))
      with(Bytes(field.start, static_cast<std::size_t>(reader.at() - field.start)).last(4));
  }
}

/// Calls `with(float)` for each value of a FloatList.
template <class With> void for_each_float(Bytes list, With with) {
  for_each_float_run(list, [&](Bytes run) {
    for (std::size_t at = 0; at + 4 <= run.size(); at += 4)
      with(std::bit_cast<float>(stored_at<std::uint32_t>(run, at)));
  });
}

/// Calls `with(std::int64_t)` for each value of an Int64List until it returns false.
template <class With> void for_each_integer(Bytes list, With with) {
  wire::Reader reader(list);
  wire::Field field;
  while (reader.more() && reader.next(field, wire::depth_limit)) {
    if (field.tag == wire::tag_of(1, wire::Type::varint) && !with(static_cast<std::int64_t>(field.value)))
      return;
    if (field.tag != wire::tag_of(1, wire::Type::length)) continue;
    wire::Reader packed(field.payload);
    for (std::uint64_t value = 0; packed.more() && packed.varint(value);)
      if (!with(static_cast<std::int64_t>(value))) return;
  }
}

/// The only value of an Int64List; false when there are none or several.
bool only_integer(const Feature &feature, std::int64_t &value);
/// The only value of a BytesList.
bool only_bytes(const Feature &feature, Bytes &value);

} // namespace datavet::tfrecord
