// Which files a scan sees.
#include <gtest/gtest.h>

#include "pipeline/enumerate/file_walk.h"
#include "pipeline/growth_gate.h"
#include "tests/support/temporary_folder.h"

namespace datavet::test {

namespace {

std::vector<std::string> names(const ScanOptions &options, WalkCounts *counts = nullptr) {
  Result<FileWalk> walk = FileWalk::open(options);
  EXPECT_TRUE(walk) << walk.error().message;
  std::vector<std::string> names;
  while (std::optional<FileGroup> group = walk->next())
    for (const FileName &file : group->names()) names.push_back(group->folder->path + std::string(file.name));
  if (counts != nullptr) *counts = walk->counts();
  return names;
}

using Names = std::vector<std::string>;

} // namespace

TEST(Glob, FollowsGitignore) {
  struct Case {
    const char *glob, *path;
    bool matches;
  };
  for (const Case &c : {Case{"*.jpg", "a.jpg", true}, {"*.jpg", "a/b.jpg", false}, {"a/*/c", "a/b/c", true}, {"a/*/c", "a/b/b/c", false},
                        {"a/**/c", "a/c", true}, {"a/**/c", "a/b/b/c", true}, {"**/c", "c", true}, {"**/c", "a/b/c", true},
                        {"a/**", "a/b/c", true}, {"a/**", "b/a", false}, {"?.x", "a.x", true}, {"?.x", "/.x", false},
                        {"[a-c]x", "bx", true}, {"[!a-c]x", "bx", false}, {"[]]", "]", true}, {"[", "[", true},
                        {"\\*", "*", true}, {"\\*", "a", false}, {"*a*b*c", "xxaxxbxxc", true}, {"*a*b*c", "xxaxxcxxb", false},
                        {"", "", true}, {"", "a", false}, {"**", "any/thing", true}})
    EXPECT_EQ(glob_matches(c.glob, c.path), c.matches) << c.glob << " on " << c.path;
}

TEST(Glob, EndsSoonOnHostilePatterns) {
  std::string glob, path(2000, 'a');
  for (int i = 0; i < 30; ++i) glob += "*a";
  EXPECT_FALSE(glob_matches(glob + "b", path));
  std::string deep;
  for (int i = 0; i < 30; ++i) deep += "**/a";
  EXPECT_FALSE(glob_matches(deep + "b", path));
}

TEST(FileWalk, SortsEachFolder) {
  TemporaryFolder folder;
  for (const char *name : {"b/2.x", "b/1.x", "a/1.x", "z.x", "c.x"}) folder.write(name, "");
  ScanOptions options;
  options.paths = {folder.string()};
  EXPECT_EQ(names(options), (Names{"c.x", "z.x", "a/1.x", "b/1.x", "b/2.x"}));
}

TEST(FileWalk, LeavesOutHiddenExcludedAndIgnoredFiles) {
  TemporaryFolder folder;
  for (const char *name : {"a.jpg", ".hidden", "skip/b.jpg", "deep/c.tmp", "deep/keep.tmp", "deep/d.jpg", ".git/e.jpg"}) folder.write(name, "");
  folder.write(".datavetignore", "# a comment\nskip/\n");
  folder.write("deep/.datavetignore", "*.tmp\n!keep.tmp\n");
  ScanOptions options;
  options.paths = {folder.string()};
  options.exclude = {"d.jpg"};
  WalkCounts counts;
  EXPECT_EQ(names(options, &counts), (Names{"a.jpg", "deep/keep.tmp"}));
  EXPECT_EQ(counts.ignored, 7u);
  options.exclude.clear();
  options.use_ignore_files = false;
  EXPECT_EQ(names(options).size(), 9u);
}

TEST(FileWalk, AFileAsRootIsItsNameAndAMissingRootIsAnError) {
  TemporaryFolder folder;
  folder.write("d/a.jpg", "");
  ScanOptions options;
  options.paths = {folder.string() + "/d/a.jpg"};
  EXPECT_EQ(names(options), Names{"a.jpg"});
  options.paths = {folder.string() + "/nowhere"};
  Result<FileWalk> walk = FileWalk::open(options);
  ASSERT_FALSE(walk);
  EXPECT_EQ(walk.error().kind, Error::Kind::usage);
  EXPECT_NE(walk.error().message.find("nowhere: No such file or directory"), std::string::npos);
}

TEST(FileWalk, TheCommandLineWinsOverAnIgnoreFile) {
  TemporaryFolder folder;
  folder.write("a.jpg", "");
  folder.write(".datavetignore", "!*.jpg\n");
  ScanOptions options;
  options.paths = {folder.string()};
  options.exclude = {"*.jpg"};
  EXPECT_EQ(names(options), Names{});
}

TEST(FileWalk, OverlappingRootsAreRefused) {
  TemporaryFolder folder;
  folder.write("d/a.jpg", "");
  ScanOptions options;
  for (const std::vector<std::string> &paths : {std::vector<std::string>{folder.string(), folder.string() + "/"}, {folder.string(), folder.string() + "/d"},
                                                {folder.string() + "/d/a.jpg", folder.string()}}) {
    options.paths = paths;
    Result<FileWalk> walk = FileWalk::open(options);
    ASSERT_FALSE(walk) << paths[1];
    EXPECT_EQ(walk.error().kind, Error::Kind::usage);
  }
}

TEST(FileWalk, ALinkAsRootKeepsItsName) {
  TemporaryFolder folder;
  folder.write("blobs/0123", "");
  std::filesystem::create_symlink("blobs/0123", folder.path() / "picture.jpg");
  ScanOptions options;
  options.paths = {folder.string() + "/picture.jpg"};
  EXPECT_EQ(names(options), Names{"picture.jpg"});
}

TEST(FileWalk, ManyFilesOfOneFolderShareIt) {
  TemporaryFolder folder;
  ScanOptions options;
  for (int i = 0; i < 5000; ++i) options.paths.push_back(folder.write(std::to_string(i) + ".x", "").string());
  Result<FileWalk> walk = FileWalk::open(options);
  ASSERT_TRUE(walk) << walk.error().message;
  EXPECT_EQ(walk->roots().size(), 1u);
  EXPECT_EQ(names(options).size(), 5000u);
}

TEST(FileWalk, SkipsAQuarantineInsideTheDataset) {
  TemporaryFolder folder;
  folder.write("a.jpg", "");
  folder.write("bad/datavet-quarantine.jsonl", "");
  folder.write("bad/files/b.jpg", "");
  ScanOptions options;
  options.paths = {folder.string()};
  EXPECT_EQ(names(options), Names{"a.jpg"});
}

TEST(GrowthGate, LetsOneOversizedSampleInAndParksTheRest) {
  GrowthGate gate(100);
  EXPECT_TRUE(gate.try_enter(500)) << "alone, any size may enter";
  EXPECT_FALSE(gate.try_enter(1));
  EXPECT_TRUE(gate.park(std::make_shared<FileCursor>()));
  EXPECT_EQ(gate.leave(500).size(), 1u);
  EXPECT_FALSE(gate.park(std::make_shared<FileCursor>())) << "nothing in flight: nobody would wake it";
  EXPECT_TRUE(gate.try_enter(60));
  EXPECT_TRUE(gate.try_enter(40));
  EXPECT_FALSE(gate.try_enter(1));
}

} // namespace datavet::test
