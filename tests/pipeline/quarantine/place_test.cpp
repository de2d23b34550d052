#include "pipeline/quarantine/place.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>

#include "tests/pipeline/quarantine/dataset.h"

namespace datavet::test {
namespace {

class PlaceTest : public Dataset {
protected:
  PlaceTest() : folder_(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}
  int base_folder() const { return folder_.get(); }
  UniqueFd folder_;
};

TEST(PathBeneath, HoldsForRelativePathsThatStayBelow) {
  for (const char *path : {"a", "a/b", "a b", "..a", "a..", "...", "a/.b", "\n", "\xff", "-"})
    EXPECT_TRUE(is_path_beneath(path)) << path;
}

TEST(PathBeneath, DoesNotHoldForPathsThatMayLeave) {
  for (const char *path :
       {"", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/..", "../a", "a/../b", "a/./b"})
    EXPECT_FALSE(is_path_beneath(path)) << path;
  EXPECT_FALSE(is_path_beneath(std::string_view("a\0b", 3)));
}

TEST_F(PlaceTest, FindsAFolderAndAName) {
  add("x/y/z.png");
  const Attempt<Place> place = find_place(base_folder(), "x/y/z.png");
  ASSERT_TRUE(place);
  EXPECT_EQ(place.value.name, "z.png");
  EXPECT_TRUE(status_of(place.value));
  EXPECT_TRUE(open_for_reading(place.value));
}

TEST_F(PlaceTest, FollowsNoSymbolicLink) {
  add("x/z.png");
  std::filesystem::create_directory_symlink(root + "/x", root + "/inside");
  std::filesystem::create_directory_symlink("/etc", root + "/outside");
  std::filesystem::create_symlink("x/z.png", root + "/link.png");
  EXPECT_EQ(find_place(base_folder(), "inside/z.png").error, ENOTDIR);
  EXPECT_EQ(find_place(base_folder(), "outside/passwd").error, ENOTDIR);
  EXPECT_EQ(find_place(base_folder(), "inside/deeper/z.png").error, ELOOP);
  const Attempt<Place> link = find_place(base_folder(), "link.png");
  ASSERT_TRUE(link);
  EXPECT_EQ(open_for_reading(link.value).error, ELOOP);
}

TEST_F(PlaceTest, LeavesTheBaseNeither) {
  for (const char *path : {"../data/a", "/etc/passwd", "x/../../a"})
    EXPECT_EQ(find_place(base_folder(), path).error, EXDEV) << path;
}

TEST_F(PlaceTest, DoesNotWaitForTheWriterOfAFifo) {
  ASSERT_EQ(::mkfifo(in_data("fifo").c_str(), 0600), 0);
  EXPECT_TRUE(open_for_reading(find_place(base_folder(), "fifo").value));
}

TEST_F(PlaceTest, MakesFoldersThatAreMissing) {
  const Attempt<Place> place = make_place(base_folder(), "new/deep/z.png", 0700);
  ASSERT_TRUE(place);
  EXPECT_TRUE(std::filesystem::is_directory(in_data("new/deep")));
  EXPECT_FALSE(exists(in_data("new/deep/z.png")));
}

TEST_F(PlaceTest, MakesNoFolderThroughALink) {
  std::filesystem::create_directory_symlink("/tmp", root + "/link");
  EXPECT_EQ(make_place(base_folder(), "link/new/z.png", 0700).error, ELOOP);
  add("file");
  EXPECT_EQ(make_place(base_folder(), "file/new/z.png", 0700).error, ENOTDIR);
}

TEST_F(PlaceTest, ResolvesPathsLongerThanTheKernelTakes) {
  std::string path;
  for (int depth = 0; depth < 40; ++depth) path += std::string(200, 'd') + "/";
  path += "z.png";
  ASSERT_GT(path.size(), 4096u);
  EXPECT_EQ(find_place(base_folder(), path).error, ENOENT);
  ASSERT_TRUE(make_place(base_folder(), path, 0700));
  EXPECT_TRUE(find_place(base_folder(), path));
}

} // namespace
} // namespace datavet::test
