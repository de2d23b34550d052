// Real files, good and damaged, when they lie beside the project.
#include <gtest/gtest.h>

#include "formats/png/png.h"
#include "tests/support/check.h"
#include "tests/support/corpus.h"

namespace datavet::test {
namespace {

TEST(PngCorpus, NoMissAndNoFalseAlarm) {
  const unsigned judged = for_corpus({"png"}, [](const CorpusFile &file) {
    const Evidence evidence = check(png_format, file.bytes);
    EXPECT_FALSE(contradicts(evidence.findings.verdict(), file.expected)) << file.expected << ' ' << file.path << '\n' << describe(evidence);
  });
  if (judged == 0) GTEST_SKIP() << "no corpus beside the project";
  EXPECT_GT(judged, 100u);
}

} // namespace
} // namespace datavet::test
