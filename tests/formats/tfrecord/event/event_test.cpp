// TensorBoard events: what is healthy, and each way not to be.
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "formats/tfrecord/event/rules.h"
#include "tests/formats/tfrecord/example/message_writer.h"

namespace datavet::test {
namespace {

using tfrecord::Payload;

const Blob png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

Blob event_with(const Blob &what, double time = 1.6e9, std::int64_t step = 1) {
  return double_field(1, time) + number_field(2, static_cast<std::uint64_t>(step)) + what;
}
Blob summary(const Blob &value) { return event_with(field(5, field(1, value))); }
Blob tagged(const Blob &rest) { return summary(field(1, "loss") + rest); }
Blob shape(std::initializer_list<std::int64_t> sides) {
  Blob dims;
  for (std::int64_t side : sides) dims = dims + field(2, number_field(1, static_cast<std::uint64_t>(side)));
  return field(2, dims);
}
Blob tensor(std::uint64_t type, const Blob &rest) { return tagged(field(8, number_field(1, type) + rest)); }
std::string rules(const Blob &event, bool first = false) {
  return rules_of(examine(event, Payload::event, first), false);
}

std::vector<InnerSample> pictures_in(const Blob &event) {
  KeptInner inner;
  EXPECT_EQ(rules_of(examine(event, Payload::event, false, &inner, nullptr, 20)), "");
  return inner.samples;
}

TEST(Event, WhatWritersWriteIsHealthy) {
  EXPECT_EQ(rules(double_field(1, 1.6e9) + field(3, "brain.Event:2"), true), "");
  EXPECT_EQ(rules(tagged(float_field(2, 0.5f))), "");
  EXPECT_EQ(rules(event_with(field(4, "a graph"))), "");
  EXPECT_EQ(rules(event_with(field(7, number_field(1, 1) + field(2, "path")))), "");
  EXPECT_EQ(rules(tensor(1, shape({2, 2}) + field(4, Blob(16, 0)))), "");
  EXPECT_EQ(rules(tensor(1, float_field(5, 1))), "") << "a scalar";
  EXPECT_EQ(rules(tensor(3, shape({2, 3}) + field(7, Blob{5}))), "") << "one value for all";
  EXPECT_EQ(rules(tensor(9, shape({3}) + field(10, Blob{1, 2, 3}))), "");
  EXPECT_EQ(rules(tensor(7, shape({2}) + field(8, "a") + field(8, "b"))), "");
  EXPECT_EQ(rules(tensor(8, shape({2}) + field(9, Blob(16, 0)))), "") << "two numbers make a complex one";
  EXPECT_EQ(rules(tensor(1, shape({0, 5}))), "");
  EXPECT_EQ(rules(tagged(field(5, double_field(1, 0) + field(6, Blob(16, 0)) + field(7, Blob(16, 0))))), "");
  EXPECT_EQ(rules(tagged(field(6, float_field(1, 16000) + field(4, "RIFF") + field(5, "audio/wav")))), "");
}

TEST(Event, TellsWhichFieldIsMalformed) {
  const Evidence evidence = examine(summary(field(1, "a") + field(4, Blob{0x22, 9})), Payload::event);
  EXPECT_EQ(rules_of(evidence, false), "event.wire ");
  EXPECT_EQ(detail_of(evidence),
            "Event.summary.value[0].image: the length is larger than what is left of the message");
  EXPECT_EQ(rules(summary(field(1, "\xff") + float_field(2, 1))), "event.wire ");
  EXPECT_EQ(rules(tagged(field(5, field(6, Blob(9, 0))))), "event.wire ");
}

TEST(Event, TellsUnknownAndMistypedFields) {
  EXPECT_EQ(rules(event_with(field(4, "g")) + number_field(77, 1)), "event.unknown_field ");
  EXPECT_EQ(rules(tagged(number_field(2, 1))), "event.wire_type ");
}

TEST(Event, TimesAreSane) {
  EXPECT_EQ(rules(event_with(field(4, "g"), std::nan(""))), "event.wall_time_nan ");
  EXPECT_EQ(rules(event_with(field(4, "g"), std::numeric_limits<double>::infinity())), "event.wall_time ");
  EXPECT_EQ(rules(event_with(field(4, "g"), -5)), "event.wall_time ");
  EXPECT_EQ(rules(event_with(field(4, "g"), 1.6e12)), "event.wall_time ") << "milliseconds";
}

TEST(Event, StepsAreNotNegative) { EXPECT_EQ(rules(event_with(field(4, "g"), 1, -1)), "event.step "); }

TEST(Event, FilesBeginWithTheirVersion) {
  EXPECT_EQ(rules(tagged(float_field(2, 1)), true), "event.file_version ");
  EXPECT_EQ(rules(event_with(field(3, "brain.Event:")), true), "event.file_version ");
  EXPECT_EQ(rules(event_with(field(3, "brain.Event:2x"))), "event.file_version ");
  EXPECT_EQ(rules(event_with(field(3, "2")), true), "event.file_version ");
}

TEST(Event, SaysOneThing) {
  EXPECT_EQ(rules(event_with(field(4, "g") + field(9, "m"))), "event.what_twice ");
  EXPECT_EQ(rules(tagged(float_field(2, 1) + field(6, ""))), "event.what_twice ");
}

TEST(Event, ValuesHaveATag) { EXPECT_EQ(rules(summary(float_field(2, 1))), "event.tag "); }

TEST(Event, ScalarsThatAreNotFiniteAreNoted) {
  EXPECT_EQ(rules(tagged(float_field(2, std::nanf("")))), "event.not_finite ");
}

TEST(Event, HistogramsHaveAsManyLimitsAsBuckets) {
  EXPECT_EQ(rules(tagged(field(5, field(6, Blob(24, 0)) + field(7, Blob(16, 0))))), "event.histogram ");
  EXPECT_EQ(rules(tagged(field(5, double_field(6, 1) + double_field(6, 2) + field(7, Blob(16, 0))))), "")
      << "unpacked";
}

TEST(Event, TensorsFillTheirShape) {
  EXPECT_EQ(rules(tensor(1, shape({2, 2}) + field(4, Blob(15, 0)))), "event.tensor ");
  EXPECT_EQ(rules(tensor(1, shape({2, 2}) + field(4, Blob(20, 0)))), "event.tensor ");
  EXPECT_EQ(rules(tensor(3, shape({2}) + field(7, Blob{1, 2, 3}))), "event.tensor ");
  EXPECT_EQ(rules(tensor(0, {})), "event.tensor ") << "DT_INVALID";
  EXPECT_EQ(rules(tensor(3, shape({4}) + field(7, Blob{1, 2, 3}))), "event.tensor_short ");
  EXPECT_EQ(rules(tensor(1, shape({2}) + field(7, Blob{1, 2}))), "event.tensor_short ")
      << "values of another type";
  EXPECT_EQ(rules(tensor(1, shape({-1}) + field(4, Blob(15, 0)))), "") << "a side is open";
  EXPECT_EQ(rules(tensor(1, shape({1ll << 40, 1ll << 40}) + field(4, Blob(16, 0)))), "event.tensor ");
}

TEST(Event, HandsOverPictures) {
  const Blob data =
      tagged(field(4, number_field(1, 4) + number_field(2, 6) + number_field(3, 3) + field(4, png)));
  const auto pictures = pictures_in(data);
  ASSERT_EQ(pictures.size(), 1u);
  EXPECT_EQ(pictures[0].part, "value[\"loss\"].image");
  EXPECT_EQ(pictures[0].width, 6u);
  EXPECT_EQ(pictures[0].height, 4u);
  EXPECT_EQ(pictures[0].other_size, &tfrecord::event_picture_size);
  EXPECT_EQ(pictures[0].no_sample, &tfrecord::event_picture_unknown);
  EXPECT_EQ(data.at(pictures[0].offset - 20), 0x89);
}

// TensorBoard's image plugin: width, height, pictures.
TEST(Event, HandsOverPicturesInTensors) {
  const Blob strings = field(8, number_field(1, 7) + shape({4}) + field(8, "6") + field(8, "4") +
                                    field(8, png) + field(8, png));
  const auto of_plugin = pictures_in(tagged(strings + field(9, field(1, field(1, "images")))));
  ASSERT_EQ(of_plugin.size(), 2u);
  EXPECT_EQ(of_plugin[0].part, "value[\"loss\"].tensor.string_val[2]");
  EXPECT_EQ(of_plugin[1].width, 6u);
  EXPECT_EQ(of_plugin[1].height, 4u);
  const auto of_none = pictures_in(tagged(strings));
  ASSERT_EQ(of_none.size(), 2u);
  EXPECT_EQ(of_none[0].width, 0u);
  EXPECT_EQ(of_none[0].no_sample, nullptr);
}

Blob large_event() {
  return event_with(field(
      5, field(1, field(1, "a") + field(4, number_field(1, 4) + number_field(2, 6) + field(4, png))) +
             field(1, field(1, "b") +
                          field(5, double_field(1, 0) + field(6, Blob(16, 0)) + field(7, Blob(16, 0)))) +
             field(1, field(1, "c") + field(8, number_field(1, 7) + shape({1}) + field(8, png))) +
             field(1, field(1, "d") + field(8, number_field(1, 3) + shape({2}) + field(7, Blob{1, 2})))));
}

TEST(Event, EveryPrefixAndEveryByteIsJudged) {
  const Blob good = large_event();
  ASSERT_EQ(tfrecord::recognise(good), Payload::event);
  const auto judge = [](const Blob &data) {
    KeptInner inner;
    const Evidence evidence = examine(data, Payload::event, true, &inner);
    for (const Finding &finding : evidence.findings.list()) ASSERT_LE(finding.offset, data.size());
    for (const InnerSample &sample : inner.samples)
      ASSERT_LE(sample.offset + sample.bytes.size(), data.size());
    const GuardedBytes guarded{Bytes(data)};
    tfrecord::recognise(guarded.bytes());
  };
  for (std::size_t size = 0; size <= good.size(); ++size) judge(truncate(good, size));
  for (std::size_t at = 0; at < good.size(); ++at)
    for (unsigned value = 0; value < 256; ++value)
      judge(set_byte(good, at, static_cast<std::uint8_t>(value)));
}

// VariantTensorDataProto holds tensors that hold variants: as deep as protobuf goes, and no deeper.
TEST(Event, MessagesNestAHundredDeep) {
  Blob inner = number_field(1, 1);
  for (int level = 0; level < 48; ++level) inner = number_field(1, 21) + field(15, field(3, inner));
  EXPECT_EQ(rules(tagged(field(8, inner))).find("event.wire "), std::string::npos);
  for (int level = 0; level < 2; ++level) inner = number_field(1, 21) + field(15, field(3, inner));
  EXPECT_EQ(rules(tagged(field(8, inner))), "event.wire ");
}

} // namespace
} // namespace datavet::test
