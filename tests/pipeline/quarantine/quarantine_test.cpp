#include "pipeline/quarantine/quarantine.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <xxhash.h>

#include "tests/pipeline/quarantine/dataset.h"

namespace datavet::test {
namespace {

class Quarantine : public Dataset {};

bool says(const std::string &text, const std::string &words) { return text.find(words) != std::string::npos; }

// ---- the four modes

TEST_F(Quarantine, MovesAndKeepsTheTree) {
  const QuarantineItem bad = added("train/n01/x.jpg", "damaged");
  const struct stat before = lstat_of(in_data("train/n01/x.jpg"));
  add("train/n01/good.jpg");
  EXPECT_EQ(run({bad}).done, 1u);
  EXPECT_FALSE(exists(in_data("train/n01/x.jpg")));
  EXPECT_TRUE(exists(in_data("train/n01/good.jpg")));
  EXPECT_EQ(read_file(in_files("train/n01/x.jpg")), "damaged");
  EXPECT_EQ(lstat_of(in_files("train/n01/x.jpg")).st_ino, before.st_ino);
  EXPECT_FALSE(exists(directory + "/excluded.txt"));
}

TEST_F(Quarantine, CopiesWithModeTimesAndAttributes) {
  const std::string path = in_data("x.jpg");
  add("x.jpg", "damaged");
  const struct timespec times[2] = {{1'000'000'000, 1}, {1'500'000'000, 123'456'789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0751), 0);
  const bool has_attributes = ::setxattr(path.c_str(), "user.label", "cat", 3, 0) == 0;
  EXPECT_EQ(run({item("x.jpg")}, QuarantineMode::copy).done, 1u);
  EXPECT_EQ(read_file(path), "damaged");
  EXPECT_EQ(read_file(in_files("x.jpg")), "damaged");
  const struct stat copy = lstat_of(in_files("x.jpg"));
  EXPECT_EQ(copy.st_mode & 07777u, 0751u);
  EXPECT_EQ(identity_of(copy).mtime_ns, 1'500'000'000'123'456'789);
  char label[8] = {};
  EXPECT_TRUE(!has_attributes ||
              ::getxattr(in_files("x.jpg").c_str(), "user.label", label, sizeof label) == 3);
  EXPECT_EQ(read_file(directory + "/excluded.txt"), "x.jpg\n");
}

TEST_F(Quarantine, Links) {
  const QuarantineItem bad = added("x.jpg");
  EXPECT_EQ(run({bad}, QuarantineMode::link).done, 1u);
  EXPECT_EQ(lstat_of(in_files("x.jpg")).st_ino, lstat_of(in_data("x.jpg")).st_ino);
  EXPECT_EQ(read_file(directory + "/excluded.txt"), "x.jpg\n");
}

TEST_F(Quarantine, ListsAndTouchesNothing) {
  const std::vector<QuarantineItem> bad = {added("x.jpg"), added("a\nb\\.jpg"), added("\xff.jpg")};
  const std::vector<std::string> before = listing(root);
  EXPECT_EQ(run(bad, QuarantineMode::list).listed, 3u);
  EXPECT_EQ(listing(root), before);
  EXPECT_FALSE(exists(directory + "/files"));
  EXPECT_EQ(read_file(directory + "/excluded.txt"), "x.jpg\n\\a\\nb\\\\.jpg\n\xff.jpg\n");
  EXPECT_EQ(read_file(directory + "/excluded.nul"), std::string("x.jpg\0a\nb\\.jpg\0\xff.jpg\0", 21));
}

TEST_F(Quarantine, CarriesNamesThatAreNotUtf8OrOfOneLine) {
  const std::vector<std::string> names = {"a\nb.jpg", "\xff\xfe/\x80.jpg",  "-rf", " ",
                                          "\"\\\t",   std::string(255, 'n')};
  std::vector<QuarantineItem> bad;
  for (const std::string &name : names) bad.push_back(added(name, "content of " + name));
  EXPECT_EQ(run(bad).done, names.size());
  for (const std::string &name : names) EXPECT_EQ(read_file(in_files(name)), "content of " + name);
  EXPECT_EQ(put_back().restored, names.size());
  for (const std::string &name : names) EXPECT_EQ(read_file(in_data(name)), "content of " + name);
}

TEST_F(Quarantine, MovesMoreThanABatch) {
  std::vector<QuarantineItem> bad;
  for (int i = 0; i < 200; ++i) bad.push_back(added("d" + std::to_string(i % 7) + "/" + std::to_string(i)));
  EXPECT_EQ(run(bad).done, 200u);
  EXPECT_EQ(run(bad).already_done, 200u);
}

// ---- what is left alone

TEST_F(Quarantine, LeavesAloneWhatChangedSinceTheScan) {
  const QuarantineItem grown = added("grown"), same_size = added("same_size", "abc"),
                       replaced = added("replaced");
  QuarantineItem other_bytes = added("other_bytes", "abc");
  other_bytes.content_hash = hash_of("abd");
  add("grown", "more than before it was scanned");
  ::usleep(20'000); // file times have the granularity of a kernel tick
  add("same_size", "abd");
  write_file(in_data("new"), "bytes of a sample");
  std::filesystem::rename(in_data("new"), in_data("replaced"));
  const std::vector<std::string> before = listing(root);
  const QuarantineOutcome outcome = run({grown, same_size, replaced, other_bytes});
  EXPECT_EQ(outcome.changed_since_scan, 4u) << notes(outcome.problems);
  EXPECT_EQ(outcome.done, 0u);
  EXPECT_EQ(listing(root), before);
}

TEST_F(Quarantine, TheHashOfTheScanIsXxh3OfTheWholeFile) {
  const std::string content(3'000'000, 'x'); // several blocks
  QuarantineItem bad = added("x", content);
  bad.content_hash = XXH3_64bits(content.data(), content.size());
  EXPECT_EQ(run({bad}).done, 1u);
}

TEST_F(Quarantine, CountsWhatVanished) {
  const QuarantineItem gone = added("gone"), gone_folder = added("folder/gone");
  std::filesystem::remove(in_data("gone"));
  std::filesystem::remove_all(in_data("folder"));
  EXPECT_EQ(run({gone, gone_folder}).vanished, 2u);
}

TEST_F(Quarantine, RefusesWhatIsNoRegularFileBelowTheRoot) {
  add("x");
  write_file(base() + "/outside", "secret");
  std::filesystem::create_symlink("x", in_data("link"));
  std::filesystem::create_directory_symlink(base(), in_data("folder-link"));
  std::filesystem::create_directory(in_data("folder"));
  ASSERT_EQ(::mkfifo(in_data("fifo").c_str(), 0600), 0);
  std::vector<QuarantineItem> hostile = {item("link"), item("folder"), item("fifo"),
                                         item("folder-link/outside")};
  for (const char *path : {"../outside", "/etc/passwd", "x/../../outside", "", ".", "./x"}) {
    hostile.push_back(item("x"));
    hostile.back().path = path;
  }
  const std::vector<std::string> before = listing(root);
  const QuarantineOutcome outcome = run(hostile);
  EXPECT_EQ(outcome.refused, hostile.size()) << notes(outcome.problems);
  EXPECT_EQ(outcome.problems.list.size(), hostile.size());
  EXPECT_EQ(listing(root), before);
  EXPECT_EQ(read_file(base() + "/outside"), "secret");
}

TEST_F(Quarantine, NeverOverwrites) {
  const QuarantineItem first = added("x", "first");
  EXPECT_EQ(run({first}).done, 1u);
  const QuarantineItem second = added("x", "second");
  const QuarantineOutcome outcome = run({second});
  EXPECT_EQ(outcome.refused, 1u) << notes(outcome.problems);
  EXPECT_EQ(read_file(in_files("x")), "first");
  EXPECT_EQ(read_file(in_data("x")), "second");
}

TEST_F(Quarantine, RefusesAPathWhoseFolderIsAFileInTheQuarantine) {
  EXPECT_EQ(run({added("x")}).done, 1u);
  const QuarantineOutcome outcome = run({added("x/y")});
  EXPECT_EQ(outcome.refused, 1u) << notes(outcome.problems);
  EXPECT_TRUE(exists(in_data("x/y")));
}

// ---- names of one file

TEST_F(Quarantine, TellsOfOtherNamesOfTheSameFile) {
  add("x");
  std::filesystem::create_hard_link(in_data("x"), in_data("other"));
  const QuarantineOutcome outcome = run({item("x")});
  EXPECT_EQ(outcome.done, 1u);
  ASSERT_EQ(outcome.problems.list.size(), 1u);
  EXPECT_TRUE(says(outcome.problems.list[0].reason, "2 names"));
}

TEST_F(Quarantine, MovesEveryNameOfOneFile) {
  // The first rename changes the ctime of them all.
  add("x");
  std::filesystem::create_hard_link(in_data("x"), in_data("y"));
  const std::vector<QuarantineItem> both = {item("x"), item("y")};
  ::usleep(20'000);
  EXPECT_EQ(run(both).done, 2u);
  EXPECT_EQ(put_back().restored, 2u);
  EXPECT_EQ(run(both).done, 2u) << "a report stays valid after a restore";
}

// ---- twice

TEST_F(Quarantine, TwiceIsOnce) {
  for (QuarantineMode mode :
       {QuarantineMode::copy, QuarantineMode::link, QuarantineMode::list, QuarantineMode::move}) {
    directory = base() + "/quarantine" + std::to_string(static_cast<int>(mode));
    const QuarantineItem bad = added("x");
    EXPECT_EQ(run({bad, bad}, mode).already_done, 1u);
    const std::string journal = directory + "/" + std::string(quarantine_journal_name);
    const std::string journaled = read_file(journal);
    const std::vector<std::string> data = listing(root), files = listing(directory + "/files");
    EXPECT_EQ(run({bad}, mode).already_done, 1u) << static_cast<int>(mode);
    EXPECT_EQ(listing(root), data);
    EXPECT_EQ(listing(directory + "/files"), files);
    EXPECT_EQ(read_file(journal), journaled);
    std::filesystem::remove(in_data("x"));
  }
}

TEST_F(Quarantine, CopiesAgainWhatSomebodyTookOutOfTheQuarantine) {
  const QuarantineItem bad = added("x");
  EXPECT_EQ(run({bad}, QuarantineMode::copy).done, 1u);
  std::filesystem::remove(in_files("x"));
  EXPECT_EQ(run({bad}, QuarantineMode::copy).done, 1u);
  EXPECT_TRUE(exists(in_files("x")));
}

TEST_F(Quarantine, ServesSeveralRoots) {
  EXPECT_EQ(run({added("x")}, QuarantineMode::list).listed, 1u);
  root = base() + "/more";
  EXPECT_EQ(run({added("x"), added("y")}, QuarantineMode::list).listed, 2u);
  EXPECT_EQ(read_file(directory + "/excluded.txt"),
            base() + "/data/x\n" + base() + "/more/x\n" + base() + "/more/y\n");
}

// ---- the safety stop

TEST_F(Quarantine, StopsBeforeItEmptiesADataset) {
  QuarantineOptions careful = options();
  careful.dataset_samples = 39;
  const std::vector<QuarantineItem> bad = {added("x"), added("y")};
  EXPECT_TRUE(says(error_of(bad, careful), "--force"));
  EXPECT_TRUE(exists(in_data("x")));
  EXPECT_FALSE(exists(directory)) << "nothing may be touched";
  careful.dataset_samples = 40; // 5 % is allowed, more is not
  EXPECT_EQ(run(bad, careful).done, 2u);
}

TEST_F(Quarantine, StopsAtACountAndGoesOnWhenForced) {
  QuarantineOptions careful = options();
  careful.limit_count = 1;
  const std::vector<QuarantineItem> bad = {added("x"), added("y")};
  EXPECT_TRUE(says(error_of(bad, careful), "--force"));
  careful.force = true;
  EXPECT_EQ(run(bad, careful).done, 2u);
}

// ---- dry run

TEST_F(Quarantine, DryRunSaysAndWritesNothing) {
  QuarantineOptions dry = options();
  dry.dry_run = true;
  const QuarantineItem bad = added("x"), changed = added("y");
  add("y", "something else");
  const std::vector<std::string> before = listing(base());
  const QuarantineOutcome outcome = run({bad, changed}, dry);
  EXPECT_EQ(outcome.done, 1u);
  EXPECT_EQ(outcome.changed_since_scan, 1u);
  ASSERT_EQ(outcome.planned.list.size(), 1u);
  EXPECT_TRUE(says(outcome.planned.list[0].reason, "files/x"));
  EXPECT_EQ(listing(base()), before);
  EXPECT_EQ(run({bad}).done, 1u);
  const std::vector<std::string> after = listing(base());
  EXPECT_EQ(run({bad}, dry).already_done, 1u);
  EXPECT_EQ(listing(base()), after);
}

// ---- which directory

TEST_F(Quarantine, NothingToDoMakesNoDirectory) {
  EXPECT_EQ(run({}).done, 0u);
  EXPECT_FALSE(exists(directory));
}

TEST_F(Quarantine, RefusesDirectoriesThatAreNone) {
  const QuarantineItem bad = added("x");
  std::filesystem::create_directory(base() + "/real");
  std::filesystem::create_directory_symlink(base() + "/real", base() + "/link");
  write_file(base() + "/file", "");
  directory = base() + "/link";
  EXPECT_TRUE(says(error_of({bad}, options()), "symbolic link"));
  directory = base() + "/link/";
  EXPECT_TRUE(says(error_of({bad}, options()), "symbolic link"));
  directory = base() + "/file";
  EXPECT_TRUE(says(error_of({bad}, options()), "not a folder"));
  directory = base() + "/missing/quarantine";
  EXPECT_TRUE(says(error_of({bad}, options()), "mkdir -p"));
  directory = root;
  EXPECT_TRUE(says(error_of({bad}, options()), "dataset itself"));
  directory = base();
  EXPECT_TRUE(says(error_of({bad}, options()), "holds the dataset"));
  EXPECT_TRUE(exists(in_data("x")));
}

TEST_F(Quarantine, RefusesAJournalThatIsALink) {
  const QuarantineItem bad = added("x");
  write_file(base() + "/elsewhere", "");
  std::filesystem::create_directory(directory);
  std::filesystem::create_symlink(base() + "/elsewhere",
                                  directory + "/" + std::string(quarantine_journal_name));
  EXPECT_TRUE(says(error_of({bad}, options()), "symbolic link"));
  EXPECT_EQ(read_file(base() + "/elsewhere"), "");
}

TEST_F(Quarantine, RefusesADirectoryOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make one";
  const QuarantineItem bad = added("x");
  std::filesystem::create_directory(directory);
  ASSERT_EQ(::chown(directory.c_str(), 12345, 12345), 0);
  EXPECT_TRUE(says(error_of({bad}, options()), "another user"));
  EXPECT_TRUE(exists(in_data("x")));
}

TEST_F(Quarantine, InsideTheRootOnlyWhereNothingElseIs) {
  const QuarantineItem bad = added("x");
  add("folder/other");
  directory = root + "/folder";
  EXPECT_TRUE(says(error_of({bad}, options()), "holds other things"));
  directory = root + "/quarantine";
  EXPECT_EQ(run({bad}).done, 1u);
  EXPECT_TRUE(is_quarantine_directory(directory));
  EXPECT_EQ(run({added("y")}).done, 1u);
  EXPECT_EQ(run({item("quarantine/files/x")}).refused, 1u) << "never quarantine the quarantine";
}

TEST_F(Quarantine, IsRecognisedByItsJournal) {
  EXPECT_FALSE(is_quarantine_directory(root));
  EXPECT_FALSE(is_quarantine_directory(base() + "/missing"));
  run({added("x")});
  EXPECT_TRUE(is_quarantine_directory(directory));
  EXPECT_TRUE(is_quarantine_directory(directory + "/"));
  std::filesystem::create_directory_symlink(directory, base() + "/link");
  EXPECT_FALSE(is_quarantine_directory(base() + "/link"));
  add(std::string(quarantine_journal_name), "{\"type\":\"run\"}");
  EXPECT_FALSE(is_quarantine_directory(root)) << "the name alone is not enough";
}

TEST_F(Quarantine, OneWriterAtATime) {
  const std::vector<QuarantineItem> bad = {added("x"), added("y")};
  run({bad[0]});
  UniqueFd other(
      ::open((directory + "/" + std::string(quarantine_journal_name)).c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(other.get(), LOCK_EX | LOCK_NB), 0);
  EXPECT_TRUE(says(error_of({bad[1]}, options()), "another datavet"));
  EXPECT_TRUE(exists(in_data("y")));
}

TEST_F(Quarantine, ADamagedJournalStopsEverything) {
  run({added("x")});
  const std::string journal = directory + "/" + std::string(quarantine_journal_name);
  std::string text = read_file(journal);
  text[text.size() / 2] ^= 1;
  write_file(journal, text);
  EXPECT_TRUE(says(error_of({added("y")}, options(), Error::Kind::incomplete), "damaged"));
  EXPECT_EQ(read_file(journal), text);
  EXPECT_TRUE(exists(in_data("y")));
}

TEST_F(Quarantine, ATornJournalIsCutAndUsed) {
  run({added("x")});
  const std::string journal = directory + "/" + std::string(quarantine_journal_name);
  write_file(journal, read_file(journal) + "{\"type\":\"intent\",\"id\":2,\"act");
  EXPECT_EQ(run({added("y")}).done, 1u);
  EXPECT_EQ(put_back().restored, 2u);
}

// ---- disks and permissions

TEST_F(Quarantine, OfAReadOnlyFolderIsAList) {
  const std::vector<QuarantineItem> bad = {added("closed/x"), added("open/y")};
  as_plain_user(base(), [&] {
    ASSERT_EQ(::chmod(in_data("closed").c_str(), 0555), 0);
    const std::vector<QuarantineItem> now = {item("closed/x"), item("open/y")};
    const QuarantineOutcome outcome = run(now);
    EXPECT_TRUE(outcome.fell_back_to_list);
    EXPECT_EQ(outcome.listed, 1u);
    EXPECT_EQ(outcome.done, 1u);
    EXPECT_EQ(read_file(directory + "/excluded.txt"), "closed/x\n");
    EXPECT_TRUE(exists(in_data("closed/x")));
    EXPECT_EQ(::chmod(in_data("closed").c_str(), 0755), 0);
  });
}

TEST_F(Quarantine, OfAReadOnlyDatasetIsAList) {
  add("sub/x");
  with_mounts(
      [&] {
        return ::mount(root.c_str(), root.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
               ::mount("none", root.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
      },
      [&] {
        const QuarantineOutcome outcome = run({item("sub/x")});
        EXPECT_TRUE(outcome.fell_back_to_list) << notes(outcome.problems);
        EXPECT_EQ(outcome.listed, 1u);
        EXPECT_EQ(outcome.failed + outcome.refused, 0u);
        EXPECT_EQ(read_file(directory + "/excluded.txt"), "sub/x\n");
        EXPECT_EQ(run({item("sub/x")}, QuarantineMode::list).already_done, 1u);
      });
}

TEST_F(Quarantine, AReadOnlyTargetIsToldBeforeAnythingIsTouched) {
  add("x");
  std::filesystem::create_directory(directory);
  as_plain_user(base(), [&] {
    ASSERT_EQ(::chmod(directory.c_str(), 0555), 0);
    EXPECT_TRUE(says(error_of({item("x")}, options()), "cannot be written"));
    directory += "/new";
    EXPECT_TRUE(says(error_of({item("x")}, options()), "cannot be written"));
    EXPECT_TRUE(exists(in_data("x")));
    EXPECT_EQ(::chmod((base() + "/quarantine").c_str(), 0755), 0);
  });
}

TEST_F(Quarantine, AnUnreadableFileFailsAloneAndStays) {
  add("x");
  add("y");
  as_plain_user(base(), [&] {
    ASSERT_EQ(::chmod(in_data("x").c_str(), 0), 0);
    const QuarantineOutcome outcome = run({item("x"), item("y")});
    EXPECT_EQ(outcome.failed, 1u);
    EXPECT_EQ(outcome.done, 1u);
    EXPECT_TRUE(exists(in_data("x")));
  });
}

class TwoDisks : public Quarantine {
protected:
  /// `directory` on a file system of its own, with this much room.
  void with_small_disk(const char *size, const std::function<void()> &test) {
    std::filesystem::create_directory(directory);
    with_mounts([&] { return ::mount("none", directory.c_str(), "tmpfs", 0, size) == 0; }, test);
  }
};

TEST_F(TwoDisks, MovesAndRestoresWithEverything) {
  const std::string path = in_data("sub/x.jpg");
  add("sub/x.jpg", std::string(3'000'000, 'x') + "end");
  const struct timespec times[2] = {{1'000'000'000, 1}, {1'500'000'000, 123'456'789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  with_small_disk("size=8m", [&] {
    const std::vector<std::string> before = listing(root);
    EXPECT_EQ(run({item("sub/x.jpg")}).done, 1u);
    EXPECT_FALSE(exists(path));
    EXPECT_EQ(identity_of(lstat_of(in_files("sub/x.jpg"))).mtime_ns, 1'500'000'000'123'456'789);
    EXPECT_EQ(put_back().restored, 1u);
    EXPECT_EQ(listing(root), before);
    EXPECT_FALSE(exists(in_files("sub/x.jpg")));
  });
}

TEST_F(TwoDisks, AFullDiskStopsCleanlyAndTheSameCallGoesOn) {
  add("small", "s");
  add("large", std::string(200'000, 'l'));
  with_small_disk("size=64k", [&] {
    const std::vector<QuarantineItem> bad = {item("small"), item("large")};
    const std::string message = error_of(bad, options(), Error::Kind::incomplete);
    EXPECT_TRUE(says(message, "No space left")) << message;
    EXPECT_TRUE(says(message, "same command again")) << message;
    EXPECT_TRUE(says(message, "1 of 2")) << message;
    EXPECT_EQ(read_file(in_data("large")).size(), 200'000u);
    for (const std::string &line : listing(directory)) EXPECT_FALSE(says(line, ".part")) << line;
    ASSERT_EQ(::mount("none", directory.c_str(), nullptr, MS_REMOUNT, "size=8m"), 0);
    const QuarantineOutcome outcome = run(bad);
    EXPECT_EQ(outcome.done, 1u);
    EXPECT_EQ(outcome.already_done, 1u);
    EXPECT_FALSE(exists(in_data("large")));
  });
}

TEST_F(TwoDisks, HardLinksAreRefusedBeforeAnythingIsTouched) {
  add("x");
  with_small_disk("size=64k", [&] {
    EXPECT_TRUE(says(error_of({item("x")}, options(QuarantineMode::link)), "mode copy"));
    directory += "/new";
    EXPECT_TRUE(says(error_of({item("x")}, options(QuarantineMode::link)), "mode copy"));
    EXPECT_FALSE(exists(directory));
  });
}

TEST_F(TwoDisks, AFileOnAReadOnlyDiskIsListedAndNotCopied) {
  add("sub/x");
  with_mounts(
      [&] {
        const std::string sub = in_data("sub");
        return ::mount("none", sub.c_str(), "tmpfs", 0, "size=64k") == 0 &&
               (add("sub/x"), exists(in_data("sub/x"))) &&
               ::mount("none", sub.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, "size=64k") == 0;
      },
      [&] {
        const QuarantineOutcome outcome = run({item("sub/x")});
        EXPECT_TRUE(outcome.fell_back_to_list);
        EXPECT_EQ(outcome.listed, 1u);
        EXPECT_FALSE(exists(in_files("sub/x")));
      });
}

} // namespace
} // namespace datavet::test
