/// Says what a message consists of, and whether bytes are such a message: for those that are looked at
/// rarely. (A tf.Example has a walk of its own.)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "formats/tfrecord/wire/reader.h"

namespace datavet::tfrecord::wire {

enum class ValueType : std::uint8_t {
  varint, ///< int32, int64, uint32, uint64, bool, enum (proto3's are open: any number will do)
  float32,
  float64,
  bytes,
  string, ///< UTF-8
  message,
};

struct MessageSchema;

struct FieldSchema {
  std::uint32_t number;
  std::string_view name;
  ValueType type;
  bool repeated = false;                  ///< numbers may be packed then
  const MessageSchema *message = nullptr; ///< of a message
};

struct MessageSchema {
  std::string_view name;
  std::span<const FieldSchema> fields;
};

/// The first place of its kind, and how many there are.
struct FormFinding {
  std::uint64_t count = 0;
  std::uint64_t offset = 0; ///< in the data
  std::string path;         ///< "summary.value[3].image"
};

struct Form {
  Trouble trouble = Trouble::none; ///< none = protobuf reads it
  std::uint64_t trouble_at = 0;
  std::string trouble_path;
  FormFinding unknown_field;
  FormFinding wrong_type; ///< a known field of another wire type: protobuf takes it for an unknown one

  bool strict() const {
    return trouble == Trouble::none && unknown_field.count == 0 && wrong_type.count == 0;
  }
};

/// Looks at every byte; messages nest at most 100 deep.
Form form_of(Bytes data, const MessageSchema &schema);

} // namespace datavet::tfrecord::wire
