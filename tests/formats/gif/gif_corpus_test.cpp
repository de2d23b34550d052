// Real files, good and damaged, when they lie beside the project.
#include <gtest/gtest.h>

#include "formats/gif/gif.h"
#include "tests/support/check.h"
#include "tests/support/corpus.h"

namespace datavet::test {
namespace {

TEST(GifCorpus, NoMissAndNoFalseAlarm) {
  const unsigned judged = for_corpus({"gif"}, [](const CorpusFile &file) {
    const Evidence evidence = check(gif_format, file.bytes);
    EXPECT_FALSE(contradicts(evidence.findings.verdict(), file.expected)) << file.expected << ' ' << file.path << '\n' << describe(evidence);
  });
  if (judged == 0) GTEST_SKIP() << "no corpus beside the project";
  EXPECT_GT(judged, 50u);
}

} // namespace
} // namespace datavet::test
