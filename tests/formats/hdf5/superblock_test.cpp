#include <random>

#include <fmt/format.h>

#include "formats/bytes/endian.h"
#include "formats/hdf5/hdf5.h"
#include "formats/hdf5/rules.h"
#include "tests/formats/hdf5/hdf5_maker.h"
#include "tests/support/check.h"

using namespace datavet;
using namespace datavet::test;

namespace {

constexpr SuperblockVersion all_versions[] = {SuperblockVersion::v0, SuperblockVersion::v1,
                                              SuperblockVersion::v2, SuperblockVersion::v3};

TEST(Hdf5Superblock, EveryVersionIsClean) {
  for (SuperblockVersion version : all_versions)
    for (hsize_t user_block : {0u, 512u, 2048u, 8192u}) {
      const Blob file = sampler(version, user_block).bytes();
      EXPECT_EQ(file.at(user_block + 8), static_cast<std::uint8_t>(version)); // the maker makes what it says
      expect_clean(hdf5_format, file);
    }
}

TEST(Hdf5Superblock, IsRecognisedWhereTheHeadReaches) {
  for (hsize_t user_block : {0u, 512u, 1024u, 2048u})
    EXPECT_TRUE(hdf5_format.sniff(Bytes(sampler(SuperblockVersion::v0, user_block).bytes()).first(4096)))
        << user_block;
  EXPECT_FALSE(hdf5_format.sniff({}));
  EXPECT_FALSE(hdf5_format.sniff(Blob(4096)));
}

TEST(Hdf5Superblock, NoPrefixIsHealthy) {
  for (SuperblockVersion version : all_versions) {
    const Blob file = sampler(version, version == SuperblockVersion::v2 ? 512 : 0).bytes();
    for (std::size_t size = 0; size < file.size(); ++size) {
      const Evidence evidence = check(hdf5_format, truncate(file, size), Depth::header);
      ASSERT_EQ(evidence.findings.list().size(), 1u) << size << "\n" << describe(evidence);
      ASSERT_EQ(evidence.findings.verdict(), Verdict::corrupt) << size;
    }
  }
}

TEST(Hdf5Superblock, SaysHowMuchIsMissing) {
  const Blob file = sampler().bytes();
  const Evidence evidence = check(hdf5_format, truncate(file, file.size() - 7));
  ASSERT_TRUE(has(evidence, hdf5::truncated)) << describe(evidence);
  EXPECT_EQ(evidence.findings.list()[0].detail,
            fmt::format("needs {} bytes, has {} (7 missing)", file.size(), file.size() - 7));
}

TEST(Hdf5Superblock, EveryChangedByteOfVersions2And3IsFound) {
  for (SuperblockVersion version : {SuperblockVersion::v2, SuperblockVersion::v3}) {
    const Blob file = sampler(version).bytes();
    for (std::size_t at = 0; at < 48; ++at)
      for (unsigned change = 1; change < 256; ++change) {
        const Blob damaged = set_byte(file, at, static_cast<std::uint8_t>(file[at] ^ change));
        const Evidence evidence = check(hdf5_format, damaged, Depth::header);
        ASSERT_EQ(evidence.findings.verdict(), Verdict::corrupt) << at << " ^ " << change << "\n"
                                                                 << describe(evidence);
      }
  }
}

TEST(Hdf5RootHeader, EveryChangedByteOfVersion2IsFound) {
  Hdf5Maker maker = sampler(SuperblockVersion::v3);
  const Blob file = maker.bytes();
  const std::size_t root = maker.header_at("/");
  EXPECT_EQ(root, 48u);
  // The shortest header that holds the root's messages; what follows chunk 0 is not under its checksum.
  for (std::size_t at = root; at < root + 60; ++at) {
    const Evidence evidence = check(hdf5_format, flip_bit(file, at, at % 8), Depth::checksum);
    ASSERT_EQ(evidence.findings.verdict(), Verdict::corrupt) << at << "\n" << describe(evidence);
  }
}

TEST(Hdf5Superblock, AMovedFileIsReadByItsSignature) {
  // Cut off a user block, or put one before: libhdf5 opens both.
  const Blob cut = erase(sampler(SuperblockVersion::v0, 512).bytes(), 0, 512);
  expect_finding(hdf5_format, cut, hdf5::moved, 24);
  const Blob prepended = insert(sampler().bytes(), 0, Blob(1024));
  expect_finding(hdf5_format, prepended, hdf5::moved, 1024 + 24);
}

TEST(Hdf5Superblock, OldFlagsMeanNothing) {
  for (std::uint8_t flags = 0; flags < 8; ++flags)
    expect_clean(hdf5_format, set_byte(sampler().bytes(), 20, flags));
}

TEST(Hdf5Superblock, TellsPaddingFromData) {
  const Blob file = sampler().bytes();
  expect_finding(hdf5_format, append(file, Blob(4096)), hdf5::padding, file.size());
  expect_finding(hdf5_format, append(file, Blob(4096, 7)), hdf5::trailing, file.size());
}

TEST(Hdf5Superblock, FillsTheOutline) {
  const Blob file = sampler(SuperblockVersion::v3, 512).bytes();
  Outline outline;
  Evidence evidence;
  evidence.outline = &outline;
  hdf5_format.examine(MemorySource(file), {}, evidence);
  ASSERT_GE(outline.segments().size(), 3u);
  EXPECT_EQ(outline.segments()[0].name, "user block");
  EXPECT_EQ(outline.segments()[1].offset, 512u);
  EXPECT_EQ(outline.segments()[2].name, "object header of the root group");
}

TEST(Hdf5Superblock, SurvivesRandomDamage) {
  std::mt19937 random(1);
  std::vector<Blob> heads;
  for (SuperblockVersion version : all_versions) heads.push_back(sampler(version).bytes());
  for (int round = 0; round < 40'000; ++round) {
    Blob damaged = truncate(heads[random() % 4], 256 + random() % 512);
    for (std::size_t changes = 1 + random() % 4; changes > 0; --changes)
      damaged[random() % 128] = static_cast<std::uint8_t>(random() % 3 == 0 ? 0xff : random());
    const Evidence once = check(hdf5_format, damaged), twice = check(hdf5_format, damaged);
    ASSERT_EQ(describe(once), describe(twice));
    for (const Finding &finding : once.findings.list()) {
      ASSERT_LE(finding.offset, damaged.size()) << describe(once);
      ASSERT_LE(finding.length, damaged.size() - finding.offset) << describe(once);
    }
  }
}

} // namespace
