// What records have in common does not depend on the order in which, nor on the parts in which, they are seen.
#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pipeline/schema/compare.h"
#include "pipeline/schema/unlike.h"
#include "formats/any/rules.h"

namespace datavet::test {
namespace {

using Features = std::vector<FeatureTrait>;

std::shared_ptr<const ShardName> shard(std::string path = "a.tfrecord") {
  return std::make_shared<const ShardName>(ShardName{std::move(path), 0, "tfrecord", "", {}});
}

RecordRef record(std::uint64_t ordinal) {
  static const std::shared_ptr<const ShardName> name = shard();
  return {name, ordinal, ordinal * 100, 100};
}

const Features usual = {{"image", "bytes", 1}, {"label", "int64", 1}, {"tokens", "int64", 3}};

std::string told(const SchemaSketch &sketch) {
  std::string text;
  for (const UnlikeRecord &unlike : unlike_records(sketch)) {
    text += fmt::format("#{}", unlike.place.ordinal);
    for (const Finding &finding : unlike.findings) text += fmt::format(" {} ({})", finding.rule->id, finding.detail);
    text += "\n";
  }
  return text;
}

SchemaSketch with_one(std::uint64_t records, const Features &other) {
  SchemaSketch sketch;
  for (std::uint64_t i = 0; i < records; ++i) sketch.add(i == 7 ? other : usual, record(i));
  sketch.settle();
  return sketch;
}

TEST(SchemaSketch, RecordsThatAreAlikeAreNotTold) {
  EXPECT_EQ(told(with_one(1000, usual)), "");
  EXPECT_EQ(told(with_one(1000, {usual[2], usual[0], usual[1]})), "") << "the order of a map's entries means nothing";
}

TEST(SchemaSketch, AMissingFeatureIsToldOfItsRecord) {
  EXPECT_EQ(told(with_one(1000, {usual[0], usual[2]})),
            "#7 any.unlike.missing (the feature \"label\" is missing, which 999 of 1000 records have)\n");
  EXPECT_EQ(told(with_one(1000, {usual[0], {"label", "none", 0}, usual[2]})),
            "#7 any.unlike.missing (the feature \"label\" is missing, which 999 of 1000 records have)\n");
}

TEST(SchemaSketch, AnotherKindIsTold) {
  EXPECT_EQ(told(with_one(100, {usual[0], {"label", "float", 1}, usual[2]})),
            "#7 any.unlike.kind (the feature \"label\" is of kind float, in 99 of 100 records it is int64)\n");
}

TEST(SchemaSketch, AnotherLengthIsToldWhereNearlyAllHaveTheSame) {
  EXPECT_EQ(told(with_one(100, {usual[0], usual[1], {"tokens", "int64", 0}})),
            "#7 any.unlike.length (the feature \"tokens\" has 0 values, in 99 of 100 records it has 3)\n");
  SchemaSketch ragged;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Features features = usual;
    features[2].count = i % 40;
    ragged.add(features, record(i));
  }
  ragged.settle();
  EXPECT_EQ(told(ragged), "") << "a length that varies says nothing";
}

TEST(SchemaSketch, FewRecordsShowNoHabit) {
  EXPECT_EQ(told(with_one(9, {usual[0]})), "");
  EXPECT_NE(told(with_one(20, {usual[0], usual[1]})), "");
}

TEST(SchemaSketch, AnOptionalFeatureIsNoMistake) {
  SchemaSketch sketch;
  for (std::uint64_t i = 0; i < 1000; ++i) sketch.add(i % 20 == 0 ? Features{usual[0], usual[1]} : usual, record(i));
  sketch.settle();
  EXPECT_EQ(told(sketch), "");
}

TEST(SchemaSketch, MergesTheSameInAnyOrderAndInAnyParts) {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::pair<Features, std::uint64_t>> records;
    for (std::uint64_t i = 0; i < 500; ++i) {
      Features features = usual;
      if (random() % 200 == 0) features.pop_back();
      if (random() % 150 == 0) features[0].count = random() % 30;
      std::ranges::shuffle(features, random);
      records.emplace_back(features, i);
    }
    SchemaSketch whole;
    for (const auto &[features, ordinal] : records) whole.add(features, record(ordinal));
    whole.settle();
    std::ranges::shuffle(records, random);
    std::vector<SchemaSketch> parts(1 + random() % 9);
    for (const auto &[features, ordinal] : records) parts[random() % parts.size()].add(features, record(ordinal));
    for (SchemaSketch &part : parts) part.settle();
    SchemaSketch merged;
    for (const SchemaSketch &part : parts) merged.merge(part);
    ASSERT_EQ(told(merged), told(whole));
    ASSERT_EQ(merged.records(), whole.records());
    const DatasetSchema one = schema_of(merged), other = schema_of(whole);
    ASSERT_EQ(one.features.size(), other.features.size());
    for (std::size_t i = 0; i < one.features.size(); ++i) {
      EXPECT_EQ(one.features[i].name, other.features[i].name);
      EXPECT_EQ(one.features[i].length, other.features[i].length);
      EXPECT_EQ(one.features[i].records, other.features[i].records);
    }
  }
}

TEST(SchemaSketch, IsBoundedWhateverTheNames) {
  SchemaSketch sketch;
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i) names.push_back(fmt::format("feature {}", i));
  for (std::uint64_t i = 0; i < names.size(); ++i) sketch.add(Features{{names[i], "bytes", 1}}, record(i));
  EXPECT_TRUE(sketch.too_various());
  EXPECT_EQ(sketch.records(), 10'000u);
  EXPECT_TRUE(sketch.signatures().empty());
  EXPECT_EQ(told(sketch), "");
  SchemaSketch other = with_one(100, usual);
  other.merge(sketch);
  EXPECT_TRUE(other.too_various());
}

TEST(SchemaSketch, NamesNoMoreThanTheFirstOfThem) {
  SchemaSketch sketch;
  for (std::uint64_t i = 0; i < 100'000; ++i) sketch.add(i % 200 == 0 ? Features{usual[0], usual[1]} : usual, record(99'999 - i));
  sketch.settle();
  const std::vector<UnlikeRecord> unlike = unlike_records(sketch);
  ASSERT_EQ(unlike.size(), Places::most);
  EXPECT_EQ(unlike.front().place.ordinal, 199u);
}

DatasetSchema schema() {
  DatasetSchema dataset;
  dataset.path = "*";
  dataset.features = {{"image", "bytes", 1, true, 0}, {"label", "int64", std::nullopt, false, 0}};
  return dataset;
}

std::string compared(const Features &features) {
  Findings findings;
  compare(schema(), features, 5, 50, findings);
  std::string text;
  for (const Finding &finding : findings.list()) text += fmt::format("{} {}\n", finding.rule->id, finding.detail);
  EXPECT_EQ(text.empty(), agrees(schema(), features));
  return text;
}

TEST(SchemaCompare, TellsEachWayOfBeingOtherwise) {
  EXPECT_EQ(compared({{"image", "bytes", 1}, {"label", "int64", 4}}), "");
  EXPECT_EQ(compared({{"image", "bytes", 1}}), "") << "not required";
  EXPECT_EQ(compared({{"label", "int64", 4}}), "any.schema.missing the feature \"image\" is missing\n");
  EXPECT_EQ(compared({{"image", "float", 1}}), "any.schema.kind the feature \"image\" is of kind float, the schema says bytes\n");
  EXPECT_EQ(compared({{"image", "bytes", 2}}), "any.schema.length the feature \"image\" has 2 values, the schema says 1\n");
  EXPECT_EQ(compared({{"image", "bytes", 1}, {"x", "bytes", 1}}), "any.schema.unexpected the schema has no feature \"x\"\n");
}

} // namespace
} // namespace datavet::test
