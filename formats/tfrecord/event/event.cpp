#include "formats/tfrecord/event/event.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "formats/tfrecord/event/rules.h"
#include "formats/tfrecord/event/schema.h"
#include "formats/tfrecord/event/tensor.h"
#include "formats/tfrecord/pictures.h"

namespace datavet::tfrecord {

namespace {

using wire::Field;
using wire::tag_of;
using wire::Type;

constexpr std::uint32_t wall_time_tag = tag_of(1, Type::fixed64);
constexpr std::uint32_t step_tag = tag_of(2, Type::varint);
constexpr std::uint32_t version_tag = tag_of(3, Type::length);
constexpr std::uint32_t summary_tag = tag_of(5, Type::length);

/// The last second of the year 9999, the last that Python's datetime knows.
constexpr double last_second = 253402300799;
/// Milliseconds are still taken for an Event's time, to be told that they are wrong. Eight random bytes are a
/// double between these in one case of fifty.
constexpr double least_time_recognised = 1;
constexpr double largest_time_recognised = 1e13;

std::string_view shown(Bytes text) {
  return wire::text_of(text.first(std::min<std::size_t>(text.size(), 80)));
}

constexpr std::string_view version_prefix = "brain.Event:";

/// event.proto, oneof what: fields 3 to 9.
bool is_what(std::uint32_t tag) {
  const std::uint32_t number = wire::number_of(tag);
  return number >= 3 && number <= 9 && wire::type_of(tag) == Type::length;
}

bool is_version(Bytes text) {
  std::string_view rest = wire::text_of(text);
  if (!rest.starts_with(version_prefix)) return false;
  rest.remove_prefix(version_prefix.size());
  int number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  return error == std::errc() && end == rest.data() + rest.size();
}

/// One kind of a summary's value, as the last of its oneof.
struct Value {
  Bytes tag;
  std::uint32_t kind = 0; ///< field number; 0 = none
  Bytes payload;          ///< of a kind that has one
  float number = 0;
  Bytes plugin; ///< name of the plugin that the value is for
  unsigned kinds = 0;
};

Bytes last_payload(Bytes message, std::uint32_t number) {
  Bytes payload;
  wire::Reader reader(message);
  for (Field field; reader.more() && reader.next(field, wire::depth_limit);)
    if (field.tag == tag_of(number, Type::length)) payload = field.payload;
  return payload;
}

Value read_value(Bytes message) {
  Value value;
  wire::Reader reader(message);
  for (Field field; reader.more() && reader.next(field, wire::depth_limit);) {
    const std::uint32_t number = wire::number_of(field.tag);
    const bool has_payload = wire::type_of(field.tag) == Type::length;
    if (field.tag == tag_of(1, Type::length)) value.tag = field.payload;
    if (field.tag == tag_of(9, Type::length)) value.plugin = last_payload(last_payload(field.payload, 1), 1);
    const bool is_number = field.tag == tag_of(2, Type::fixed32);
    if (!is_number && !(has_payload && ((number >= 3 && number <= 6) || number == 8))) continue;
    value.kind = number;
    value.payload = field.payload;
    if (is_number) value.number = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
    ++value.kinds;
  }
  return value;
}

/// A decimal number as the image plugin writes a picture's sides; 0 = none.
std::uint64_t decimal(Bytes text) {
  const std::string_view digits = wire::text_of(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? number : 0;
}

std::uint64_t doubles_in(const Field &field) {
  return wire::type_of(field.tag) == Type::fixed64  ? 1
         : wire::type_of(field.tag) == Type::length ? field.payload.size() / 8
                                                    : 0;
}

class EventCheck {
public:
  EventCheck(Bytes data, std::uint64_t offset, Evidence &evidence)
      : data_(data), offset_(offset), evidence_(evidence) {}

  void check(bool first) {
    if (!check_form()) return;
    double wall_time = 0;
    std::int64_t step = 0;
    const std::uint8_t *time_at = data_.data();
    const std::uint8_t *step_at = data_.data();
    unsigned whats = 0;
    Field what;
    wire::Reader reader(data_);
    for (Field field; reader.more() && reader.next(field, wire::depth_limit);) {
      if (field.tag == wall_time_tag) {
        wall_time = std::bit_cast<double>(field.value);
        time_at = field.start;
      } else if (field.tag == step_tag) {
        step = static_cast<std::int64_t>(field.value);
        step_at = field.start;
      } else if (is_what(field.tag)) {
        what = field;
        ++whats;
      }
    }
    check_time(wall_time, time_at);
    if (step < 0) add(event_step, step_at, fmt::format("step {}", step));
    if (whats > 1) add(event_what_twice, what.start, fmt::format("{} times what happened", whats));
    if (first || what.tag == version_tag) check_version(what);
    if (what.tag == summary_tag) check_summary(what.payload);
  }

private:
  void add(const Rule &rule, const std::uint8_t *place, std::string detail) {
    evidence_.findings.add(rule, offset_of(place), 0, std::move(detail));
  }
  std::uint64_t offset_of(const std::uint8_t *place) const {
    return offset_ + static_cast<std::uint64_t>(place - data_.data());
  }

  bool check_form() {
    const wire::Form form = wire::form_of(data_, event_schema);
    if (form.trouble != wire::Trouble::none)
      evidence_.findings.add(event_wire, offset_ + form.trouble_at, 0,
                             fmt::format("{}: {}", form.trouble_path, wire::name_of(form.trouble)));
    report(event_unknown_field, form.unknown_field);
    report(event_wire_type, form.wrong_type);
    return form.trouble == wire::Trouble::none;
  }

  void report(const Rule &rule, const wire::FormFinding &found) {
    if (found.count == 0) return;
    std::string detail = found.path;
    if (found.count > 1) detail += fmt::format("; and {} more", found.count - 1);
    evidence_.findings.add(rule, offset_ + found.offset, 0, std::move(detail));
  }

  void check_time(double time, const std::uint8_t *place) {
    if (std::isnan(time))
      add(event_wall_time_nan, place, {});
    else if (!(time >= 0 && time <= last_second))
      add(event_wall_time, place, fmt::format("{}", time));
  }

  void check_version(const Field &what) {
    if (what.tag != version_tag)
      add(event_file_version, data_.data(), "the first record has no version");
    else if (!is_version(what.payload))
      add(event_file_version, what.start, fmt::format("\"{}\"", shown(what.payload)));
  }

  void check_summary(Bytes summary) {
    wire::Reader reader(summary);
    std::uint64_t number = 0;
    for (Field field; reader.more() && reader.next(field, wire::depth_limit);)
      if (field.tag == tag_of(1, Type::length)) check_value(field, number++);
  }

  void check_value(const Field &field, std::uint64_t number) {
    const Value value = read_value(field.payload);
    name_ =
        value.tag.empty() ? fmt::format("value[{}]", number) : fmt::format("value[\"{}\"]", shown(value.tag));
    if (value.tag.empty()) add(event_tag, field.start, name_);
    if (value.kinds > 1) add(event_what_twice, field.start, name_);
    switch (value.kind) {
    case 2:
      if (!std::isfinite(value.number))
        add(event_not_finite, field.start, fmt::format("{}: {}", name_, value.number));
      break;
    case 4: check_image(value.payload); break;
    case 5: check_histogram(value.payload); break;
    case 8: check_tensor(value); break;
    default: break;
    }
  }

  void check_histogram(Bytes histogram) {
    std::uint64_t limits = 0;
    std::uint64_t buckets = 0;
    wire::Reader reader(histogram);
    for (Field field; reader.more() && reader.next(field, wire::depth_limit);) {
      if (wire::number_of(field.tag) == 6) limits += doubles_in(field);
      if (wire::number_of(field.tag) == 7) buckets += doubles_in(field);
    }
    if (limits != buckets)
      add(event_histogram, histogram.data(),
          fmt::format("{}: {} limits, {} buckets", name_, limits, buckets));
  }

  void check_image(Bytes image) {
    if (evidence_.inner == nullptr) return;
    std::int64_t height = 0;
    std::int64_t width = 0;
    Bytes picture;
    wire::Reader reader(image);
    for (Field field; reader.more() && reader.next(field, wire::depth_limit);) {
      if (field.tag == tag_of(1, Type::varint)) height = static_cast<std::int32_t>(field.value);
      if (field.tag == tag_of(2, Type::varint)) width = static_cast<std::int32_t>(field.value);
      if (field.tag == tag_of(4, Type::length)) picture = field.payload;
    }
    hand_over(picture.data() == nullptr ? image.first(0) : picture,
              width > 0 ? static_cast<std::uint64_t>(width) : 0,
              height > 0 ? static_cast<std::uint64_t>(height) : 0, true, name_ + ".image");
  }

  void check_tensor(const Value &value) {
    const Tensor tensor = read_tensor(value.payload);
    std::string detail;
    const TensorFit fit = fit_of(tensor, detail);
    if (fit != TensorFit::good)
      add(fit == TensorFit::bad ? event_tensor : event_tensor_short, value.payload.data(),
          fmt::format("{}.tensor: {}", name_, detail));
    if (tensor.type == Tensor::string_type && evidence_.inner != nullptr)
      hand_over_strings(value.payload, wire::text_of(value.plugin) == "images");
  }

  // TensorBoard's image plugin (plugins/image/metadata.py): the strings width, height, and a picture each.
  void hand_over_strings(Bytes tensor, bool of_images) {
    std::uint64_t sides[2] = {};
    std::uint64_t place = 0;
    wire::Reader reader(tensor);
    for (Field field; reader.more() && reader.next(field, wire::depth_limit);) {
      if (field.tag != tag_of(8, Type::length)) continue;
      const bool is_side = of_images && place < 2;
      if (is_side)
        sides[place] = decimal(field.payload);
      else if (of_images || begins_like_picture(field.payload, {}))
        hand_over(field.payload, sides[0], sides[1], of_images,
                  fmt::format("{}.tensor.string_val[{}]", name_, place));
      ++place;
    }
  }

  void hand_over(Bytes picture, std::uint64_t width, std::uint64_t height, bool must_be_one,
                 std::string part) {
    InnerSample inner;
    inner.part = std::move(part);
    inner.offset = offset_of(picture.data());
    inner.bytes = picture;
    if (width > 0 && height > 0) {
      inner.width = width;
      inner.height = height;
      inner.other_size = &event_picture_size;
    }
    if (must_be_one) inner.no_sample = &event_picture_unknown;
    evidence_.inner->found(std::move(inner));
  }

  const Bytes data_;
  const std::uint64_t offset_;
  Evidence &evidence_;
  std::string name_; ///< of the value that is looked at, for words
};

} // namespace

bool is_event(Bytes data) {
  wire::Reader reader(data);
  Field field;
  if (!reader.next(field, wire::depth_limit) || field.tag != wall_time_tag) return false;
  const double time = std::bit_cast<double>(field.value);
  if (!(time >= least_time_recognised && time <= largest_time_recognised)) return false;
  bool says_what = false;
  while (reader.more()) {
    if (!reader.next(field, wire::depth_limit)) return false;
    if (field.tag == version_tag && !wire::text_of(field.payload).starts_with(version_prefix)) return false;
    says_what |= is_what(field.tag) && !field.payload.empty();
  }
  return says_what && wire::form_of(data, event_schema).strict();
}

void check_event(Bytes data, std::uint64_t offset, bool first, Evidence &evidence) {
  EventCheck(data, offset, evidence).check(first);
}

} // namespace datavet::tfrecord
