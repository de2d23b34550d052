// Files are read without a look at them; what is found in one is confirmed by a second reading.
#include <filesystem>
#include <fstream>
#include <optional>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "formats/any/rules.h"
#include "pipeline/check.h"
#include "pipeline/enumerate/file_walk.h"
#include "pipeline/fill.h"
#include "pipeline/io/file_identity.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/toy_formats.h"

namespace datavet::test {

namespace {

constexpr std::size_t buffer_bytes = 8 << 10;

FileStamp stamp_of(const std::filesystem::path &file) {
  struct stat status{};
  EXPECT_EQ(::lstat(file.c_str(), &status), 0);
  return identity_of(status);
}

/// The scan of one folder, step by step, so that a test can act between the steps.
class StepByStep : public testing::Test {
protected:
  void list() {
    ScanOptions options;
    options.paths = {folder.string()};
    Result<FileWalk> walk = FileWalk::open(options);
    ASSERT_TRUE(walk);
    std::optional<FileGroup> group = walk->next();
    ASSERT_TRUE(group);
    cursor.group = std::move(*group);
  }
  CursorState read(bool stamp_all = false) {
    batch->clear();
    FillOptions options{.formats = toy_registry()};
    options.stamp_all = stamp_all;
    return fill(options, cursor, *batch, [](std::uint64_t) { return true; });
  }
  CursorState list_and_read() {
    list();
    return read();
  }
  void judge() { checked = check({}, batch); }

  /// Writes `content` without making another file of it.
  void overwrite(const char *name, const std::string &content) { folder.write(name, content); }

  /// The one result, after `change` was made between the reading and the check.
  template <class Change> const SampleResult &result_after(Change change) {
    list_and_read();
    change();
    judge();
    EXPECT_EQ(checked->results.size(), 1u);
    return checked->results.at(0);
  }

  void expect_changed(const SampleResult &result, std::string_view detail) const {
    ASSERT_EQ(result.findings.size(), 1u);
    EXPECT_EQ(result.findings[0].rule, &any::changed);
    EXPECT_EQ(result.findings[0].detail, detail);
    EXPECT_EQ(judge_of(result), Verdict::unchecked);
    EXPECT_FALSE(result.content_hash);
    EXPECT_EQ(batch->files.at(0).stamp, FileStamp{});
  }
  static Verdict judge_of(const SampleResult &result) { return datavet::judge(result.findings); }

  TemporaryFolder folder;
  FileCursor cursor;
  SampleBatchPtr batch = std::make_shared<SampleBatch>(buffer_bytes);
  CheckedBatchPtr checked;
};

constexpr const char *other_bytes = "a second reading gave other bytes";

} // namespace

TEST_F(StepByStep, AHealthyFileIsNeverLookedAt) {
  folder.write("a.toy", toy("fine"));
  EXPECT_EQ(list_and_read(), CursorState::done);
  judge();
  EXPECT_FALSE(batch->files.at(0).stamp);
  EXPECT_TRUE(checked->results.empty());
}

TEST_F(StepByStep, ABadFileThatStaysAsItIsKeepsItsFindingsAndGetsItsStamp) {
  const auto file = folder.write("a.toy", toy("axa"));
  const SampleResult &result = result_after([] {});
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].rule, &toy_x);
  EXPECT_TRUE(result.content_hash);
  EXPECT_EQ(batch->files.at(0).stamp, stamp_of(file));
}

TEST_F(StepByStep, ABadFileWhoseSecondReadingDiffersIsUnchecked) {
  folder.write("a.toy", toy("axa"));
  expect_changed(result_after([&] { overwrite("a.toy", toy("aaa")); }), other_bytes);
}

TEST_F(StepByStep, ABadFileThatGrowsIsUnchecked) {
  folder.write("a.toy", toy("axa"));
  expect_changed(result_after([&] { overwrite("a.toy", toy("axa") + "more"); }), other_bytes);
}

TEST_F(StepByStep, ABadFileThatShrinksIsUnchecked) {
  folder.write("a.toy", toy("axa"));
  expect_changed(result_after([&] { std::filesystem::resize_file(folder.path() / "a.toy", 2); }), other_bytes);
}

TEST_F(StepByStep, ABadFileThatIsGoneIsUnchecked) {
  folder.write("a.toy", toy("axa"));
  expect_changed(result_after([&] { std::filesystem::remove(folder.path() / "a.toy"); }), "it is gone since it was read");
}

TEST_F(StepByStep, ABadFileReplacedByALinkIsUnchecked) {
  folder.write("a.toy", toy("axa"));
  expect_changed(result_after([&] {
                   std::filesystem::rename(folder.path() / "a.toy", folder.path() / "b.toy");
                   std::filesystem::create_symlink("b.toy", folder.path() / "a.toy");
                 }),
                 "it is gone since it was read");
}

TEST_F(StepByStep, ABadFileReplacedByAFifoIsUncheckedAndNothingHangs) {
  folder.write("a.toy", toy("axa"));
  expect_changed(result_after([&] {
                   std::filesystem::remove(folder.path() / "a.toy");
                   ASSERT_EQ(::mkfifo((folder.path() / "a.toy").c_str(), 0600), 0);
                 }),
                 "something else has its name since it was read");
}

TEST_F(StepByStep, ABadFileReplacedByOneWithTheSameBytesGetsTheStampOfTheNewFile) {
  const auto file = folder.write("a.toy", toy("axa"));
  const FileStamp before = stamp_of(file);
  const SampleResult &result = result_after([&] {
    std::filesystem::rename(file, folder.path() / "old");
    folder.write("a.toy", toy("axa"));
  });
  EXPECT_EQ(result.findings.at(0).rule, &toy_x);
  EXPECT_EQ(batch->files.at(0).stamp, stamp_of(file));
  EXPECT_NE(batch->files.at(0).stamp, before);
}

TEST_F(StepByStep, AFileFromTheFutureIsConfirmed) { // clocks are not compared
  const auto file = folder.write("a.toy", toy("axa"));
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() + std::chrono::hours(100));
  EXPECT_EQ(result_after([] {}).findings.at(0).rule, &toy_x);
}

TEST_F(StepByStep, ABadFileOfManyPiecesIsComparedToItsEnd) {
  std::string body(200'000, 'a');
  body[7] = 'x';
  folder.write("a.toy", toy(body));
  batch = std::make_shared<SampleBatch>(body.size() + 100);
  expect_changed(result_after([&] {
                   body.back() = 'b';
                   overwrite("a.toy", toy(body));
                 }),
                 other_bytes);
}

TEST_F(StepByStep, WhoWantsToHearOfAllGetsTheStampOfAll) {
  const auto file = folder.write("a.toy", toy("fine"));
  list();
  read(true);
  EXPECT_EQ(batch->files.at(0).stamp, stamp_of(file));
}

TEST_F(StepByStep, AFifoThatTookTheNameOfAListedFileIsNotRegular) {
  folder.write("a.toy", toy("fine"));
  list();
  std::filesystem::remove(folder.path() / "a.toy");
  ASSERT_EQ(::mkfifo((folder.path() / "a.toy").c_str(), 0600), 0);
  read();
  judge();
  EXPECT_EQ(checked->results.at(0).findings.at(0).rule, &any::not_regular);
}

TEST_F(StepByStep, AFolderThatTookTheNameOfAListedFileIsNotRegular) {
  folder.write("a.toy", toy("fine"));
  list();
  std::filesystem::remove(folder.path() / "a.toy");
  std::filesystem::create_directory(folder.path() / "a.toy");
  read();
  judge();
  EXPECT_EQ(checked->results.at(0).findings.at(0).rule, &any::not_regular);
}

TEST_F(StepByStep, AnEmptyFileIsBad) {
  const auto file = folder.write("a.toy", "");
  list_and_read();
  judge();
  EXPECT_EQ(checked->results.at(0).findings.at(0).rule, &any::empty);
  EXPECT_EQ(batch->files.at(0).stamp, stamp_of(file));
}

// Every way a file can lie to the end of the buffer, of a sector and of what is read at once.
TEST_F(StepByStep, AFileOfAnySizeIsReadWhole) {
  constexpr std::size_t at_once = 256 << 10;
  for (const std::size_t size : std::initializer_list<std::size_t>{
           5, 511, 512, 513, 4096, buffer_bytes - 1, buffer_bytes, buffer_bytes + 1, at_once - 1, at_once, at_once + 1, at_once + 512}) {
    const std::string content = toy(std::string(size - 5, 'a') + "x"); // bad in its last byte
    folder.write("a.toy", content);
    for (const std::size_t buffer : {buffer_bytes, at_once, 2 * at_once}) {
      for (const bool stamp_all : {false, true}) {
        batch = std::make_shared<SampleBatch>(buffer);
        cursor = {};
        list();
        ASSERT_EQ(read(stamp_all), CursorState::done) << size;
        judge();
        ASSERT_EQ(batch->samples.size(), 1u) << size;
        ASSERT_EQ(batch->samples[0].size, size);
        ASSERT_EQ(checked->results.size(), 1u) << size;
        ASSERT_EQ(checked->results[0].findings.at(0).rule, &toy_x) << size;
        ASSERT_EQ(checked->results[0].findings[0].offset, size - 1);
        ASSERT_EQ(batch->files[0].stamp, stamp_of(folder.path() / "a.toy")) << size;
      }
    }
  }
}

TEST_F(StepByStep, AFileThatJustDoesNotFitWaitsForTheNextBatch) {
  for (const std::size_t second : {buffer_bytes / 2 - 1, buffer_bytes / 2, buffer_bytes / 2 + 1}) {
    folder.write("a.toy", toy(std::string(buffer_bytes / 2 - 4, 'a')));
    folder.write("b.toy", toy(std::string(second - 4, 'a')));
    cursor = {};
    list();
    const bool fits = second < buffer_bytes / 2; // one byte more shows the end
    ASSERT_EQ(read(), fits ? CursorState::done : CursorState::unfinished) << second;
    ASSERT_EQ(batch->samples.size(), fits ? 2u : 1u);
    if (fits) continue;
    ASSERT_EQ(read(), CursorState::done);
    ASSERT_EQ(batch->samples.size(), 1u);
    ASSERT_EQ(batch->samples[0].size, second);
  }
}

TEST_F(StepByStep, AfterALargeFileSmallOnesAreReadAtOnceAgain) {
  folder.write("a.toy", toy(std::string(300'000, 'a')));
  folder.write("b.toy", toy("b"));
  folder.write("c.toy", toy("c"));
  batch = std::make_shared<SampleBatch>(1 << 20);
  ASSERT_EQ(list_and_read(), CursorState::done);
  ASSERT_EQ(batch->files.size(), 3u);
  EXPECT_TRUE(batch->files[0].stamp);
  EXPECT_TRUE(batch->files[1].stamp); // looked at first, as the one before it was large
  EXPECT_FALSE(batch->files[2].stamp);
}

} // namespace datavet::test
