// Features of a record, and each way in which a record is no Example.
#include <random>

#include <gtest/gtest.h>

#include "formats/tfrecord/example/walk.h"
#include "formats/tfrecord/wire/schema.h"
#include "tests/formats/tfrecord/example/message_writer.h"
#include "tests/formats/tfrecord/example/schema.h"

namespace datavet::test {
namespace {

using tfrecord::ExampleType;
using tfrecord::ExampleWalk;
using tfrecord::Feature;
using tfrecord::Oddity;
using tfrecord::Payload;

Blob small_example() {
  return example(entry("id", bytes_feature("n01440764_18")) + entry("label", integers_feature({3})) +
                 entry("values", floats_feature({0.5f, -1, 2})) +
                 entry("more", integers_feature({-1, 300, 0})));
}
Blob step_list(std::initializer_list<Blob> steps) {
  Blob list;
  for (const Blob &step : steps) list = list + field(1, step);
  return list;
}
Blob small_sequence() {
  return field(1, entry("id", bytes_feature("x"))) +
         field(2, entry("frames", step_list({bytes_feature("a"), bytes_feature("bc")})) +
                      entry("labels", step_list({integers_feature({1, 2})})));
}

TEST(ExampleWalk, YieldsFeaturesInOrder) {
  const Blob data = small_example();
  ExampleWalk walk;
  ASSERT_TRUE(walk.walk(data, ExampleType::example));
  EXPECT_FALSE(walk.odd());
  ASSERT_EQ(walk.features().size(), 4u);
  EXPECT_EQ(walk.features()[0].name, "id");
  EXPECT_EQ(walk.features()[2].kind, tfrecord::FeatureKind::floats);
  EXPECT_EQ(walk.features()[2].count, 3u);
  std::vector<float> floats;
  tfrecord::for_each_float(walk.features()[2].list, [&](float value) { floats.push_back(value); });
  EXPECT_EQ(floats, (std::vector<float>{0.5f, -1, 2}));
  std::vector<std::int64_t> integers;
  tfrecord::for_each_integer(walk.features()[3].list, [&](std::int64_t value) {
    integers.push_back(value);
    return true;
  });
  EXPECT_EQ(integers, (std::vector<std::int64_t>{-1, 300, 0}));
  Bytes value;
  ASSERT_TRUE(tfrecord::only_bytes(walk.features()[0], value));
  EXPECT_EQ(tfrecord::wire::text_of(value), "n01440764_18");
  std::int64_t label = 0;
  ASSERT_TRUE(tfrecord::only_integer(walk.features()[1], label));
  EXPECT_EQ(label, 3);
}

TEST(ExampleWalk, YieldsTheStepsOfFeatureLists) {
  const Blob data = small_sequence();
  ExampleWalk walk;
  ASSERT_TRUE(walk.walk(data, ExampleType::sequence_example));
  EXPECT_FALSE(walk.odd());
  ASSERT_EQ(walk.lists().size(), 2u);
  EXPECT_EQ(walk.lists()[0].steps, 2u);
  EXPECT_EQ(walk.lists()[1].first, 2u);
  ASSERT_EQ(walk.steps().size(), 3u);
  EXPECT_EQ(walk.steps()[1].name, "frames");
  EXPECT_TRUE(walk.steps()[1].in_list);
}

// Unpacked lists are as good as packed ones.
TEST(ExampleWalk, ReadsUnpackedLists) {
  const Blob data =
      example(entry("f", field(2, float_field(1, 1) + float_field(1, 2))) +
              entry("i", field(3, number_field(1, 7) + number_field(1, 8) + number_field(1, 9))));
  EXPECT_EQ(rules_of(examine_example(data)), "");
  ExampleWalk walk;
  ASSERT_TRUE(walk.walk(data, ExampleType::example));
  EXPECT_EQ(walk.features()[0].count, 2u);
  EXPECT_EQ(walk.features()[1].count, 3u);
  tfrecord::FloatValues values(walk.features()[0].list);
  float value = 0;
  ASSERT_TRUE(values.next(value) && values.next(value));
  EXPECT_EQ(value, 2);
  EXPECT_FALSE(values.next(value));
}

TEST(ExampleWalk, EmptyListsAreHealthy) {
  EXPECT_EQ(
      rules_of(examine_example(example(entry("b", bytes_feature(std::initializer_list<Blob>{})) +
                                       entry("f", floats_feature({})) + entry("i", integers_feature({})))),
               false),
      "");
}

TEST(ExampleWalk, TellsWhichFieldIsMalformed) {
  const Evidence evidence = examine_example(example(entry("image/encoded", field(1, Blob{0x0a, 5, 'a'}))));
  EXPECT_EQ(rules_of(evidence, false), "example.wire ");
  EXPECT_EQ(detail_of(evidence), "features.feature[\"image/encoded\"].bytes_list: the length is larger than "
                                 "what is left of the message");
  EXPECT_EQ(detail_of(examine_example(example(entry("x", field(2, field(1, "12345")))))),
            "features.feature[\"x\"].float_list: the packed values do not end with the field");
  EXPECT_EQ(detail_of(examine_example(example(entry("x", field(3, field(1, "\x80")))))),
            "features.feature[\"x\"].int64_list: the packed values do not end with the field");
  EXPECT_EQ(detail_of(examine_example({0x0a, 9})),
            "tf.Example: the length is larger than what is left of the message");
  const Blob steps = field(1, bytes_feature("a")) + field(1, Blob{0x0a, 1});
  EXPECT_EQ(
      detail_of(examine(field(2, entry("s", steps)), Payload::sequence_example)),
      "feature_lists.feature_list[\"s\"].feature[1]: the length is larger than what is left of the message");
}

TEST(ExampleWalk, OffsetsArePlacesInTheRecord) {
  // 0a len 0a len 0a 01 'x' 12 len 0a len | 00
  const Evidence evidence =
      examine(example(entry("x", field(1, Blob{0}))), Payload::example, false, nullptr, nullptr, 1000);
  EXPECT_EQ(rules_of(evidence), "example.wire@1011 ");
}

TEST(ExampleWalk, NamesMustBeUtf8) {
  EXPECT_EQ(rules_of(examine_example(example(entry("\xff", bytes_feature("a")))), false),
            "example.name_utf8 ");
  EXPECT_EQ(
      rules_of(examine_example(example(entry("a name of more than sixteen bytes \xc3", bytes_feature("a")))),
               false),
      "example.name_utf8 ");
  EXPECT_EQ(rules_of(examine_example(example(entry("gr\xc3\xb6\xc3\x9f"
                                                   "e",
                                                   bytes_feature("a")))),
                     false),
            "");
}

TEST(ExampleWalk, TellsFieldsThatNobodyKnows) {
  const Blob good = entry("x", integers_feature({1}));
  EXPECT_EQ(rules_of(examine_example(example(good) + number_field(9, 1))),
            "example.unknown_field@" + std::to_string(example(good).size()) + " ");
  EXPECT_EQ(rules_of(examine_example(example(good + number_field(9, 1))), false), "example.foreign_field ");
  EXPECT_EQ(rules_of(examine_example(example(
                         field(1, field(1, "x") + number_field(3, 1) + field(2, integers_feature({1}))))),
                     false),
            "example.foreign_field ");
  EXPECT_EQ(rules_of(examine_example(example(entry("x", number_field(4, 1) + integers_feature({1})))), false),
            "example.foreign_field ");
  const Evidence evidence = examine_example(
      example(entry("x", field(3, number_field(1, 1) + number_field(2, 7) + number_field(2, 8)))));
  EXPECT_EQ(detail_of(evidence), "features.feature[\"x\"].int64_list: field 2 as varint; and 1 more");
}

TEST(ExampleWalk, TellsKnownFieldsOfAnotherWireType) {
  EXPECT_EQ(rules_of(examine_example(example(entry("x", field(2, number_field(1, 1))))), false),
            "example.wire_type ");
  EXPECT_EQ(rules_of(examine_example(number_field(1, 5)), false), "example.wire_type ");
}

TEST(ExampleWalk, EntriesAreOneNameAndOneValue) {
  const Blob value = field(2, integers_feature({1}));
  const Blob name = field(1, "x");
  EXPECT_EQ(rules_of(examine_example(example(field(1, value))), false), "example.entry ");
  EXPECT_EQ(rules_of(examine_example(example(field(1, name))), false), "example.entry ");
  EXPECT_EQ(rules_of(examine_example(example(field(1, name + name + value))), false), "example.entry ");
  EXPECT_EQ(rules_of(examine_example(example(field(1, value + name))), false), "") << "the order is free";
}

TEST(ExampleWalk, TheLastOfANameCounts) {
  const Blob data = example(entry("x", integers_feature({1})) + entry("y", integers_feature({1})) +
                            entry("x", integers_feature({2, 3})));
  EXPECT_EQ(rules_of(examine_example(data), false), "example.same_name ");
  EXPECT_EQ(detail_of(examine_example(data)), "features.feature[\"x\"]: a later feature has this name too");
  ExampleWalk walk;
  ASSERT_TRUE(walk.walk(data, ExampleType::example));
  EXPECT_TRUE(walk.features()[0].replaced);
  EXPECT_FALSE(walk.features()[2].replaced);
  EXPECT_EQ(rules_of(examine_example(example(entry("x", integers_feature({1}))) +
                                     example(entry("x", integers_feature({1})))),
                     false),
            "example.same_name ")
      << "two Examples joined";
  EXPECT_EQ(rules_of(examine_example(example(entry("x", integers_feature({1}))) +
                                     example(entry("y", integers_feature({1})))),
                     false),
            "")
      << "concatenated messages are merged: Protocol Buffers, Encoding";
}

TEST(ExampleWalk, FindsOneNameAmongManyInAnyPlace) {
  for (unsigned count : {2u, 31u, 32u, 33u, 500u})
    for (unsigned other : {0u, count / 2, count - 1}) {
      Blob entries;
      for (unsigned number = 0; number < count; ++number)
        entries = entries + entry("a feature with the number " + std::to_string(number) + " in a long name",
                                  integers_feature({1}));
      EXPECT_EQ(rules_of(examine_example(example(entries)), false), "");
      entries = entries + entry("a feature with the number " + std::to_string(other) + " in a long name",
                                integers_feature({1}));
      const Blob data = example(entries);
      ExampleWalk walk;
      ASSERT_TRUE(walk.walk(data, ExampleType::example));
      for (unsigned number = 0; number <= count; ++number)
        EXPECT_EQ(walk.features()[number].replaced, number == other) << count << " " << number;
    }
}

TEST(ExampleWalk, TheLastOfSeveralKindsCounts) {
  const Blob data = example(entry("x", integers_feature({1, 2}) + floats_feature({1})));
  EXPECT_EQ(rules_of(examine_example(data), false), "example.set_again ");
  ExampleWalk walk;
  ASSERT_TRUE(walk.walk(data, ExampleType::example));
  EXPECT_EQ(walk.features()[0].kind, tfrecord::FeatureKind::floats);
  EXPECT_EQ(walk.features()[0].count, 1u);
}

TEST(ExampleWalk, ListsOfOneKindAreJoined) {
  const Blob data = example(entry("x", integers_feature({1, 2}) + integers_feature({3})));
  EXPECT_EQ(rules_of(examine_example(data), false), "example.set_again ");
  ExampleWalk walk;
  ASSERT_TRUE(walk.walk(data, ExampleType::example));
  EXPECT_EQ(walk.features()[0].count, 3u);
  EXPECT_TRUE(walk.features()[0].merged);
  // tf.io.parse_example reads the packed part only.
  EXPECT_EQ(
      rules_of(examine_example(example(entry("x", field(3, field(1, "\1\2") + number_field(1, 3))))), false),
      "example.set_again ");
}

TEST(ExampleWalk, AFeatureWithoutKindIsHowAMissingValueIsWritten) {
  EXPECT_EQ(rules_of(examine_example(example(entry("x", {}) + entry("y", integers_feature({1})))), false), "");
}

TEST(ExampleWalk, StepsAreOfOneKind) {
  EXPECT_EQ(rules_of(examine(field(2, entry("s", step_list({integers_feature({1}), floats_feature({1})}))),
                             Payload::sequence_example),
                     false),
            "example.mixed_steps ");
  EXPECT_EQ(rules_of(examine(small_sequence(), Payload::sequence_example)), "");
}

TEST(ExampleWalk, ManyFeaturesAreBounded) {
  Blob entries;
  const Blob one = entry("", {});
  for (std::size_t number = 0; number < 600'000; ++number)
    entries.insert(entries.end(), one.begin(), one.end());
  const Blob data = example(entries);
  ExampleWalk walk;
  ASSERT_TRUE(walk.walk(data, ExampleType::example));
  EXPECT_EQ(walk.features().size(), ExampleWalk::kept);
  EXPECT_TRUE(walk.saw(Oddity::too_many));
  const Evidence evidence = examine_example(data);
  EXPECT_NE(rules_of(evidence, false).find("example.many_features"), std::string::npos);
  Blob steps;
  for (std::size_t number = 0; number < 300'000; ++number) steps = append(std::move(steps), {0x0a, 0x00});
  ASSERT_TRUE(walk.walk(field(2, entry("s", steps)), ExampleType::sequence_example));
  EXPECT_EQ(walk.steps().size(), ExampleWalk::kept);
  EXPECT_EQ(walk.lists()[0].steps, 300'000u);
}

TEST(ExampleWalk, GroupsNestAHundredDeepInAll) {
  const auto nested = [](unsigned count) {
    Blob open, close;
    for (unsigned group = 0; group < count; ++group) {
      open = open + tag(2, 3);
      close = close + tag(2, 4);
    }
    return open + close;
  };
  // Below Example, Features, entry, Feature and list, 96 levels are left.
  EXPECT_EQ(rules_of(examine_example(example(entry("x", field(1, nested(96))))), false),
            "example.foreign_field ");
  EXPECT_EQ(rules_of(examine_example(example(entry("x", field(1, nested(97))))), false), "example.wire ");
}

// The straight way through a record knows lengths of one to three bytes; beyond, and where something is
// wrong, the other way takes over.
TEST(ExampleWalk, LengthsOfEachSizeAreRead) {
  ExampleWalk walk;
  std::vector<std::size_t> sizes;
  for (std::size_t edge : {0x80u, 0x4000u, 0x200000u})
    for (std::size_t below = 0; below < 24; ++below) sizes.push_back(edge + 4 - below);
  for (std::size_t size : sizes) {
    const Blob values(size, 1);
    const Blob packed(size / 4 * 4, 0);
    const Blob data =
        example(entry("b", bytes_feature({values})) + entry("i", field(3, field(1, values))) +
                entry("f", field(2, field(1, packed))) + entry("two", bytes_feature({values, blob("x")})));
    ASSERT_TRUE(walk.walk(data, ExampleType::example)) << size;
    ASSERT_FALSE(walk.odd());
    ASSERT_EQ(walk.features().size(), 4u);
    EXPECT_EQ(walk.features()[0].count, 1u);
    EXPECT_EQ(walk.features()[1].count, size);
    EXPECT_EQ(walk.features()[2].count, size / 4);
    EXPECT_EQ(walk.features()[3].count, 2u);
    const Blob cut = example(entry("b", field(1, truncate(field(1, values), size))));
    ASSERT_FALSE(walk.walk(cut, ExampleType::example)) << size;
    EXPECT_EQ(walk.trouble(), tfrecord::wire::Trouble::length_over);
    const Blob odd_floats = example(entry("f", field(2, field(1, packed + Blob{0}))));
    ASSERT_FALSE(walk.walk(odd_floats, ExampleType::example)) << size;
    EXPECT_EQ(walk.trouble(), tfrecord::wire::Trouble::packed_rest);
  }
}

// A name may share its mark with another: only then names are compared, and only equal ones are the same.
TEST(ExampleWalk, NamesWithTheSameEndsAreDifferent) {
  EXPECT_EQ(rules_of(examine_example(example(entry("image/aXbYc/end", integers_feature({1})) +
                                             entry("image/bXbYc/end", integers_feature({1}))))),
            "");
  EXPECT_EQ(
      rules_of(examine_example(example(entry("a", integers_feature({1})) + entry("", integers_feature({1})) +
                                       entry("", integers_feature({1})))),
               false),
      "example.same_name ");
}

// Every prefix and every change of one byte: the walk and the schema agree, and nothing outside is read.
TEST(ExampleWalk, AgreesWithTheSchemaOnEveryPrefixAndByte) {
  ExampleWalk walk;
  for (bool sequence : {false, true}) {
    const Blob good = sequence ? small_sequence() : small_example();
    const auto compare = [&](const Blob &data) {
      const GuardedBytes guarded{Bytes(data)};
      const bool walked =
          walk.walk(guarded.bytes(), sequence ? ExampleType::sequence_example : ExampleType::example);
      const auto form =
          tfrecord::wire::form_of(guarded.bytes(), sequence ? tfrecord::test::sequence_example_schema
                                                            : tfrecord::test::example_schema);
      ASSERT_EQ(walked, form.trouble == tfrecord::wire::Trouble::none)
          << tfrecord::wire::name_of(form.trouble);
      if (!walked) {
        ASSERT_LE(walk.trouble_at(), data.size());
        return;
      }
      ASSERT_EQ(walk.saw(Oddity::unknown_field) || walk.saw(Oddity::foreign_field) ||
                    walk.saw(Oddity::wrong_type),
                !form.strict());
    };
    for (std::size_t size = 0; size <= good.size(); ++size) compare(truncate(good, size));
    for (std::size_t at = 0; at < good.size(); ++at)
      for (unsigned value = 0; value < 256; ++value)
        compare(set_byte(good, at, static_cast<std::uint8_t>(value)));
  }
}

TEST(ExampleWalk, RandomDamageGivesTheSameAnswerTwice) {
  std::mt19937 random(77);
  for (int round = 0; round < 20'000; ++round) {
    Blob data = round % 2 == 0 ? small_example() : small_sequence();
    for (std::uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % data.size();
      data = random() % 2 == 0
                 ? flip_bit(std::move(data), at, random() % 8)
                 : insert(std::move(data), at, Blob(random() % 3, static_cast<std::uint8_t>(random())));
    }
    const Payload payload = round % 2 == 0 ? Payload::example : Payload::sequence_example;
    KeptInner inner;
    const Evidence once = examine(data, payload, false, &inner);
    ASSERT_EQ(rules_of(once), rules_of(examine(data, payload)));
    for (const Finding &finding : once.findings.list()) ASSERT_LE(finding.offset, data.size());
  }
}

} // namespace
} // namespace datavet::test
