// Real photographs, where the shared folder exists: none may be called corrupt.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "formats/jpeg/decode.h"
#include "formats/jpeg/jpeg.h"
#include "tests/support/check.h"
#include "tests/support/corpus.h"

namespace datavet::test {

namespace {

TEST(JpegCorpus, RealPhotographsAreNeverCorrupt) {
  const std::filesystem::path photos = beside_the_project("photos");
  if (!std::filesystem::exists(photos)) GTEST_SKIP() << "no " << photos;
  int count = 0;
  for (const auto &entry : std::filesystem::directory_iterator(photos)) {
    if (entry.path().extension() != ".JPEG") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const Blob sample((std::istreambuf_iterator<char>(file)), {});
    Evidence evidence = check(jpeg_format, sample);
    jpeg_decode({.bytes = sample}, Limits{}, evidence);
    EXPECT_LE(evidence.findings.verdict(), Verdict::suspect) << entry.path() << "\n" << describe(evidence);
    ++count;
  }
  EXPECT_GT(count, 0);
}

} // namespace

} // namespace datavet::test
