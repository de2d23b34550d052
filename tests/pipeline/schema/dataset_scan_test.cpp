// Whole scans of made datasets: what is inside records, what records have in common, which shards are there.
#include <gtest/gtest.h>

#include <datavet/checker.h>
#include <datavet/scan.h>

#include "tests/formats/tfrecord/example/message_writer.h"
#include "tests/formats/tfrecord/tfrecord_writer.h"
#include "tests/make_data/samples.h"
#include "tests/support/collecting_sink.h"
#include "tests/support/temporary_folder.h"

namespace datavet::test {
namespace {

std::string text_of(const Blob &bytes) { return std::string(bytes.begin(), bytes.end()); }

Blob picture_example(const Blob &picture, std::int64_t label, std::int64_t width = 64, std::int64_t height = 48) {
  return example(entry("image/encoded", bytes_feature({picture})) + entry("image/format", bytes_feature("jpeg")) +
                 entry("image/height", integers_feature({height})) + entry("image/width", integers_feature({width})) +
                 entry("label", integers_feature({label})));
}

struct Scanned {
  std::string text;
  Summary summary;
};

Scanned scanned(const TemporaryFolder &folder, ScanOptions options = {}, bool all = false) {
  std::optional<Scanned> first;
  for (unsigned threads : {1u, 3u}) {
    CollectingSink sink(all);
    options.paths = {folder.string()};
    options.threads = threads;
    Result<Summary> summary = scan(options, sink);
    EXPECT_TRUE(summary) << summary.error().message;
    if (!first) first = Scanned{sink.text(), *summary};
    EXPECT_EQ(sink.text(), first->text) << threads << " threads";
    EXPECT_EQ(summary->verdicts, first->summary.verdicts);
    EXPECT_EQ(summary->samples, first->summary.samples);
  }
  return *first;
}

TEST(DatasetScan, ADamagedPictureInsideARecordIsNamedWithItsFeature) {
  TemporaryFolder folder;
  TfrecordWriter writer;
  const Blob picture = photo_jpeg(1, 64, 48);
  for (int i = 0; i < 30; ++i) writer.add(picture_example(i == 17 ? truncate(picture, picture.size() / 2) : picture, i));
  folder.write("a.tfrecord", text_of(writer.shard()));
  const Scanned result = scanned(folder);
  EXPECT_EQ(result.summary.samples, 30u);
  EXPECT_EQ(result.summary.count(Verdict::corrupt), 1u);
  EXPECT_NE(result.text.find("a.tfrecord#17@"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("image/encoded: jpeg."), std::string::npos) << result.text;
}

TEST(DatasetScan, APictureThatIsNotWhatTheRecordSaysIsTold) {
  TemporaryFolder folder;
  TfrecordWriter writer;
  for (int i = 0; i < 3; ++i) writer.add(picture_example(photo_jpeg(1, 64, 48), i));
  writer.add(picture_example(photo_png(1, 64, 48), 3));
  writer.add(picture_example(photo_jpeg(2, 48, 64), 4));
  folder.write("a.tfrecord", text_of(writer.shard()));
  const Scanned result = scanned(folder);
  EXPECT_NE(result.text.find("#3@"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("declared as jpeg, the content is PNG"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("declared as 64 x 48, the picture is 48 x 64"), std::string::npos) << result.text;
  EXPECT_EQ(result.summary.samples - result.summary.count(Verdict::healthy), 2u) << result.text;
}

TEST(DatasetScan, ASingleRecordUnlikeTheRestIsFoundAcrossShards) {
  TemporaryFolder folder;
  for (int shard = 0; shard < 4; ++shard) {
    TfrecordWriter writer;
    for (int i = 0; i < 50; ++i) {
      const bool odd = shard == 2 && i == 31;
      writer.add(example(entry("text", bytes_feature("words")) + (odd ? Blob() : entry("label", integers_feature({i})))));
    }
    folder.write(fmt::format("d/x-{:05}-of-00004", shard), text_of(writer.shard()));
  }
  const Scanned result = scanned(folder);
  EXPECT_EQ(result.text, "d/x-00002-of-00004#31@1643 tfrecord suspect 37 [any.unlike.missing 1643+37 the feature \"label\" is missing, "
                         "which 199 of 200 records have]\n");
  EXPECT_EQ(result.summary.count(Verdict::suspect), 1u);
  EXPECT_EQ(result.summary.samples, 200u);
  ASSERT_EQ(result.summary.schema.datasets.size(), 1u);
  EXPECT_EQ(result.summary.schema.datasets[0].path, "d/x-#-of-#");
  EXPECT_EQ(result.summary.schema.datasets[0].records, 200u);
  ScanOptions ignoring;
  ignoring.ignore = {"any.unlike"};
  EXPECT_EQ(scanned(folder, ignoring).text, "");
}

TEST(DatasetScan, DamagedRecordsDoNotHideThoseThatAreUnlike) {
  TemporaryFolder folder;
  TfrecordWriter writer;
  for (int i = 0; i < 200; ++i) {
    const Blob text = entry("text", bytes_feature("words"));
    const Blob whole = example(text + entry("label", integers_feature({i})));
    if (i == 150)
      writer.add(example(text));
    else
      writer.add(i >= 100 && i < 110 ? truncate(whole, whole.size() - 3) : whole); // the label is lost
  }
  folder.write("a.tfrecord", text_of(writer.shard()));
  const Scanned result = scanned(folder);
  EXPECT_EQ(result.summary.count(Verdict::corrupt), 10u) << result.text;
  EXPECT_EQ(result.summary.count(Verdict::suspect), 1u) << result.text;
  EXPECT_NE(result.text.find("the feature \"label\" is missing, which 189 of 190 records have"), std::string::npos) << result.text;
}

TEST(DatasetScan, AFixedSchemaIsHeldAgainstEachRecord) {
  TemporaryFolder folder;
  TfrecordWriter writer;
  for (int i = 0; i < 5; ++i) writer.add(example(entry("label", i == 3 ? floats_feature({1}) : integers_feature({i}))));
  folder.write("a.tfrecord", text_of(writer.shard()));
  ScanOptions options;
  options.schema = Schema{{{"*", 0, 0, false, {{"label", "int64", 1, true, 0}}}}};
  const Scanned result = scanned(folder, options);
  EXPECT_EQ(result.summary.count(Verdict::corrupt), 1u);
  EXPECT_NE(result.text.find("#3@"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("any.schema.kind"), std::string::npos) << result.text;
}

TEST(DatasetScan, AMissingShardMakesTheRunIncompleteAndIsNamed) {
  TemporaryFolder folder;
  TfrecordWriter writer;
  writer.add("a record of no known kind");
  folder.write("x-00000-of-00003.tfrecord", text_of(writer.shard()));
  folder.write("x-00002-of-00003.tfrecord", text_of(writer.shard()));
  const Scanned result = scanned(folder);
  EXPECT_EQ(result.text, "x-00001-of-00003.tfrecord tfrecord unchecked 0 [any.shards.missing 0+0 2 of 3 shards are there, missing: 1]\n");
  EXPECT_EQ(result.summary.trouble, 1u);
  EXPECT_TRUE(result.summary.adds_up());
  ScanOptions some;
  some.sampling.share = 0.999;
  EXPECT_EQ(scanned(folder, some).text, "") << "who looks at a part cannot say what is missing";
}

TEST(DatasetScan, SmallRecordsAreCountedOneByOne) {
  TemporaryFolder folder;
  TfrecordWriter writer;
  for (int i = 0; i < 20'000; ++i) writer.add(Blob(static_cast<std::size_t>(i % 50), static_cast<std::uint8_t>(i)));
  Blob shard = writer.shard();
  for (int bad : {0, 1, 77, 9'999, 19'999}) shard = flip_bit(shard, writer.places()[static_cast<std::size_t>(bad)].data_crc_offset());
  folder.write("a.tfrecord", text_of(shard));
  const Scanned few = scanned(folder);
  EXPECT_EQ(few.summary.samples, 20'000u);
  EXPECT_EQ(few.summary.bytes, shard.size());
  EXPECT_EQ(few.summary.count(Verdict::corrupt), 5u);
  EXPECT_EQ(few.summary.count(Verdict::healthy), 19'995u);
  const Scanned all = scanned(folder, {}, true);
  EXPECT_EQ(all.summary.verdicts, few.summary.verdicts);
  EXPECT_EQ(std::ranges::count(all.text, '\n'), 20'000);
}

TEST(DatasetScan, LargeShardsOfOneFolderAreStreamedAtOnceAndEachRecordIsCounted) {
  TemporaryFolder folder;
  TfrecordWriter large, small;
  for (int i = 0; i < 3000; ++i) large.add(Blob(1500, static_cast<std::uint8_t>(i)));
  small.add("one");
  for (int i = 0; i < 9; ++i) folder.write(fmt::format("{}.tfrecord", i), text_of(i % 2 == 0 ? large.shard() : small.shard()));
  const Scanned result = scanned(folder);
  EXPECT_EQ(result.summary.samples, 5u * 3000 + 4);
  EXPECT_EQ(result.summary.files, 9u);
  EXPECT_EQ(result.summary.files_judged, 9u);
  EXPECT_TRUE(result.summary.adds_up());
}

TEST(DatasetScan, TheCheckerLooksIntoRecordsToo) {
  TfrecordWriter writer;
  writer.add(picture_example(photo_jpeg(1, 64, 48), 1));
  const Blob good = writer.shard();
  Checker checker({.use_decoders = false});
  EXPECT_EQ(checker.check(good, "tfrecord").verdict, Verdict::healthy);
  TfrecordWriter damaged;
  damaged.add(picture_example(truncate(photo_jpeg(1, 64, 48), 600), 1));
  const CheckResult result = checker.check(damaged.shard(), "tfrecord");
  EXPECT_EQ(result.verdict, Verdict::corrupt);
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings[0].part, "image/encoded");
}

} // namespace
} // namespace datavet::test
