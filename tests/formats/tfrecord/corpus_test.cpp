// Real shards of public projects, all of them good, when the corpus lies beside the project.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/formats/tfrecord/compressed_shard.h"

namespace datavet::test {
namespace {

Blob read_file(const std::filesystem::path &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(TfrecordCorpus, GoodShardsHaveNoFindingPlainOrCompressed) {
  std::ifstream list(DATAVET_CORPUS "/expected.tsv");
  if (!list) GTEST_SKIP() << "no corpus at " << DATAVET_CORPUS;
  std::size_t judged = 0;
  for (std::string line; std::getline(list, line);) {
    const std::size_t tab = line.find('\t');
    const std::string path = line.substr(0, tab),
                      format = line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1);
    if (format != "tfrecord" && format != "tfrecord.gz" && format != "tfevents") continue;
    SCOPED_TRACE(path);
    EXPECT_TRUE(tfrecord_format.claims_name(path));
    const Blob blob = read_file(std::filesystem::path(DATAVET_CORPUS) / path);
    const Wrapping wrapping = tfrecord_format.sniff(blob) ? Wrapping::none : wrapping_of(blob);
    const Blob head = first_plain_bytes(blob, wrapping, 4096);
    EXPECT_TRUE(tfrecord_format.sniff(head));
    const Reading reading =
        wrapping == Wrapping::none ? read_shard(blob, 4096) : read_compressed(blob, wrapping);
    EXPECT_TRUE(reading.findings.empty()) << describe(reading);
    EXPECT_GT(reading.good_samples(), 0u);
    ++judged;
  }
  EXPECT_GT(judged, 0u);
}

} // namespace
} // namespace datavet::test
