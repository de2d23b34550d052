#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pipeline/schema/dataset_watch.h"

namespace datavet::test {
namespace {

TEST(ShardNames, ADatasetIsTheNamesThatDifferInDigitsOnly) {
  EXPECT_EQ(dataset_name("a/train-00017-of-01024.tfrecord"), "a/train-#-of-#.tfrecord");
  EXPECT_EQ(dataset_name("2019/part1.tfrecord"), "2019/part#.tfrecord");
  EXPECT_EQ(dataset_name("x"), "x");
  EXPECT_EQ(dataset_name(""), "");
}

TEST(ShardNames, ANumberHasAtLeastFiveDigits) {
  const std::optional<ShardNumber> number = shard_number("a/train-00017-of-01024.tfrecord.gz");
  ASSERT_TRUE(number);
  EXPECT_EQ(number->number, 17u);
  EXPECT_EQ(number->of, 1024u);
  EXPECT_EQ(number->name_of(3), "a/train-00003-of-01024.tfrecord.gz");
  EXPECT_FALSE(shard_number("train-1-of-10.tfrecord"));
  EXPECT_FALSE(shard_number("best-of-all"));
  EXPECT_FALSE(shard_number("x-of-00001"));
  EXPECT_FALSE(shard_number("00000000000000000000001-of-00001"));
  EXPECT_FALSE(shard_number("-of-"));
  EXPECT_TRUE(shard_number("x-of-y-00001-of-00002"));
}

std::string told(const DatasetWatch &watch) {
  std::string text;
  for (const DatasetWatch::ShardTrouble &trouble : watch.shards())
    text += fmt::format("{} {}: {}\n", trouble.path, trouble.finding.rule->id, trouble.finding.detail);
  return text;
}

DatasetWatch watch_of(std::initializer_list<const char *> names, bool named = false) {
  DatasetWatch watch;
  for (const char *name : names) watch.shard(0, name, "tfrecord", named);
  return watch;
}

TEST(DatasetWatch, AWholeSetIsNotTold) {
  EXPECT_EQ(told(watch_of({"x-00000-of-00002", "x-00001-of-00002", "y-00000-of-00001"})), "");
  EXPECT_EQ(told(watch_of({"x-00000-of-00002.tfrecord", "x-00001-of-00002.tfrecord.gz"})), "");
}

TEST(DatasetWatch, MissingShardsAreToldOnceForTheirSet) {
  EXPECT_EQ(told(watch_of({"x-00001-of-00006", "x-00004-of-00006"})),
            "x-00000-of-00006 any.shards.missing: 2 of 6 shards are there, missing: 0, 2-3, 5\n");
  EXPECT_EQ(told(watch_of({"x-00001-of-00006"}, true)), "") << "who names a file promises no others";
}

TEST(DatasetWatch, AHugePromiseCostsNothing) {
  EXPECT_EQ(told(watch_of({"x-00001-of-99999999999"})),
            "x-00000-of-99999999999 any.shards.missing: 1 of 99999999999 shards are there, missing: 0, 2-99999999998\n");
}

TEST(DatasetWatch, SurplusShardsAreTold) {
  EXPECT_EQ(told(watch_of({"x-00000-of-00001", "x-00001-of-00001"})),
            "x-00001-of-00001 any.shards.surplus: number 1 of 1: the last would be 0\n");
  EXPECT_EQ(told(watch_of({"x-00000-of-00001", "x-00000-of-00002", "x-00001-of-00002"})),
            "x-00000-of-00002 any.shards.surplus: shards of 1 and of 2 lie side by side\n");
}

} // namespace
} // namespace datavet::test
