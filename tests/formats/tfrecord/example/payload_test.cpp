// What is recognised, and what is not: random bytes, text, other messages.
#include <random>

#include <gtest/gtest.h>

#include "tests/formats/tfrecord/example/message_writer.h"

namespace datavet::test {
namespace {

using tfrecord::Payload;

Payload recognise(const Blob &data) {
  const GuardedBytes guarded{Bytes(data)};
  return tfrecord::recognise(guarded.bytes());
}
Blob event() {
  return double_field(1, 1.6e9) + number_field(2, 7) +
         field(5, field(1, field(1, "loss") + float_field(2, 1)));
}

TEST(Payload, RecognisesWhatItKnows) {
  EXPECT_EQ(recognise(example(entry("x", integers_feature({1})))), Payload::example);
  EXPECT_EQ(recognise(field(1, entry("x", integers_feature({1}))) +
                      field(2, entry("s", field(1, bytes_feature("a"))))),
            Payload::sequence_example);
  EXPECT_EQ(recognise(field(2, entry("s", field(1, bytes_feature("a"))))), Payload::sequence_example);
  EXPECT_EQ(recognise(event()), Payload::event);
  EXPECT_EQ(recognise(double_field(1, 1.6e9) + field(3, "brain.Event:2")), Payload::event);
}

TEST(Payload, OtherMessagesAreOpaque) {
  EXPECT_EQ(recognise({}), Payload::opaque);
  EXPECT_EQ(recognise({0x0a, 0x00}), Payload::opaque) << "an Example without features could be anything";
  EXPECT_EQ(recognise(example(entry("x", {}))), Payload::opaque);
  EXPECT_EQ(recognise(example(entry("x", integers_feature({1}))) + number_field(3, 1)), Payload::opaque);
  EXPECT_EQ(recognise(example(entry("x", blob("text")))), Payload::opaque) << "map<string, string>";
  EXPECT_EQ(recognise(example(field(1, field(1, "x") + number_field(2, 5)))), Payload::opaque)
      << "map<string, int64>";
  EXPECT_EQ(recognise(field(1, "name") + number_field(2, 5) + field(3, "more")), Payload::opaque);
  EXPECT_EQ(recognise(double_field(1, 3.5)), Payload::opaque) << "a message with a double";
  EXPECT_EQ(recognise(double_field(1, 3.5) + double_field(2, 7)), Payload::opaque);
  EXPECT_EQ(recognise(double_field(1, -1) + field(3, "brain.Event:2")), Payload::opaque);
  EXPECT_EQ(recognise(double_field(1, 1e-40) + field(4, "g")), Payload::opaque)
      << "a double, and no wall time";
  EXPECT_EQ(recognise(double_field(1, 1.6e9) + field(4, "")), Payload::opaque) << "nothing happened";
  EXPECT_EQ(recognise(double_field(1, 1.6e9) + field(3, "a name")), Payload::opaque);
  // google.protobuf.Struct inside a message: { "key": "a string" }
  EXPECT_EQ(recognise(field(1, field(1, field(1, "key") + field(2, field(3, "a string"))))), Payload::opaque);
  EXPECT_EQ(recognise(blob("{\"json\": [1, 2, 3]}")), Payload::opaque);
  EXPECT_EQ(recognise(Blob{0xff, 0xd8, 0xff}), Payload::opaque);
}

TEST(Payload, RandomBytesAreOpaque) {
  std::mt19937 random(11);
  for (int round = 0; round < 300'000; ++round) {
    Blob data(random() % 60);
    for (std::uint8_t &byte : data) byte = static_cast<std::uint8_t>(random());
    if (!data.empty() && round % 3 != 0) data[0] = round % 3 == 1 ? 0x0a : 0x09;
    ASSERT_EQ(recognise(data), Payload::opaque);
  }
}

TEST(Payload, OpaqueRecordsAreNotAccused) {
  EXPECT_EQ(rules_of(examine(blob("anything"), Payload::opaque)), "");
}

TEST(Payload, TraitsAreToldOncePerName) {
  KeptTraits traits;
  examine(example(entry("x", integers_feature({1})) + entry("y", bytes_feature("a")) +
                  entry("x", floats_feature({2, 3})) + entry("z", {})),
          Payload::example, false, nullptr, &traits);
  EXPECT_EQ(traits.text, "y:bytes:1 x:float:2 z:none:0 ");
  traits.text.clear();
  examine(field(1, entry("c", integers_feature({1}))) +
              field(2, entry("s", field(1, bytes_feature("a")) + field(1, bytes_feature("b")))),
          Payload::sequence_example, false, nullptr, &traits);
  EXPECT_EQ(traits.text, "c:int64:1 s:bytes:2 ");
}

} // namespace
} // namespace datavet::test
