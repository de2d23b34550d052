#include <fcntl.h>

#include "pipeline/quarantine/journal_lines.h"
#include "tests/pipeline/quarantine/dataset.h"

namespace datavet::test {
namespace {

class Restore : public Dataset {};

TEST_F(Restore, PutsEverythingBackByteAndTimeIdentical) {
  const std::vector<std::string> names = {"a.jpg", "sub/b.png", "sub/deep/\xff\n.tif"};
  std::vector<QuarantineItem> bad;
  for (std::size_t i = 0; i < names.size(); ++i) {
    add(names[i], "content " + names[i]);
    const struct timespec times[2] = {{1, 2}, {1'500'000'000 + static_cast<time_t>(i), 123'456'789}};
    ASSERT_EQ(::utimensat(AT_FDCWD, in_data(names[i]).c_str(), times, 0), 0);
    bad.push_back(item(names[i]));
  }
  const std::vector<std::string> before = listing(root);
  EXPECT_EQ(run(bad).done, 3u);
  EXPECT_EQ(put_back().restored, 3u);
  EXPECT_EQ(listing(root), before);
  EXPECT_EQ(put_back().restored, 0u) << "twice is once";
}

TEST_F(Restore, MakesMissingFoldersAgain) {
  EXPECT_EQ(run({added("a/b/c/x", "content")}).done, 1u);
  std::filesystem::remove_all(in_data("a"));
  EXPECT_EQ(put_back().restored, 1u);
  EXPECT_EQ(read_file(in_data("a/b/c/x")), "content");
}

TEST_F(Restore, NeverOverwritesANewerFile) {
  run({added("x", "old"), added("y", "old")});
  add("x", "new");
  const RestoreOutcome outcome = put_back();
  EXPECT_EQ(outcome.occupied, 1u);
  EXPECT_EQ(outcome.restored, 1u);
  EXPECT_EQ(read_file(in_data("x")), "new");
  EXPECT_EQ(read_file(in_files("x")), "old");
  std::filesystem::remove(in_data("x"));
  EXPECT_EQ(put_back().restored, 1u);
  EXPECT_EQ(read_file(in_data("x")), "old");
}

TEST_F(Restore, LeavesAloneWhatChangedInQuarantine) {
  run({added("x"), added("y")});
  write_file(in_files("x"), "tampered with");
  std::filesystem::remove(in_files("y"));
  const RestoreOutcome outcome = put_back();
  EXPECT_EQ(outcome.changed, 1u);
  EXPECT_EQ(outcome.vanished, 1u);
  EXPECT_FALSE(exists(in_data("x")));
}

TEST_F(Restore, FollowsNoLinkPlantedMeanwhile) {
  run({added("sub/x")});
  std::filesystem::remove(in_data("sub"));
  std::filesystem::create_directory(base() + "/elsewhere");
  std::filesystem::create_directory_symlink(base() + "/elsewhere", in_data("sub"));
  EXPECT_EQ(put_back().refused, 1u);
  EXPECT_FALSE(exists(base() + "/elsewhere/x"));
  EXPECT_TRUE(exists(in_files("sub/x")));
}

TEST_F(Restore, TakesPathsAndFolders) {
  run({added("a/x"), added("a/y"), added("ab"), added("b")});
  EXPECT_EQ(put_back({"a"}).restored, 2u);
  EXPECT_EQ(put_back({"b"}).restored, 1u);
  EXPECT_FALSE(exists(in_data("ab")));
  const RestoreOutcome unknown = put_back({"no/such"});
  EXPECT_EQ(unknown.restored, 0u);
  EXPECT_EQ(unknown.problems.list.size(), 1u);
}

TEST_F(Restore, RemovesCopiesAndLinksWhoseOriginalIsThere) {
  for (QuarantineMode mode : {QuarantineMode::copy, QuarantineMode::link}) {
    run({added("x", "content")}, mode);
    EXPECT_EQ(put_back().restored, 1u);
    EXPECT_FALSE(exists(in_files("x")));
    EXPECT_EQ(read_file(in_data("x")), "content");
    EXPECT_EQ(read_file(directory + "/excluded.txt"), "");
  }
}

TEST_F(Restore, PutsACopyBackWhoseOriginalIsGone) {
  run({added("x", "content")}, QuarantineMode::copy);
  std::filesystem::remove(in_data("x"));
  EXPECT_EQ(put_back().restored, 1u);
  EXPECT_EQ(read_file(in_data("x")), "content");
}

TEST_F(Restore, TakesListedFilesOffTheList) {
  run({added("x"), added("y")}, QuarantineMode::list);
  EXPECT_EQ(put_back({"x"}).restored, 1u);
  EXPECT_EQ(read_file(directory + "/excluded.txt"), "y\n");
}

TEST_F(Restore, DryRunSaysAndWritesNothing) {
  run({added("x"), added("y")});
  add("y", "newer");
  RestoreOptions dry;
  dry.directory = directory;
  dry.dry_run = true;
  const std::vector<std::string> before = listing(base());
  const Result<RestoreOutcome> outcome = restore(dry);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->restored, 1u);
  EXPECT_EQ(outcome->occupied, 1u);
  EXPECT_EQ(outcome->planned.list.size(), 1u);
  EXPECT_EQ(listing(base()), before);
}

TEST_F(Restore, NeedsAJournal) {
  RestoreOptions options;
  options.directory = root;
  const Result<RestoreOutcome> outcome = restore(options);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, Error::Kind::usage);
  options.directory = base() + "/missing";
  EXPECT_FALSE(restore(options));
}

TEST_F(Restore, WritesNothingForAHostileJournal) {
  Operation operation;
  operation.id = 1;
  operation.path = "../escaped";
  operation.content = {4, hash_of("evil")};
  write_file(directory + "/files/x", "evil");
  write_file(directory + "/escaped", "evil");
  write_file(directory + "/" + std::string(quarantine_journal_name),
             header_line(1) + root_line(root) + intent_line(operation) + event_line("done", 1));
  RestoreOptions options;
  options.directory = directory;
  EXPECT_FALSE(restore(options));
  EXPECT_FALSE(exists(base() + "/escaped"));
}

TEST_F(Restore, ToAReadOnlyDatasetIsRefusedAndKeptForLater) {
  add("sub/x");
  as_plain_user(base(), [&] {
    run({item("sub/x")});
    ASSERT_EQ(::chmod(in_data("sub").c_str(), 0555), 0);
    EXPECT_EQ(put_back().refused, 1u);
    EXPECT_TRUE(exists(in_files("sub/x")));
    ASSERT_EQ(::chmod(in_data("sub").c_str(), 0755), 0);
    EXPECT_EQ(put_back().restored, 1u);
  });
}

} // namespace
} // namespace datavet::test
