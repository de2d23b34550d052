// Real shards of public projects, all of them good, when the corpus lies beside the project.
#include <gtest/gtest.h>

#include "tests/formats/tfrecord/compressed_shard.h"
#include "tests/support/corpus.h"

namespace datavet::test {
namespace {

TEST(TfrecordCorpus, GoodShardsHaveNoFindingPlainOrCompressed) {
  const unsigned judged = for_corpus({"tfrecord", "tfrecord.gz", "tfevents"}, [](const CorpusFile &file) {
    SCOPED_TRACE(file.path);
    EXPECT_TRUE(tfrecord_format.claims_name(file.path));
    const Wrapping wrapping = tfrecord_format.sniff(file.bytes) ? Wrapping::none : wrapping_of(file.bytes);
    EXPECT_TRUE(tfrecord_format.sniff(first_plain_bytes(file.bytes, wrapping, 4096)));
    const Reading reading = wrapping == Wrapping::none ? read_shard(file.bytes, 4096) : read_compressed(file.bytes, wrapping);
    EXPECT_TRUE(reading.findings.empty()) << describe(reading);
    EXPECT_GT(reading.good_samples(), 0u);
  });
  if (judged == 0) GTEST_SKIP() << "no corpus beside the project";
}

} // namespace
} // namespace datavet::test
