// Real files, good and damaged, when they lie beside the project (../shared/corpus).
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

#include "formats/gif/gif.h"
#include "tests/support/check.h"

namespace datavet::test {
namespace {

namespace fs = std::filesystem;

TEST(GifCorpus, NoMissAndNoFalseAlarm) {
  const fs::path corpus = fs::path(__FILE__).parent_path() / "../../../../shared/corpus";
  std::ifstream table(corpus / "expected.tsv");
  if (!table) GTEST_SKIP() << "no corpus beside the project";
  int judged = 0;
  for (std::string line; std::getline(table, line);) {
    std::istringstream columns(line);
    std::string path, format, expected;
    std::getline(columns, path, '\t');
    std::getline(columns, format, '\t');
    std::getline(columns, expected, '\t');
    if (format != "gif") continue;
    std::ifstream file(corpus / path, std::ios::binary);
    const Blob blob{std::istreambuf_iterator<char>(file), {}};
    const Evidence evidence = check(gif_format, blob);
    const Verdict verdict = evidence.findings.verdict();
    ++judged;
    const bool read = verdict == Verdict::healthy || verdict == Verdict::suspect;
    const bool wrong =
        (expected == "must_flag" && verdict != Verdict::corrupt) ||
        ((expected == "must_pass" || expected == "pass_fuzz" || expected == "no_corrupt") && !read);
    EXPECT_FALSE(wrong) << expected << ' ' << path << '\n' << describe(evidence);
  }
  EXPECT_GT(judged, 50);
}

} // namespace
} // namespace datavet::test
