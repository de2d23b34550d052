#include "formats/tfrecord/wire/schema.h"

#include <fmt/format.h>

#include "formats/bytes/utf8.h"

namespace datavet::tfrecord::wire {

namespace {

/// The wire type of one value; a packed field is length-delimited.
Type wire_type_of(ValueType type) {
  switch (type) {
  case ValueType::varint: return Type::varint;
  case ValueType::float32: return Type::fixed32;
  case ValueType::float64: return Type::fixed64;
  default: return Type::length;
  }
}

const FieldSchema *find(const MessageSchema &schema, std::uint32_t number) {
  for (const FieldSchema &field : schema.fields)
    if (field.number == number) return &field;
  return nullptr;
}

class FormWalk {
public:
  explicit FormWalk(Bytes data) : data_(data) {}

  Form walk(const MessageSchema &schema) {
    levels_[0] = {&schema, Reader(data_), nullptr, 0};
    for (depth_ = 0;;) {
      Level &level = levels_[depth_];
      if (!level.reader.more()) {
        if (depth_-- == 0) break;
      } else if (!walk_field(level)) {
        break;
      }
    }
    return std::move(form_);
  }

private:
  struct Level {
    const MessageSchema *schema = nullptr;
    Reader reader{Bytes()};
    const FieldSchema *field = nullptr; ///< in which the level below stands
    std::uint64_t messages = 0;         ///< how many messages were entered at this level, for words
  };

  bool walk_field(Level &level) {
    Field field;
    if (!level.reader.next(field, depth_limit - depth_))
      return fail(level.reader.trouble(), level.reader.where());
    const FieldSchema *const schema = find(*level.schema, number_of(field.tag));
    if (schema == nullptr) {
      note(form_.unknown_field, field, level);
      return true;
    }
    const Type type = type_of(field.tag);
    const Type expected = wire_type_of(schema->type);
    if (type == Type::length && expected != Type::length && schema->repeated)
      return walk_packed(field, expected);
    if (type != expected) {
      note(form_.wrong_type, field, level);
      return true;
    }
    if (schema->type == ValueType::string && !is_utf8(field.payload))
      return fail(Trouble::not_utf8, field.start);
    if (schema->type == ValueType::message) return enter(level, *schema, field);
    return true;
  }

  bool enter(Level &level, const FieldSchema &field, const Field &value) {
    if (depth_ == depth_limit) return fail(Trouble::too_deep, value.start);
    level.field = &field;
    ++level.messages;
    levels_[++depth_] = {field.message, Reader(value.payload), nullptr, 0};
    return true;
  }

  bool walk_packed(const Field &field, Type type) {
    std::uint64_t count = 0;
    const std::size_t size = field.payload.size();
    const bool whole = type == Type::varint    ? count_varints(field.payload, count)
                       : type == Type::fixed32 ? size % 4 == 0
                                               : size % 8 == 0;
    return whole || fail(Trouble::packed_rest, field.start);
  }

  bool fail(Trouble trouble, const std::uint8_t *where) {
    form_.trouble = trouble;
    form_.trouble_at = static_cast<std::uint64_t>(where - data_.data());
    form_.trouble_path = path();
    return false;
  }

  void note(FormFinding &finding, const Field &field, const Level &level) {
    if (finding.count++ > 0) return;
    finding.offset = static_cast<std::uint64_t>(field.start - data_.data());
    finding.path = fmt::format("{}: field {} as {} of {}", path(), number_of(field.tag),
                               name_of(type_of(field.tag)), level.schema->name);
  }

  std::string path() const {
    std::string path(levels_[0].schema->name);
    for (unsigned depth = 0; depth < depth_ && depth < 10; ++depth) {
      const Level &level = levels_[depth];
      path += fmt::format(".{}", level.field->name);
      if (level.field->repeated) path += fmt::format("[{}]", level.messages - 1);
    }
    return depth_ > 10 ? path + "..." : path;
  }

  Bytes data_;
  Level levels_[depth_limit + 1];
  unsigned depth_ = 0;
  Form form_;
};

} // namespace

Form form_of(Bytes data, const MessageSchema &schema) { return FormWalk(data).walk(schema); }

} // namespace datavet::tfrecord::wire
