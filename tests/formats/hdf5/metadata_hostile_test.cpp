// Metadata that was made to mislead: circles, endless depth, huge counts, structures on top of each other.
#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "formats/hdf5/hdf5.h"
#include "formats/hdf5/rules.h"
#include "tests/formats/hdf5/metadata_walk.h"
#include "tests/formats/hdf5/metadata_zoo.h"
#include "tests/support/check.h"

using namespace datavet;
using namespace datavet::test;

namespace {

Blob put(Blob blob, std::size_t at, std::uint64_t value, unsigned width = 8) {
  for (unsigned i = 0; i < width; ++i) blob.at(at + i) = static_cast<std::uint8_t>(value >> (8 * i));
  return blob;
}

std::size_t find(const Blob &blob, std::string_view text, std::size_t from = 0) {
  return static_cast<std::size_t>(
      std::search(blob.begin() + static_cast<std::ptrdiff_t>(from), blob.end(), text.begin(), text.end()) -
      blob.begin());
}

// The walk reads each structure once, and along with it a little; never more than 64 times the file, or 4
// MiB.
void expect_bounded(const MetadataSeen &seen, const Blob &file) {
  EXPECT_LE(seen.bytes_read, std::max<std::uint64_t>(64 * file.size(), 4 << 20) + (16 << 20));
}

TEST(Hdf5HostileMetadata, HardLinksInACircleAreLegal) {
  Hdf5Maker maker;
  maker.group("/a/b/c");
  maker.hard_link("/a/b/c/up", "/a");
  maker.hard_link("/a/b/c/root", "/");
  const MetadataSeen seen = walk(maker.bytes());
  EXPECT_TRUE(seen.whole) << describe(seen.evidence);
  EXPECT_EQ(seen.groups.size(), 4u);
}

TEST(Hdf5HostileMetadata, ATreeThatIsItsOwnChildEnds) {
  Hdf5Maker maker;
  fill_group(maker, "/", 0);
  for (unsigned i = 0; i < 600; ++i) maker.soft_link("/l" + std::to_string(i), "/");
  const Blob file = maker.bytes();
  std::size_t tree = find(file, "TREE");
  while (file.at(tree + 5) != 1) tree = find(file, "TREE", tree + 1); // the root, of level 1
  // Its first two children are one: the second time is one too many.
  Blob twins = file;
  std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(tree + 32), 8,
              twins.begin() + static_cast<std::ptrdiff_t>(tree + 48));
  EXPECT_TRUE(has(check(hdf5_format, twins), hdf5::structure_loop)) << describe(check(hdf5_format, twins));
  const Blob selfish = put(file, tree + 32, tree);
  EXPECT_TRUE(check(hdf5_format, selfish).findings.any_at_least(Severity::error));
  expect_bounded(walk(selfish), selfish);
}

TEST(Hdf5HostileMetadata, AHeaderThatContinuesInItselfEnds) {
  Hdf5Maker maker;
  maker.group("/group");
  for (unsigned i = 0; i < 20; ++i) maker.attribute("/group", "a" + std::to_string(i), "text");
  const Blob file = maker.bytes();
  const std::uint64_t header = maker.header_at("/group");
  std::size_t message = header + 16;
  while (file.at(message) != 0x10) message += 8 + file.at(message + 2) + 256u * file.at(message + 3);
  // To itself, and to its own messages, in which the same continuation stands.
  for (const std::uint64_t target : {header, header + 16}) {
    const Blob circle = put(file, message + 8, target);
    const MetadataSeen seen = walk(circle);
    EXPECT_TRUE(seen.evidence.findings.any_at_least(Severity::error)) << describe(seen.evidence);
    expect_bounded(seen, circle);
  }
}

TEST(Hdf5HostileMetadata, GroupsNestedTooDeepAreNotFollowed) {
  Hdf5Maker maker;
  std::string path;
  for (unsigned i = 0; i < 600; ++i) path += "/g";
  maker.group(path);
  const MetadataSeen seen = walk(maker.bytes());
  EXPECT_FALSE(seen.whole);
  EXPECT_TRUE(has(seen.evidence, hdf5::too_much)) << describe(seen.evidence);
  EXPECT_EQ(seen.groups.size(), 513u);
}

TEST(Hdf5HostileMetadata, TypesNestedTooDeepAreNotKnown) {
  hdf5::start_library();
  hdf5::Type type(H5Tcopy(H5T_STD_I8LE));
  const hsize_t one = 1;
  for (unsigned i = 0; i < 200; ++i) type = hdf5::Type(H5Tarray_create2(type.id(), 1, &one));
  Hdf5Maker maker;
  maker.write("/deep", type.id(), nullptr, {.extent = {1}});
  const MetadataSeen seen = walk(maker.bytes());
  EXPECT_TRUE(has(seen.evidence, hdf5::structure_unknown)) << describe(seen.evidence);
  EXPECT_FALSE(seen.evidence.findings.any_at_least(Severity::warning));
  EXPECT_TRUE(seen.datasets.empty());
}

TEST(Hdf5HostileMetadata, StopsAtTheLimitOfObjects) {
  const Blob file = zoo(SuperblockVersion::v0).bytes();
  const MetadataSeen objects = walk(file, {Depth::content, {.objects = 5}});
  EXPECT_TRUE(has(objects.evidence, hdf5::too_much));
  EXPECT_LE(objects.datasets.size() + objects.groups.size(), 5u);
}

TEST(Hdf5HostileMetadata, TwoDatasetsOnTheSameBytesAreNoticed) {
  Hdf5Maker maker;
  maker.dataset<double>("/a", counting<double>(20));
  maker.dataset<double>("/b", counting<double>(20));
  Blob file = maker.bytes();
  const std::uint64_t a = maker.data_at("/a"), b = maker.data_at("/b");
  Blob place;
  for (unsigned i = 0; i < 8; ++i) place.push_back(static_cast<std::uint8_t>(b >> (8 * i)));
  place.push_back(160); // and its length
  const auto at = std::search(file.begin(), file.end(), place.begin(), place.end());
  for (const std::uint64_t target : {a, a + 8}) {
    const Blob doubled = put(file, static_cast<std::size_t>(at - file.begin()), target);
    const Evidence evidence = check(hdf5_format, doubled);
    EXPECT_TRUE(has(evidence, hdf5::structure_overlap)) << describe(evidence);
  }
}

// A heap of one long name, and many symbols whose names are its suffixes: names that overlap take no memory
// of their own in the file.
TEST(Hdf5HostileMetadata, OverlappingNamesAreBounded) {
  Hdf5Maker maker;
  const std::string base(60'000, 'n');
  for (unsigned i = 0; i < 300; ++i) maker.group("/" + std::to_string(1000 + i));
  maker.group("/" + base);
  Blob file = maker.bytes();
  const std::size_t heap = find(file, "HEAP");
  std::uint64_t names = 0;
  for (unsigned i = 0; i < 8; ++i) names |= std::uint64_t{file.at(heap + 24 + i)} << (8 * i);
  const std::size_t name = find(file, base) - static_cast<std::size_t>(names);
  unsigned entry = 0;
  for (std::size_t node = find(file, "SNOD"); node < file.size(); node = find(file, "SNOD", node + 1))
    for (unsigned i = 0; i < 8; ++i, ++entry) file = put(file, node + 8 + 40 * i, name + entry);
  const MetadataSeen seen = walk(file);
  expect_bounded(seen, file);
}

TEST(Hdf5HostileMetadata, SurvivesRandomDamage) {
  std::mt19937 random(7);
  std::vector<Blob> files;
  for (SuperblockVersion version :
       {SuperblockVersion::v0, SuperblockVersion::v1, SuperblockVersion::v2, SuperblockVersion::v3})
    files.push_back(zoo(version, 0, 30).bytes());
  files.push_back(with_huge_attribute().bytes());
  files.push_back(keras_file("kernel:0", "bias:0", true));
  for (int round = 0; round < 6'000; ++round) {
    Blob damaged = files[random() % files.size()];
    for (std::size_t changes = 1 + random() % 6; changes > 0; --changes) {
      const std::size_t at = 48 + random() % (damaged.size() - 48);
      const unsigned kind = random() % 4;
      if (kind == 0)
        damaged[at] = 0xff;
      else if (kind == 1)
        damaged[at] = static_cast<std::uint8_t>(damaged[at] + 1);
      else if (kind == 2)
        damaged[at] = static_cast<std::uint8_t>(random());
      else // an address for an address, a count for a count
        std::copy_n(damaged.begin() +
                        static_cast<std::ptrdiff_t>(48 + random() % (damaged.size() - 56) / 8 * 8),
                    8, damaged.begin() + static_cast<std::ptrdiff_t>(at / 8 * 8 - 8));
    }
    // Without checksums the damage comes deeper.
    const Depth depth = round % 2 == 0 ? Depth::structure : Depth::content;
    const MetadataSeen once = walk(damaged, {depth, {}}), twice = walk(damaged, {depth, {}});
    ASSERT_EQ(describe(once.evidence), describe(twice.evidence));
    expect_bounded(once, damaged);
    for (const Finding &finding : once.evidence.findings.list()) {
      ASSERT_LE(finding.offset, damaged.size()) << describe(once.evidence);
      ASSERT_LE(finding.length, damaged.size() - finding.offset) << describe(once.evidence);
    }
  }
}

TEST(Hdf5KerasWeights, WholeFilesAreClean) {
  for (const bool variable : {false, true})
    for (SuperblockVersion version : {SuperblockVersion::v0, SuperblockVersion::v3}) {
      expect_clean(hdf5_format, keras_file("dense_1/kernel:0", "dense_1/kernel:0", variable, version));
      expect_clean(hdf5_format, keras_file("kernel:0", "kernel:0", variable, version));
      expect_finding(hdf5_format, keras_file("dense_1/kernel:0", "dense_1/bias:0", variable, version),
                     hdf5::weights_missing, 0);
    }
}

TEST(Hdf5KerasWeights, ListsInPartsAndLinksAreFollowedAsFarAsTheyGo) {
  Hdf5Maker maker;
  maker.dataset<float>("/elsewhere/kernel", counting<float>(4));
  name_list(maker, "/", "layer_names0", {"soft", "hard"});
  name_list(maker, "/", "layer_names1", {"gone"});
  maker.soft_link("/soft", "/elsewhere");
  maker.hard_link("/hard", "/elsewhere");
  name_list(maker, "/elsewhere", "weight_names", {"kernel"});
  const Evidence evidence = check(hdf5_format, maker.bytes());
  ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
  EXPECT_NE(evidence.findings.list()[0].detail.find("1 of 3"), std::string::npos) << describe(evidence);
}

} // namespace
