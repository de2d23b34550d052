// The real files of the corpus beside the project, where it exists: no loader's victim is missed and
// no sound file is called corrupt.
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "formats/any/any.h"
#include "formats/bmp/bmp.h"
#include "tests/support/check.h"

namespace datavet {
namespace {

const std::string corpus = "/work/shared/corpus/";

Evidence judge_file(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  const test::Blob sample{std::istreambuf_iterator<char>(file), {}};
  if (bmp_format.sniff(sample)) return test::check(bmp_format, sample);
  Evidence evidence;
  explain_unknown_content(sample, sample.size(), bmp_format, evidence);
  return evidence;
}

TEST(BmpCorpus, AgreesWithTheLoaders) {
  std::ifstream table(corpus + "expected.tsv");
  if (!table) GTEST_SKIP() << "no corpus at " << corpus;
  std::string line;
  unsigned judged = 0;
  while (std::getline(table, line)) {
    std::istringstream columns(line);
    std::string path, format, expected;
    std::getline(columns, path, '\t');
    std::getline(columns, format, '\t');
    std::getline(columns, expected, '\t');
    if (format != "bmp") continue;
    const Evidence evidence = judge_file(corpus + path);
    const Verdict verdict = evidence.findings.verdict();
    ++judged;
    SCOPED_TRACE(path + '\n' + test::describe(evidence));
    if (expected == "must_flag") {
      EXPECT_EQ(verdict, Verdict::corrupt);
    } else if (expected == "must_pass") {
      EXPECT_LE(verdict, Verdict::suspect);
    } else if (expected == "no_corrupt") {
      EXPECT_NE(verdict, Verdict::corrupt);
    }
  }
  EXPECT_GT(judged, 0u);
}

} // namespace
} // namespace datavet
