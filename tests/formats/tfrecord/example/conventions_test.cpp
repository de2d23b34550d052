// What names promise: pictures, boxes, raw values.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "formats/tfrecord/example/rules.h"
#include "formats/tfrecord/pictures.h"
#include "tests/formats/tfrecord/example/message_writer.h"

namespace datavet::test {
namespace {

using tfrecord::Payload;

const Blob jpeg = {0xff, 0xd8, 0xff, 0xe0, 0, 16};
const Blob png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

struct Boxes {
  std::initializer_list<float> xmin{0.1f, 0.2f}, xmax{0.5f, 1}, ymin{0, 0.3f}, ymax{0.9f, 0.3f};
};
Blob box_entries(const Boxes &boxes) {
  return entry("image/object/bbox/xmin", floats_feature(boxes.xmin)) +
         entry("image/object/bbox/xmax", floats_feature(boxes.xmax)) +
         entry("image/object/bbox/ymin", floats_feature(boxes.ymin)) +
         entry("image/object/bbox/ymax", floats_feature(boxes.ymax));
}
std::string rules_of_entries(const Blob &entries) {
  return rules_of(examine_example(example(entries)), false);
}
Blob labels(std::initializer_list<std::int64_t> values) {
  return entry("image/object/class/label", integers_feature(values));
}
Blob texts(std::initializer_list<Blob> values) {
  return entry("image/object/class/text", bytes_feature(values));
}

std::vector<InnerSample> pictures_in(const Blob &data, Payload payload = Payload::example) {
  KeptInner inner;
  EXPECT_EQ(rules_of(examine(data, payload, false, &inner, nullptr, 50)), "");
  return inner.samples;
}

// What create_coco_tf_record.py writes.
TEST(ExampleConventions, ADetectionRecordIsHealthy) {
  EXPECT_EQ(
      rules_of_entries(
          entry("image/height", integers_feature({480})) + entry("image/width", integers_feature({640})) +
          entry("image/filename", bytes_feature("1.jpg")) + entry("image/key/sha256", bytes_feature("00ff")) +
          entry("image/encoded", bytes_feature({jpeg})) + entry("image/format", bytes_feature("jpeg")) +
          box_entries({}) + labels({1, 2}) + texts({blob("a"), blob("b")})),
      "");
  EXPECT_EQ(rules_of_entries(box_entries({{}, {}, {}, {}}) + labels({}) + texts({})), "")
      << "a picture without objects";
}

TEST(ExampleConventions, BoxListsHaveEqualLength) {
  EXPECT_EQ(rules_of_entries(box_entries({.xmax = {1}})), "example.box_lists ");
  EXPECT_EQ(rules_of_entries(box_entries({.ymax = {}})), "example.box_lists ");
  EXPECT_EQ(rules_of_entries(entry("image/object/bbox/ymin", floats_feature({0.5f}))), "example.box_lists ");
}

TEST(ExampleConventions, LabelsAreAsManyAsBoxes) {
  EXPECT_EQ(rules_of_entries(box_entries({}) + labels({1})), "example.label_lists ");
  EXPECT_EQ(rules_of_entries(box_entries({}) + texts({blob("a"), blob("b"), blob("c")})),
            "example.label_lists ");
  EXPECT_EQ(rules_of_entries(box_entries({}) + labels({})), "") << "texts alone are as good";
}

TEST(ExampleConventions, BoxesLieInThePicture) {
  EXPECT_EQ(rules_of_entries(box_entries({.xmin = {0.6f, 0.2f}})), "example.box ") << "minimum above maximum";
  EXPECT_EQ(rules_of_entries(box_entries({.xmin = {-0.1f, 0.2f}})), "example.box ");
  EXPECT_EQ(rules_of_entries(box_entries({.xmax = {120, 300}})), "example.box ") << "pixels";
  EXPECT_EQ(rules_of_entries(box_entries({.ymax = {0.9f, std::nanf("")}})),
            "example.not_finite example.box ");
  EXPECT_EQ(rules_of_entries(box_entries({.xmax = {0.5f, 1.0000001f}})), "") << "a rounding error";
  EXPECT_EQ(detail_of(examine_example(example(box_entries({.xmin = {0.6f, 2}})))),
            "box 0: x 0.6 to 0.5, y 0 to 0.9; and 1 more");
}

TEST(ExampleConventions, NanAndInfinityAreNoted) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Evidence evidence = examine_example(example(
      entry("a", floats_feature({1})) + entry("b", floats_feature({1, std::nanf(""), infinity, -infinity}))));
  EXPECT_EQ(rules_of(evidence, false), "example.not_finite ");
  EXPECT_EQ(detail_of(evidence), "3 NaN or infinite float values, the first in \"b\"");
  EXPECT_EQ(evidence.findings.verdict(), Verdict::healthy);
}

TEST(ExampleConventions, RawValuesFitTheirShape) {
  const Blob values(24, 1);
  const Blob shape = entry("x/shape", integers_feature({2, 3}));
  EXPECT_EQ(rules_of_entries(entry("x", bytes_feature({values})) + shape), "");
  EXPECT_EQ(rules_of_entries(entry("x", bytes_feature({Blob(23, 1)})) + shape), "example.raw_length ");
  EXPECT_EQ(rules_of_entries(entry("x", bytes_feature({values})) + shape +
                             entry("x/dtype", bytes_feature("float32"))),
            "");
  EXPECT_EQ(rules_of_entries(entry("x", bytes_feature({values})) + shape +
                             entry("x/dtype", bytes_feature("float64"))),
            "example.raw_length ");
  EXPECT_EQ(
      rules_of_entries(entry("x", bytes_feature({Blob(23, 1)})) + entry("x_shape", integers_feature({2, 3}))),
      "example.raw_length ");
  EXPECT_EQ(
      rules_of_entries(entry("x", bytes_feature({values})) + entry("x/shape", integers_feature({-1, 3}))), "")
      << "a side is open";
  EXPECT_EQ(rules_of_entries(entry("x", bytes_feature({values})) +
                             entry("x/shape", integers_feature({1ll << 40, 1ll << 40}))),
            "");
  EXPECT_EQ(rules_of_entries(entry("x", bytes_feature({Blob{8, 1} + values})) + shape), "")
      << "tf.io.serialize_tensor";
  EXPECT_EQ(rules_of_entries(entry("x", bytes_feature({jpeg})) + shape), "") << "a picture is not raw";
}

TEST(ExampleConventions, RawPicturesFitTheirSides) {
  const auto sides = [](std::int64_t depth) {
    return entry("height", integers_feature({2})) + entry("width", integers_feature({3})) +
           entry("depth", integers_feature({depth}));
  };
  EXPECT_EQ(rules_of_entries(entry("image_raw", bytes_feature({Blob(18, 1)})) + sides(3)), "");
  EXPECT_EQ(rules_of_entries(entry("image_raw", bytes_feature({Blob(72, 1)})) + sides(3)), "")
      << "as float32";
  EXPECT_EQ(rules_of_entries(entry("image_raw", bytes_feature({Blob(18, 1)})) + sides(1)),
            "example.raw_length ");
  EXPECT_EQ(rules_of_entries(entry("image_raw", bytes_feature({jpeg})) + sides(3)), "")
      << "as the guide does it";
  EXPECT_EQ(rules_of_entries(entry("image", bytes_feature({Blob(17, 1)})) + sides(3)), "")
      << "may be any encoding";
}

TEST(ExampleConventions, PicturesAreHandedOver) {
  const Blob data =
      example(entry("image/encoded", bytes_feature({jpeg})) + entry("image/format", bytes_feature("PNG")) +
              entry("image/height", integers_feature({480})) + entry("image/width", integers_feature({640})) +
              entry("mask", bytes_feature({png, blob("no picture"), png})));
  const std::vector<InnerSample> pictures = pictures_in(data);
  ASSERT_EQ(pictures.size(), 3u);
  EXPECT_EQ(pictures[0].part, "image/encoded");
  EXPECT_EQ(pictures[0].format, "png");
  EXPECT_EQ(pictures[0].width, 640u);
  EXPECT_EQ(pictures[0].height, 480u);
  EXPECT_EQ(pictures[0].other_format, &tfrecord::example_picture_format);
  EXPECT_EQ(pictures[0].other_size, &tfrecord::example_picture_size);
  EXPECT_EQ(pictures[0].no_sample, &tfrecord::example_picture_unknown);
  EXPECT_EQ(data.at(pictures[0].offset - 50), 0xff);
  EXPECT_EQ(pictures[1].part, "mask[0]");
  EXPECT_EQ(pictures[2].part, "mask[2]");
  EXPECT_EQ(data.at(pictures[2].offset - 50), 0x89);
  EXPECT_EQ(pictures[2].other_size, nullptr);
}

TEST(ExampleConventions, AnEncodedPictureOfNoDeclaredFormatNeedNotBeOne) {
  for (std::string_view format : {"raw", "heic"}) {
    const auto pictures = pictures_in(example(entry("image/encoded", bytes_feature("pixels")) +
                                              entry("image/format", bytes_feature(format))));
    ASSERT_EQ(pictures.size(), 1u);
    EXPECT_EQ(pictures[0].no_sample, nullptr);
    EXPECT_TRUE(pictures[0].format.empty());
  }
}

TEST(ExampleConventions, PicturesInStepsAreHandedOver) {
  const Blob steps = field(1, bytes_feature({jpeg})) + field(1, bytes_feature({png}));
  const auto pictures = pictures_in(field(1, entry("image/format", bytes_feature("jpg"))) +
                                        field(2, entry("image/encoded", steps)),
                                    Payload::sequence_example);
  ASSERT_EQ(pictures.size(), 2u);
  EXPECT_EQ(pictures[1].part, "image/encoded[1]");
  EXPECT_EQ(pictures[1].format, "jpeg");
}

TEST(ExampleConventions, PicturesAreToldByTheirFirstBytes) {
  const auto is = [](std::string_view text, std::string_view name = "x") {
    const Blob bytes = blob(text);
    const GuardedBytes guarded{Bytes(bytes)};
    return tfrecord::begins_like_picture(guarded.bytes(), name);
  };
  using namespace std::string_view_literals;
  for (std::string_view good : {"\xff\xd8\xff\xe0"sv, "\x89PNG\r\n\x1a\n"sv, "GIF89a"sv, "RIFF\0\0\0\0WEBP"sv,
                                "II*\0"sv, "MM\0*"sv, "\0\0\0\x0cjP  \r\n\x87\n"sv, "\xff\x4f\xff\x51"sv})
    EXPECT_TRUE(is(good)) << testing::PrintToString(good);
  for (std::string_view bad : {""sv, "\xff\xd8"sv, "GIF8 is a format"sv, "RIFF\0\0\0\0WAVE"sv, "IIII"sv,
                               "BMW of 1980, in good order"sv})
    EXPECT_FALSE(is(bad, "image")) << testing::PrintToString(bad);
  const std::string_view bmp = "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"sv;
  EXPECT_TRUE(is(bmp, "image/raw"));
  EXPECT_FALSE(is(bmp, "text"));
}

} // namespace
} // namespace datavet::test
