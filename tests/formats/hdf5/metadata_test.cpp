// Our own walk over metadata: healthy files, and what libhdf5 says of the same files.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include "formats/checksum/lookup3.h"
#include "formats/hdf5/hdf5.h"
#include "formats/hdf5/metadata/walk.h"
#include "formats/hdf5/rules.h"
#include "tests/formats/hdf5/metadata_walk.h"
#include "tests/formats/hdf5/metadata_zoo.h"
#include "tests/support/check.h"
#include "tests/support/corpus.h"

using namespace datavet;
using namespace datavet::test;

namespace {

constexpr SuperblockVersion all_versions[] = {SuperblockVersion::v0, SuperblockVersion::v1,
                                              SuperblockVersion::v2, SuperblockVersion::v3};

hdf5::File open_image(const Blob &file) {
  hdf5::start_library();
  const hdf5::Properties access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_fapl_core(access.id(), 1 << 16, false);
  Blob copy = file;
  H5Pset_file_image(access.id(), copy.data(), copy.size());
  static unsigned opened = 0;
  return hdf5::File(H5Fopen(("image " + std::to_string(++opened)).c_str(), H5F_ACC_RDONLY, access.id()));
}

herr_t count_datasets(hid_t, const char *, const H5O_info_t *info, void *data) {
  if (info->type == H5O_TYPE_DATASET) static_cast<std::map<haddr_t, int> *>(data)->emplace(info->addr, 0);
  return 0;
}

H5D_layout_t layout_of(const hdf5::Storage &storage) {
  switch (storage.form) {
  case hdf5::Storage::Class::compact: return H5D_COMPACT;
  case hdf5::Storage::Class::contiguous: return H5D_CONTIGUOUS;
  case hdf5::Storage::Class::chunked: return H5D_CHUNKED;
  case hdf5::Storage::Class::virtual_: return H5D_VIRTUAL;
  case hdf5::Storage::Class::unknown: break;
  }
  return H5D_LAYOUT_ERROR;
}

void expect_same_filters(const hdf5::Dataset &ours, hid_t creation) {
  ASSERT_EQ(static_cast<int>(ours.filters.size()), H5Pget_nfilters(creation)) << ours.path;
  for (unsigned i = 0; i < ours.filters.size(); ++i) {
    unsigned flags = 0, config = 0, values[64] = {};
    std::size_t count = 64;
    EXPECT_EQ(H5Pget_filter2(creation, i, &flags, &count, values, 0, nullptr, &config), ours.filters[i].id)
        << ours.path;
    EXPECT_EQ(flags, ours.filters[i].flags) << ours.path;
    EXPECT_EQ(std::vector<std::uint32_t>(values, values + count), ours.filters[i].parameters) << ours.path;
  }
}

void expect_same(const hdf5::Dataset &ours, hid_t file) {
  const hdf5::Object object(H5Oopen(file, ours.path.c_str(), H5P_DEFAULT));
  ASSERT_TRUE(static_cast<bool>(object)) << ours.path;
  H5O_info_t info{};
  H5Oget_info2(object.id(), &info, H5O_INFO_BASIC);
  EXPECT_EQ(info.addr, ours.address) << ours.path;
  const hdf5::Space space(H5Dget_space(object.id()));
  hsize_t extent[32] = {};
  const int rank = H5Sget_simple_extent_dims(space.id(), extent, nullptr);
  EXPECT_TRUE(std::ranges::equal(ours.space.dimensions(), std::span(extent, static_cast<std::size_t>(rank))))
      << ours.path;
  EXPECT_EQ(H5Sget_simple_extent_type(space.id()) == H5S_NULL,
            ours.space.form == hdf5::Dataspace::Class::null)
      << ours.path;
  const hdf5::Type type(H5Dget_type(object.id()));
  EXPECT_EQ(H5Tget_class(type.id()) == H5T_STRING && H5Tis_variable_str(type.id()) > 0
                ? static_cast<int>(H5T_VLEN)
                : static_cast<int>(H5Tget_class(type.id())),
            static_cast<int>(ours.type.form))
      << ours.path;
  const bool differs_in_memory = ours.type.in_heap || H5Tdetect_class(type.id(), H5T_REFERENCE) > 0;
  if (!differs_in_memory) {
    EXPECT_EQ(H5Tget_size(type.id()), ours.type.size) << ours.path;
  }
  const hdf5::Properties creation(H5Dget_create_plist(object.id()));
  EXPECT_EQ(H5Pget_layout(creation.id()), layout_of(ours.storage)) << ours.path;
  if (ours.storage.form == hdf5::Storage::Class::contiguous &&
      ours.storage.address != hdf5::undefined_address) {
    EXPECT_NE(H5Dget_offset(object.id()), HADDR_UNDEF) << ours.path;
  }
  if (ours.storage.form == hdf5::Storage::Class::chunked) {
    hsize_t chunk[32] = {};
    const int sides = H5Pget_chunk(creation.id(), 32, chunk);
    EXPECT_TRUE(
        std::ranges::equal(ours.storage.chunk_shape(), std::span(chunk, static_cast<std::size_t>(sides))))
        << ours.path;
  }
  EXPECT_EQ(H5Pget_external_count(creation.id()) > 0, ours.external) << ours.path;
  expect_same_filters(ours, creation.id());
}

void expect_same_as_libhdf5(const Blob &bytes, const std::string &what) {
  const MetadataSeen seen = walk(bytes);
  const hdf5::File file = open_image(bytes);
  ASSERT_TRUE(static_cast<bool>(file)) << what;
  std::map<haddr_t, int> theirs;
  H5Ovisit2(file.id(), H5_INDEX_NAME, H5_ITER_NATIVE, count_datasets, &theirs, H5O_INFO_BASIC);
  EXPECT_EQ(theirs.size(), seen.datasets.size()) << what;
  for (const hdf5::Dataset &dataset : seen.datasets) {
    SCOPED_TRACE(what);
    EXPECT_TRUE(theirs.contains(dataset.address)) << dataset.path;
    expect_same(dataset, file.id());
  }
}

TEST(Hdf5Metadata, EveryKindOfStructureIsClean) {
  for (SuperblockVersion version : all_versions)
    for (hsize_t user_block : {0u, 1024u})
      for (unsigned members : {1u, 40u, 1500u}) {
        const MetadataSeen seen = walk(zoo(version, user_block, members).bytes());
        EXPECT_TRUE(seen.whole && seen.evidence.findings.empty())
            << static_cast<int>(version) << " " << members << "\n"
            << describe(seen.evidence);
      }
}

// Addresses and lengths of other widths, and of widths that differ.
TEST(Hdf5Metadata, EveryWidthOfAddressesAndLengthsIsClean) {
  hdf5::start_library();
  for (const H5F_libver_t version : {H5F_LIBVER_EARLIEST, H5F_LIBVER_V110})
    for (const std::size_t offsets : {2u, 4u, 8u})
      for (const std::size_t lengths : {2u, 4u, 8u}) {
        // libhdf5 writes 0 for the 65,536 bytes of a fractal heap's largest block, and cannot read it either.
        if (version != H5F_LIBVER_EARLIEST && lengths == 2) continue;
        const hdf5::Properties access(H5Pcreate(H5P_FILE_ACCESS)), creation(H5Pcreate(H5P_FILE_CREATE));
        H5Pset_fapl_core(access.id(), 1 << 14, false);
        H5Pset_libver_bounds(access.id(), version, H5F_LIBVER_V110);
        H5Pset_sizes(creation.id(), offsets, lengths);
        H5Pset_sym_k(creation.id(), 3, 7);
        Blob file;
        {
          const hdf5::File made(H5Fcreate("widths", H5F_ACC_TRUNC, creation.id(), access.id()));
          for (unsigned i = 0; i < 40; ++i) {
            const hdf5::Object group(H5Gcreate2(made.id(), ("/g" + std::to_string(i)).c_str(), H5P_DEFAULT,
                                                H5P_DEFAULT, H5P_DEFAULT));
            number_attribute(group.id(), "numbers", 3);
          }
          H5Fflush(made.id(), H5F_SCOPE_GLOBAL);
          file.resize(static_cast<std::size_t>(H5Fget_file_image(made.id(), nullptr, 0)));
          H5Fget_file_image(made.id(), file.data(), file.size());
        }
        if (file.at(8) >= 2) { // see Hdf5Maker::bytes()
          const std::size_t end = 12 + 4 * offsets;
          const std::uint32_t sum = lookup3(Bytes(file).first(end));
          for (unsigned i = 0; i < 4; ++i) file[end + i] = static_cast<std::uint8_t>(sum >> (8 * i));
        }
        const MetadataSeen seen = walk(file);
        EXPECT_TRUE(seen.whole && seen.evidence.findings.empty() && seen.groups.size() == 41)
            << offsets << " " << lengths << " " << seen.groups.size() << "\n"
            << describe(seen.evidence);
      }
}

// The zoo has what it was built for: a structure that is not in it is not tested.
TEST(Hdf5Metadata, TheZooHasEveryKindOfStructure) {
  const auto names = [](const Blob &file) {
    Outline outline;
    Evidence evidence;
    evidence.outline = &outline;
    hdf5_format.examine(MemorySource(file), {}, evidence);
    std::map<std::string, int> found;
    for (const Segment &segment : outline.segments()) ++found[segment.name];
    return found;
  };
  auto old = names(zoo(SuperblockVersion::v0, 0, 1500).bytes()),
       latest = names(zoo(SuperblockVersion::v3, 0, 1500).bytes());
  for (const char *name :
       {"local heap", "B-tree node", "symbol table node", "object header continuation", "contiguous data"})
    EXPECT_GT(old[name], 1) << name;
  for (const char *name :
       {"fractal heap", "fractal heap direct block", "fractal heap indirect block", "version 2 B-tree",
        "version 2 B-tree internal node", "version 2 B-tree leaf", "object header continuation"})
    EXPECT_GT(latest[name], 1) << name;
}

TEST(Hdf5Metadata, AgreesWithLibhdf5) {
  for (SuperblockVersion version : all_versions)
    for (hsize_t user_block : {0u, 512u})
      expect_same_as_libhdf5(zoo(version, user_block, 60).bytes(),
                             fmt::format("version {}", static_cast<int>(version)));
}

TEST(Hdf5Metadata, ReadsHugeObjectsOfAHeap) {
  const MetadataSeen seen = walk(with_huge_attribute().bytes());
  EXPECT_TRUE(seen.whole && seen.evidence.findings.empty()) << describe(seen.evidence);
}

TEST(Hdf5Metadata, GivesWhatChunkIndexesNeed) {
  const MetadataSeen seen = walk(zoo(SuperblockVersion::v3).bytes());
  std::map<std::string, hdf5::Storage> storage;
  for (const hdf5::Dataset &dataset : seen.datasets) storage[dataset.path] = dataset.storage;
  using Index = hdf5::Storage::Index;
  EXPECT_EQ(storage.at("/fixed").index, Index::fixed_array);
  EXPECT_EQ(storage.at("/fixed").fixed_array_page_bits, 10);
  EXPECT_EQ(storage.at("/implicit").index, Index::implicit);
  EXPECT_EQ(storage.at("/single").index, Index::single);
  EXPECT_EQ(storage.at("/single").single_size, 0u);
  EXPECT_EQ(storage.at("/single packed").index, Index::single);
  EXPECT_GT(storage.at("/single packed").single_size, 0u);
  EXPECT_EQ(storage.at("/extensible").index, Index::extensible_array);
  EXPECT_EQ(storage.at("/extensible").extensible_max_bits, 32);
  EXPECT_EQ(storage.at("/tree").index, Index::btree_v2);
  EXPECT_EQ(storage.at("/tree").btree_node_size, 2048u);
  EXPECT_EQ(storage.at("/filters").element_size, 1u);
}

TEST(Hdf5Metadata, NamesWhatLeavesTheFile) {
  Evidence evidence = check(hdf5_format, zoo(SuperblockVersion::v3).bytes(), Depth::checksum);
  for (const Rule *rule : {&hdf5::external_link, &hdf5::external_storage, &hdf5::virtual_dataset})
    EXPECT_TRUE(has(evidence, *rule)) << rule->id << "\n" << describe(evidence);
}

TEST(Hdf5Metadata, CountsObjects) {
  const Evidence evidence = check(hdf5_format, sampler().bytes());
  EXPECT_EQ(evidence.facts.datasets, 6u);
  EXPECT_EQ(evidence.facts.objects, 10u);
}

// What changed under a checksum is found, wherever it is.
TEST(Hdf5Metadata, EveryChangedByteUnderAChecksumIsFound) {
  const Blob file = zoo(SuperblockVersion::v3, 0, 30).bytes();
  Outline outline;
  Evidence evidence;
  evidence.outline = &outline;
  hdf5_format.examine(MemorySource(file), {}, evidence);
  unsigned tried = 0;
  for (const Segment &segment : outline.segments()) {
    std::uint64_t length = segment.length;
    if (segment.name == "superblock" || segment.name == "contiguous data" || segment.name == "local heap" ||
        segment.name == "global heap collection")
      continue;
    if (segment.name.find("node") != std::string::npos || segment.name.find("leaf") != std::string::npos)
      length = 10 + 11 * std::stoul(segment.detail); // the records in use, of the smallest kind
    const std::uint64_t step = length > 300 ? 13 : 3;
    for (std::uint64_t at = segment.offset; at < segment.offset + length; at += step, ++tried) {
      const Evidence found = check(hdf5_format, flip_bit(file, at, at % 8), Depth::checksum);
      ASSERT_EQ(found.findings.verdict(), Verdict::corrupt) << segment.name << " at " << at << "\n"
                                                            << describe(found);
    }
  }
  EXPECT_GT(tried, 2000u);
}

// Cut files that say of themselves that they are whole: what is missing is missed.
TEST(Hdf5Metadata, NoPrefixOfTheMetadataIsHealthy) {
  const Blob file = sampler().bytes();
  Outline outline;
  Evidence evidence;
  evidence.outline = &outline;
  hdf5_format.examine(MemorySource(file), {}, evidence);
  std::uint64_t last = 0;
  for (const Segment &segment : outline.segments()) last = std::max(last, segment.offset + segment.length);
  for (std::size_t size = 96; size < last; ++size) {
    Blob cut = truncate(file, size);
    for (unsigned i = 0; i < 8; ++i)
      cut[40 + i] = static_cast<std::uint8_t>(size >> (8 * i)); // end-of-file address
    const Evidence found = check(hdf5_format, cut, Depth::checksum);
    ASSERT_EQ(found.findings.verdict(), Verdict::corrupt) << size << "\n" << describe(found);
  }
}

TEST(Hdf5Metadata, RealFilesOfTheCorpus) {
  const unsigned seen = for_corpus({"hdf5"}, [](const CorpusFile &file) {
    if (file.expected != "must_pass") return;
    const MetadataSeen walked = walk(file.bytes);
    EXPECT_FALSE(walked.evidence.findings.any_at_least(Severity::warning)) << file.path << "\n" << describe(walked.evidence);
    if (walked.whole) expect_same_as_libhdf5(file.bytes, file.path);
  });
  if (seen == 0) GTEST_SKIP() << "no corpus beside the project";
}

} // namespace
