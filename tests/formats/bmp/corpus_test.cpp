// Real files, good and damaged, when they lie beside the project.
#include <gtest/gtest.h>

#include "formats/any/any.h"
#include "formats/bmp/bmp.h"
#include "tests/support/check.h"
#include "tests/support/corpus.h"

namespace datavet::test {
namespace {

Evidence judge(const Blob &sample) {
  if (bmp_format.sniff(sample)) return check(bmp_format, sample);
  Evidence evidence;
  explain_unknown_content(sample, sample.size(), bmp_format, evidence);
  return evidence;
}

TEST(BmpCorpus, NoMissAndNoFalseAlarm) {
  const unsigned judged = for_corpus({"bmp"}, [](const CorpusFile &file) {
    const Evidence evidence = judge(file.bytes);
    EXPECT_FALSE(contradicts(evidence.findings.verdict(), file.expected)) << file.expected << ' ' << file.path << '\n' << describe(evidence);
  });
  if (judged == 0) GTEST_SKIP() << "no corpus beside the project";
}

} // namespace
} // namespace datavet::test
