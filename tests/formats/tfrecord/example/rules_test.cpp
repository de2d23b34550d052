// Each rule on what records hold has a record that breaks it alone.
#include <set>

#include <gtest/gtest.h>

#include "formats/tfrecord/rules.h"
#include "tests/formats/tfrecord/example/message_writer.h"

namespace datavet::test {
namespace {

using tfrecord::Payload;

/// Told with a picture, broken when the picture is judged.
const std::set<const Rule *> of_pictures = {
    &tfrecord::example_picture_format, &tfrecord::example_picture_size, &tfrecord::example_picture_unknown,
    &tfrecord::event_picture_size, &tfrecord::event_picture_unknown};

Blob one(std::string_view name = "x") { return entry(name, integers_feature({1})); }
Blob event(const Blob &rest) { return double_field(1, 1.6e9) + rest; }
Blob value(const Blob &rest) { return event(field(5, field(1, field(1, "t") + rest))); }
Blob tensor(const Blob &rest) { return value(field(8, number_field(1, 3) + rest)); }

struct Breaker {
  const Rule *rule;
  Payload payload;
  Blob data;
};

std::vector<Breaker> breakers() {
  using namespace tfrecord;
  const auto [e, s, v] = std::tuple(Payload::example, Payload::sequence_example, Payload::event);
  Blob many;
  for (int number = 0; number < 132'000; ++number) many = append(std::move(many), {0x0a, 0x02, 0x0a, 0x00});
  const Blob side = field(2, number_field(1, 2));
  return {
      {&example_wire, e, {0x0a, 9}},
      {&example_name_utf8, e, example(one("\xff"))},
      {&example_unknown_field, e, example(one()) + number_field(9, 1)},
      {&example_foreign_field, e, example(one() + number_field(9, 1))},
      {&example_wire_type, e, example(entry("x", field(3, float_field(1, 1))))},
      {&example_entry, e, example(field(1, field(2, integers_feature({1}))))},
      {&example_same_name, e, example(one() + one())},
      {&example_set_again, e, example(entry("x", integers_feature({1}) + integers_feature({1})))},
      {&example_mixed_steps, s,
       field(2, entry("x", field(1, integers_feature({1})) + field(1, floats_feature({1}))))},
      {&example_many_features, s, field(2, entry("x", many))},
      {&example_box_lists, e, example(entry("image/object/bbox/xmin", floats_feature({1})))},
      {&example_label_lists, e,
       example(entry("image/object/bbox/xmin", floats_feature({0})) +
               entry("image/object/bbox/xmax", floats_feature({1})) +
               entry("image/object/bbox/ymin", floats_feature({0})) +
               entry("image/object/bbox/ymax", floats_feature({1})) +
               entry("image/object/class/label", integers_feature({1, 2})))},
      {&example_box, e,
       example(entry("image/object/bbox/xmin", floats_feature({1})) +
               entry("image/object/bbox/xmax", floats_feature({0})) +
               entry("image/object/bbox/ymin", floats_feature({0})) +
               entry("image/object/bbox/ymax", floats_feature({1})))},
      {&example_raw_length, e,
       example(entry("a", bytes_feature("12345")) + entry("a/shape", integers_feature({2})))},
      {&example_not_finite, e, example(entry("a", field(2, field(1, Blob{0, 0, 0x80, 0x7f}))))},
      {&event_wire, v, event({0x2a, 9})},
      {&event_unknown_field, v, event(field(4, "g") + number_field(77, 1))},
      {&event_wire_type, v, event(field(4, "g") + field(2, "step"))},
      {&event_wall_time_nan, v, double_field(1, __builtin_nan("")) + field(4, "g")},
      {&event_wall_time, v, double_field(1, -1) + field(4, "g")},
      {&event_step, v, event(number_field(2, ~0ull))},
      {&event_file_version, v, event(field(3, "2"))},
      {&event_what_twice, v, event(field(4, "g") + field(4, "g"))},
      {&event_tag, v, event(field(5, field(1, float_field(2, 1))))},
      {&event_histogram, v, value(field(5, double_field(6, 1)))},
      {&event_tensor, v, tensor(field(2, side) + field(7, Blob{1, 2, 3}))},
      {&event_tensor_short, v, tensor(field(2, side))},
      {&event_not_finite, v, value(float_field(2, __builtin_nanf("")))},
  };
}

TEST(PayloadRules, EachHasARecordThatBreaksItAlone) {
  std::set<const Rule *> broken = of_pictures;
  for (const Breaker &breaker : breakers()) {
    EXPECT_EQ(rules_of(examine(breaker.data, breaker.payload), false),
              std::string(breaker.rule->id.substr(9)) + " ");
    broken.insert(breaker.rule);
  }
  for (const Rule *rule : tfrecord::all_rules) {
    const bool of_payload =
        rule->id.starts_with("tfrecord.example.") || rule->id.starts_with("tfrecord.event.");
    EXPECT_TRUE(!of_payload || broken.contains(rule)) << "no record breaks " << rule->id;
  }
}

} // namespace
} // namespace datavet::test
