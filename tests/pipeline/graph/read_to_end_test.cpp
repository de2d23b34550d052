// What a read that got less than it asked for tells of the file's end. The program's own pread() says what the test
// wants: no disk breaks when it is asked to.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>
#include <sys/types.h>

#include "pipeline/io/file.h"

namespace {

struct Answer {
  ssize_t count; ///< -1 = the error
  int error = 0;
};
std::vector<Answer> answers; ///< of the next calls
std::size_t calls = 0;

} // namespace

extern "C" ssize_t pread(int, void *into, std::size_t count, off_t) {
  const Answer answer = calls < answers.size() ? answers[calls] : Answer{-1, EBADF};
  ++calls;
  if (answer.count > 0) std::memset(into, 'a', std::min(count, static_cast<std::size_t>(answer.count)));
  if (answer.count < 0) errno = answer.error;
  return answer.count;
}

namespace datavet::test {

namespace {

ReadToEnd read(std::vector<Answer> says, std::size_t space = 10'000) {
  answers = std::move(says);
  calls = 0;
  std::vector<std::uint8_t> into(space);
  return read_to_end(0, into);
}

} // namespace

TEST(ReadToEnd, NeedsOneCallForASmallFile) {
  const ReadToEnd file = read({{4000}});
  EXPECT_TRUE(file.ended);
  EXPECT_EQ(file.count, 4000u);
  EXPECT_EQ(file.error, 0);
  EXPECT_EQ(calls, 1u);
}

TEST(ReadToEnd, GoesOnWhereASectorEnds) {
  const ReadToEnd file = read({{4096}, {0}});
  EXPECT_TRUE(file.ended);
  EXPECT_EQ(file.count, 4096u);
  EXPECT_EQ(calls, 2u);
}

TEST(ReadToEnd, TakesNoUnreadableBlockForTheEnd) {
  const ReadToEnd file = read({{4096}, {-1, EIO}});
  EXPECT_FALSE(file.ended);
  EXPECT_EQ(file.error, EIO);
}

TEST(ReadToEnd, PutsTheMessagesOfANetworkFileSystemTogether) {
  const ReadToEnd file = read({{1024}, {1024}, {17}});
  EXPECT_TRUE(file.ended);
  EXPECT_EQ(file.count, 2065u);
}

TEST(ReadToEnd, TriesAgainWhenASignalCame) {
  const ReadToEnd file = read({{-1, EINTR}, {100}});
  EXPECT_TRUE(file.ended);
  EXPECT_EQ(file.count, 100u);
}

TEST(ReadToEnd, DoesNotKnowTheEndOfAFileThatFillsTheSpace) {
  const ReadToEnd file = read({{9999}}, 9999);
  EXPECT_FALSE(file.ended);
  EXPECT_EQ(file.count, 9999u);
  EXPECT_EQ(calls, 1u);
}

TEST(ReadToEnd, AnEmptyFileEndsAtOnce) {
  const ReadToEnd file = read({{0}});
  EXPECT_TRUE(file.ended);
  EXPECT_EQ(file.count, 0u);
}

} // namespace datavet::test
