#include "formats/hdf5/decode.h"

#include <random>
#include <sstream>

#include "formats/hdf5/hdf5.h"
#include "formats/hdf5/rules.h"
#include "tests/formats/hdf5/broken_samples.h"
#include "tests/formats/hdf5/decode_in_child.h"
#include "tests/formats/hdf5/hdf5_maker.h"
#include "tests/support/check.h"

using namespace datavet;
using namespace datavet::test;

namespace {

Evidence decode(const Blob &blob, const Limits &limits = {}) {
  const MemorySource source{Bytes(blob)};
  Evidence evidence;
  hdf5_decode({{}, &source}, limits, evidence);
  return evidence;
}

TEST(Hdf5Decode, WarmUpLeavesEverythingReady) {
  hdf5_warm_up();
  hdf5_warm_up();
  EXPECT_EQ(hdf5_version().substr(0, 2), "1.");
}

TEST(Hdf5Decode, GoodFilesAreClean) {
  for (SuperblockVersion version :
       {SuperblockVersion::v0, SuperblockVersion::v1, SuperblockVersion::v2, SuperblockVersion::v3})
    for (hsize_t user_block : {0u, 512u, 4096u}) {
      const Evidence evidence = decode(sampler(version, user_block).bytes());
      EXPECT_TRUE(evidence.findings.empty()) << describe(evidence);
      EXPECT_EQ(evidence.facts.datasets, 6u);
      EXPECT_EQ(evidence.facts.objects, 10u); // and /, /train, /empty, /empty/group
    }
}

TEST(Hdf5Decode, StringsInADamagedHeapAreFound) {
  Hdf5Maker maker;
  maker.strings("/names", {"one", "two", "three"});
  Blob file = maker.bytes();
  const auto heap = std::search(file.begin(), file.end(), "GCOL", "GCOL" + 4);
  ASSERT_NE(heap, file.end());
  *heap = 'X';
  // By our own check: libhdf5 is not asked about what that has followed already.
  EXPECT_TRUE(has(check(hdf5_format, file), hdf5::bad_reference));
  EXPECT_EQ(decode_in_child(file).text, "");
}

TEST(Hdf5Decode, ACycleOfGroupsEnds) {
  Hdf5Maker maker;
  maker.group("/a/b/c");
  maker.hard_link("/a/b/c/root", "/");
  maker.hard_link("/a/b/c/a", "/a");
  const Evidence evidence = decode(maker.bytes());
  EXPECT_TRUE(evidence.findings.empty()) << describe(evidence);
  EXPECT_EQ(evidence.facts.objects, 4u);
}

TEST(Hdf5Decode, DeepGroupsStopAtALimit) {
  Hdf5Maker maker;
  std::string path;
  for (int i = 0; i < 600; ++i) path += "/g";
  maker.group(path);
  const Evidence evidence = decode(maker.bytes());
  ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
  EXPECT_TRUE(has(evidence, hdf5::too_much));
}

TEST(Hdf5Decode, DoesNotFollowLinksOutOfTheFile) {
  Hdf5Maker maker;
  maker.external_link("/out", "/etc/passwd", "/x");
  maker.soft_link("/through", "/out/data");
  const Evidence evidence = decode(maker.bytes());
  ASSERT_EQ(evidence.findings.list().size(), 2u) << describe(evidence);
  EXPECT_TRUE(has(evidence, hdf5::external_link));
  EXPECT_TRUE(has(evidence, hdf5::dangling));
  EXPECT_NE(evidence.findings.list()[0].detail.find("outside the dataset's folder"), std::string::npos);
}

TEST(Hdf5Decode, DoesNotRepeatWhatExamineSays) {
  const Blob file = sampler().bytes();
  EXPECT_TRUE(decode(truncate(file, file.size() - 1)).findings.empty());
}

TEST(Hdf5Decode, SaysWhenMoreThanTheLimitIsAskedFor) {
  Hdf5Maker maker;
  maker.strings("/names", {std::string(1000, 'x')}, {.chunk = {1}, .deflate = 9});
  Limits limits;
  limits.decoded_bytes = 500;
  EXPECT_EQ(check(hdf5_format, maker.bytes(), Depth::content, limits).findings.verdict(), Verdict::unchecked);
}

TEST(Hdf5Decode, EveryPrefixIsUnhealthyByExamineAndSurvivedByTheLibrary) {
  const Blob file = sampler().bytes();
  for (std::size_t size = 1; size < file.size(); size += 97) {
    const ChildAnswer answer = decode_in_child(truncate(file, size));
    ASSERT_FALSE(answer.died) << size;
  }
}

// libhdf5 may die on damaged bytes, and a worker is there for that. What it must not do is make us name
// an offset outside the file, or judge twice differently.
TEST(Hdf5Decode, RandomDamageAlwaysGivesAnAnswer) {
  std::mt19937 random(7);
  const Blob good[] = {sampler().bytes(), sampler(SuperblockVersion::v3).bytes()};
  unsigned died = 0, found = 0;
  for (int round = 0; round < 300; ++round) {
    Blob damaged = good[round % 2];
    for (std::size_t changes = 1 + random() % 3; changes > 0; --changes)
      damaged[48 + random() % (damaged.size() - 48)] = static_cast<std::uint8_t>(random());
    const ChildAnswer once = decode_in_child(damaged);
    died += once.died;
    found += !once.text.empty();
    if (round % 10 == 0 && !once.died) {
      ASSERT_EQ(once.text, decode_in_child(damaged).text) << round;
    }
    std::istringstream lines(once.text);
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("hdf5.")) continue; // a detail with a line end of its own
      ASSERT_LE(std::stoull(line.substr(line.find(' '))), damaged.size()) << line;
    }
  }
  EXPECT_LT(died, 30u);
  EXPECT_GT(found, 30u);
}

} // namespace
