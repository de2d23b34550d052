// The listing of chunks beside libhdf5's own, for every kind of index, and what is said of damaged ones.
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/hdf5/chunks/byte_ranges.h"
#include "formats/hdf5/chunks/grid.h"
#include "formats/hdf5/chunks/list_chunks.h"
#include "formats/hdf5/rules.h"
#include "formats/hdf5/superblock.h"
#include "formats/hdf5/tiles.h"
#include "tests/formats/hdf5/chunked_dataset.h"
#include "tests/support/check.h"

using namespace datavet;
using namespace datavet::test;
using Index = hdf5::Storage::Index;

namespace {

struct Listed {
  hdf5::ChunkListing result;
  std::vector<hdf5::Chunk> chunks;
  Evidence evidence;
};

/// The superblock is the good file's: what is damaged is judged behind it.
Listed list(const Blob &file, const hdf5::Dataset &dataset, Depth depth = Depth::content) {
  Listed listed;
  const GuardedBytes guarded{Bytes(file)};
  const MemorySource source(guarded.bytes());
  hdf5::Superblock superblock;
  superblock.version = file.size() > 8 ? file[8] : 0;
  superblock.offset_size = superblock.length_size = 8;
  superblock.end = file.size();
  hdf5::AddressSpace space(source, superblock);
  CollectedChunks sink;
  listed.result = list_chunks(space, dataset, CheckOptions{depth, {}}, sink, listed.evidence);
  listed.chunks = std::move(sink.list);
  return listed;
}

bool has(const Listed &listed, const Rule &rule) { return datavet::test::has(listed.evidence, rule); }
std::string text(const Listed &listed) { return describe(listed.evidence); }

/// A file with one dataset, and where everything is.
struct Sample {
  Blob file;
  hdf5::Dataset dataset;
};

Sample made(const Hdf5Maker &maker) {
  Sample sample;
  sample.file = maker.bytes();
  sample.dataset = describe_chunked(maker, sample.file);
  return sample;
}

/// The bytes that libhdf5 reads for a chunk are those at the place that we found.
void expect_bytes_as_libhdf5(const Hdf5Maker &maker, const Sample &sample, const Listed &listed) {
  const hdf5::Object dataset(H5Oopen(maker.file(), "/d", H5P_DEFAULT));
  for (const hdf5::Chunk &chunk : listed.chunks) {
    const std::vector<hsize_t> origin(chunk.origin.begin(), chunk.origin.end());
    hsize_t stored = 0;
    ASSERT_GE(H5Dget_chunk_storage_size(dataset.id(), origin.data(), &stored), 0);
    ASSERT_EQ(chunk.size, stored);
    Blob bytes(stored);
    std::uint32_t mask = 0;
    ASSERT_GE(H5Dread_chunk(dataset.id(), H5P_DEFAULT, origin.data(), &mask, bytes.data()), 0);
    ASSERT_TRUE(std::equal(bytes.begin(), bytes.end(),
                           sample.file.begin() + static_cast<std::ptrdiff_t>(chunk.address)));
  }
}

/// Every chunk that libhdf5 knows, asked for one by one, and no other. `names_are_right`: libhdf5 1.10 lists
/// the chunks of an extensible array under wrong coordinates when the dimension without end is not the first
/// (H5D__earray_idx_iterate_cb counts them unswizzled); reading finds the right ones.
void expect_as_libhdf5(const Hdf5Maker &maker, Index index, bool names_are_right = true) {
  const Sample sample = made(maker);
  ASSERT_EQ(sample.dataset.storage.index, index);
  const Listed listed = list(sample.file, sample.dataset);
  EXPECT_TRUE(listed.evidence.findings.empty()) << text(listed);
  EXPECT_TRUE(listed.result.whole);
  EXPECT_EQ(listed.result.listed, listed.chunks.size());
  expect_bytes_as_libhdf5(maker, sample, listed);
  if (!names_are_right) return;

  const hdf5::Object dataset(H5Oopen(maker.file(), "/d", H5P_DEFAULT));
  const auto extent = sample.dataset.space.dimensions();
  const std::vector<hsize_t> size(extent.begin(), extent.end());
  const auto sides = sample.dataset.storage.chunk_shape();
  const std::vector<hsize_t> shape(sides.begin(), sides.end());
  std::map<std::vector<hsize_t>, hdf5::Chunk> ours;
  for (const hdf5::Chunk &chunk : listed.chunks)
    ours[{chunk.origin.begin(), chunk.origin.begin() + static_cast<std::ptrdiff_t>(size.size())}] = chunk;
  EXPECT_EQ(ours.size(), listed.chunks.size()) << "a chunk twice";
  std::size_t theirs = 0;
  for (hdf5::Tiles tiles(size, shape); !tiles.done(); tiles.advance()) {
    unsigned mask = 0;
    haddr_t place = HADDR_UNDEF;
    hsize_t stored = 0;
    if (H5Dget_chunk_info_by_coord(dataset.id(), tiles.origin().data(), &mask, &place, &stored) < 0 ||
        place == HADDR_UNDEF)
      continue;
    ++theirs;
    const auto found = ours.find(
        {tiles.origin().begin(), tiles.origin().begin() + static_cast<std::ptrdiff_t>(size.size())});
    ASSERT_NE(found, ours.end());
    EXPECT_EQ(found->second.address, place);
    EXPECT_EQ(found->second.size, stored);
    if (!sample.dataset.storage.edges_unfiltered) {
      EXPECT_EQ(found->second.mask, mask);
    }
  }
  EXPECT_EQ(theirs, ours.size());
}

constexpr hsize_t without_end = H5S_UNLIMITED;

Hdf5Maker maker_of(SuperblockVersion version, const ChunkedShape &shape) {
  Hdf5Maker maker(version);
  make_chunked(maker, shape);
  return maker;
}
Hdf5Maker full(SuperblockVersion version, const ChunkedShape &shape) {
  Hdf5Maker maker = maker_of(version, shape);
  write_all(maker);
  return maker;
}

constexpr auto oldest = SuperblockVersion::v0, newest = SuperblockVersion::v3;

TEST(Hdf5Chunks, VersionOneTreesAsLibhdf5) {
  for (unsigned deflate : {0u, 4u}) {
    expect_as_libhdf5(full(oldest, {.extent = {37}, .chunk = {5}, .deflate = deflate}), Index::btree_v1);
    expect_as_libhdf5(
        full(oldest, {.extent = {60, 50}, .chunk = {2, 3}, .deflate = deflate, .fletcher32 = true}),
        Index::btree_v1); // 510 chunks: two levels
    expect_as_libhdf5(full(oldest, {.extent = {9, 8, 7, 3}, .chunk = {2, 3, 2, 2}, .deflate = deflate}),
                      Index::btree_v1);
    expect_as_libhdf5(full(SuperblockVersion::v1, {.extent = {100, 10}, .chunk = {1, 3}, .deflate = deflate}),
                      Index::btree_v1); // another K
  }
}

TEST(Hdf5Chunks, TreesThatGrewAnyhowAsLibhdf5) {
  for (const auto version : {oldest, newest}) {
    Hdf5Maker maker =
        maker_of(version, {.extent = {400, 20}, .maximum = {without_end, without_end}, .chunk = {2, 3}});
    for (hsize_t i = 0; i < 600; ++i) write_element(maker, {(i * 7919) % 400, (i * 104729) % 20});
    expect_as_libhdf5(maker, version == oldest ? Index::btree_v1 : Index::btree_v2);
    // Chunks are taken away, and others come.
    {
      const hdf5::Object dataset(H5Oopen(maker.file(), "/d", H5P_DEFAULT));
      const hsize_t small[] = {37, 7}, large[] = {900, 21};
      ASSERT_GE(H5Dset_extent(dataset.id(), small), 0);
      ASSERT_GE(H5Dset_extent(dataset.id(), large), 0);
    }
    write_element(maker, {701, 20});
    write_element(maker, {0, 20});
    expect_as_libhdf5(maker, version == oldest ? Index::btree_v1 : Index::btree_v2);
  }
}

TEST(Hdf5Chunks, EmptyIndexesHaveNoChunks) {
  expect_as_libhdf5(maker_of(oldest, {.extent = {10}, .chunk = {3}}), Index::btree_v1);
  expect_as_libhdf5(maker_of(newest, {.extent = {10}, .chunk = {3}}), Index::fixed_array);
  expect_as_libhdf5(maker_of(newest, {.extent = {10}, .maximum = {without_end}, .chunk = {3}}),
                    Index::extensible_array);
  expect_as_libhdf5(
      maker_of(newest, {.extent = {10, 2}, .maximum = {without_end, without_end}, .chunk = {3, 1}}),
      Index::btree_v2);
  expect_as_libhdf5(maker_of(newest, {.extent = {10}, .chunk = {10}, .deflate = 1}), Index::single);
}

TEST(Hdf5Chunks, SingleChunksAsLibhdf5) {
  expect_as_libhdf5(full(newest, {.extent = {10, 3}, .chunk = {10, 3}}), Index::single);
  expect_as_libhdf5(full(newest, {.extent = {10, 3}, .chunk = {10, 3}, .deflate = 6}), Index::single);
}

TEST(Hdf5Chunks, ImplicitIndexesAsLibhdf5) {
  expect_as_libhdf5(full(newest, {.extent = {10, 7}, .chunk = {3, 2}, .early = true}), Index::implicit);
  expect_as_libhdf5(maker_of(newest, {.extent = {10, 7}, .maximum = {20, 9}, .chunk = {3, 2}, .early = true}),
                    Index::implicit); // numbered by what it may grow to
}

TEST(Hdf5Chunks, FixedArraysAsLibhdf5) {
  for (unsigned deflate : {0u, 3u}) {
    expect_as_libhdf5(full(newest, {.extent = {50, 7}, .chunk = {3, 2}, .deflate = deflate}),
                      Index::fixed_array);
    expect_as_libhdf5(
        full(newest, {.extent = {20, 7}, .maximum = {50, 13}, .chunk = {3, 2}, .deflate = deflate}),
        Index::fixed_array);
    Hdf5Maker sparse =
        maker_of(newest, {.extent = {70, 60}, .chunk = {1, 1}, .deflate = deflate}); // five pages
    for (hsize_t i : {0u, 1u, 37u, 69u}) write_element(sparse, {i, (i * 17) % 60});
    expect_as_libhdf5(sparse, Index::fixed_array);
  }
}

TEST(Hdf5Chunks, ExtensibleArraysAsLibhdf5) {
  for (unsigned deflate : {0u, 3u}) {
    expect_as_libhdf5(
        full(newest, {.extent = {500}, .maximum = {without_end}, .chunk = {1}, .deflate = deflate}),
        Index::extensible_array);
    // The dimension without end is not the first.
    expect_as_libhdf5(
        full(newest,
             {.extent = {7, 90, 3}, .maximum = {9, without_end, 5}, .chunk = {2, 2, 1}, .deflate = deflate}),
        Index::extensible_array, false);
    Hdf5Maker sparse =
        maker_of(newest, {.extent = {9}, .maximum = {without_end}, .chunk = {1}, .deflate = deflate});
    write_element(sparse, {3});
    expect_as_libhdf5(sparse, Index::extensible_array);
  }
}

TEST(Hdf5Chunks, PagedExtensibleArraysAsLibhdf5) {
  // Data blocks of more than 1024 elements lie in pages. libhdf5 is slow to ask here, so only what was
  // written.
  Hdf5Maker maker = maker_of(newest, {.extent = {300'000}, .maximum = {without_end}, .chunk = {1}});
  const std::vector<hsize_t> written = {0, 3, 4, 70'000, 131'071, 131'072, 200'001, 299'999};
  for (hsize_t at : written) write_element(maker, {at});
  const Sample sample = made(maker);
  const Listed listed = list(sample.file, sample.dataset);
  EXPECT_TRUE(listed.evidence.findings.empty()) << text(listed);
  const hdf5::Object dataset(H5Oopen(maker.file(), "/d", H5P_DEFAULT));
  ASSERT_EQ(listed.chunks.size(), written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    unsigned mask = 0;
    haddr_t place = HADDR_UNDEF;
    hsize_t stored = 0;
    ASSERT_GE(H5Dget_chunk_info_by_coord(dataset.id(), &written[i], &mask, &place, &stored), 0);
    EXPECT_EQ(listed.chunks[i].origin[0], written[i]);
    EXPECT_EQ(listed.chunks[i].address, place);
    EXPECT_EQ(listed.chunks[i].size, stored);
  }
}

TEST(Hdf5Chunks, VersionTwoTreesAsLibhdf5) {
  for (unsigned deflate : {0u, 4u}) {
    const std::vector<hsize_t> both = {without_end, without_end};
    expect_as_libhdf5(full(newest, {.extent = {9, 7}, .maximum = both, .chunk = {2, 3}, .deflate = deflate}),
                      Index::btree_v2);
    expect_as_libhdf5(
        full(newest,
             {.extent = {60, 50}, .maximum = both, .chunk = {2, 1}, .deflate = deflate, .fletcher32 = true}),
        Index::btree_v2); // 1500 chunks: two levels
  }
}

TEST(Hdf5Chunks, DeepVersionTwoTreesListEverything) {
  const Hdf5Maker maker = full(
      newest, {.extent = {200, 60}, .maximum = {without_end, without_end}, .chunk = {1, 1}}); // three levels
  const Sample sample = made(maker);
  const Listed listed = list(sample.file, sample.dataset);
  EXPECT_TRUE(listed.evidence.findings.empty()) << text(listed);
  EXPECT_EQ(listed.chunks.size(), 12'000u);
}

TEST(Hdf5Chunks, EdgesThatAreNotFilteredSaySo) {
  const Hdf5Maker maker =
      full(newest, {.extent = {10, 7}, .chunk = {4, 4}, .deflate = 6, .edges_unfiltered = true});
  expect_as_libhdf5(maker, Index::fixed_array);
  const Sample sample = made(maker);
  for (const hdf5::Chunk &chunk : list(sample.file, sample.dataset).chunks) {
    const bool partial = chunk.origin[0] == 8 || chunk.origin[1] == 4;
    EXPECT_EQ(chunk.mask, partial ? ~0u : 0u);
    if (partial) {
      EXPECT_EQ(chunk.size, 64u);
    }
  }
}

TEST(Hdf5Chunks, NothingIsReadAtDepthHeader) {
  Sample sample = made(full(oldest, {.extent = {20}, .chunk = {2}}));
  sample.dataset.storage.address = 5;
  EXPECT_TRUE(list(sample.file, sample.dataset, Depth::header).evidence.findings.empty());
}

// --- damage ---

/// Offsets of all places where these four letters stand.
std::vector<std::size_t> places_of(const Blob &file, std::string_view letters) {
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at + letters.size() <= file.size(); ++at)
    if (std::equal(letters.begin(), letters.end(), file.begin() + static_cast<std::ptrdiff_t>(at)))
      places.push_back(at);
  return places;
}

struct Piece {
  std::string_view name;
  std::size_t bytes; ///< under the checksum and with it
};

void expect_every_change_found(const Sample &sample, const std::vector<Piece> &pieces) {
  for (const Piece &piece : pieces) {
    const std::vector<std::size_t> places = places_of(sample.file, piece.name);
    ASSERT_FALSE(places.empty()) << piece.name;
    const std::size_t place = places.back();
    Blob damaged = sample.file;
    for (std::size_t at = place; at < place + piece.bytes; ++at)
      for (unsigned change : {1u, 0x80u, 0xffu}) {
        damaged[at] = static_cast<std::uint8_t>(sample.file[at] ^ change);
        const Listed listed = list(damaged, sample.dataset);
        ASSERT_EQ(listed.evidence.findings.verdict(), Verdict::corrupt) << piece.name << " + " << at - place;
        ASSERT_FALSE(listed.result.whole);
        damaged[at] = sample.file[at];
      }
  }
}

TEST(Hdf5Chunks, EveryChangedByteOfAChecksummedIndexIsFound) {
  expect_every_change_found(made(full(newest, {.extent = {9, 4}, .chunk = {2, 3}, .deflate = 1})),
                            {{"FAHD", 28}, {"FADB", 14 + 10 * 14 + 4}});
  expect_every_change_found(made(full(newest, {.extent = {400}, .maximum = {without_end}, .chunk = {1}})),
                            {{"EAHD", 72},
                             {"EAIB", 14 + 32 + 6 * 8 + 25 * 8 + 4},
                             {"EADB", 14 + 4 + 16 * 8 + 4},
                             {"EASB", 14 + 4 + 4 * 8 + 4}});
  expect_every_change_found(
      made(full(newest, {.extent = {50, 9}, .maximum = {without_end, without_end}, .chunk = {1, 1}})),
      {{"BTHD", 38}, {"BTIN", 6 + 24}, {"BTLF", 6 + 30 * 24}});
}

TEST(Hdf5Chunks, EveryChangedByteOfPagesIsFound) {
  const Sample sample = made(full(newest, {.extent = {1100}, .chunk = {1}}));
  const std::size_t block = places_of(sample.file, "FADB").at(0), first = block + 14 + 1 + 4,
                    page = 1024 * 8 + 4;
  Blob damaged = sample.file;
  for (std::size_t at = block; at < first + page + 76 * 8 + 4; at += at < first + 100 ? 1 : 61) {
    damaged[at] ^= 0x10;
    ASSERT_EQ(list(damaged, sample.dataset).evidence.findings.verdict(), Verdict::corrupt) << at - block;
    damaged[at] ^= 0x10;
  }
  damaged[first + page + 3] ^= 1;
  const Listed listed = list(damaged, sample.dataset);
  EXPECT_EQ(listed.chunks.size(), 1024u);
  EXPECT_NE(text(listed).find("rows 1024 to 1099: fixed array page"), std::string::npos) << text(listed);
}

TEST(Hdf5Chunks, NoPrefixOfAnIndexIsHealthy) {
  const std::vector<hsize_t> both = {without_end, without_end};
  for (const Sample &sample :
       {made(full(oldest, {.extent = {60, 9}, .chunk = {2, 3}})),
        made(full(newest, {.extent = {60, 9}, .chunk = {2, 3}})),
        made(full(newest, {.extent = {60, 9}, .chunk = {60, 9}})),
        made(full(newest, {.extent = {60, 9}, .chunk = {2, 3}, .early = true})),
        made(full(newest, {.extent = {60, 9}, .maximum = {without_end, 9}, .chunk = {2, 3}})),
        made(full(newest, {.extent = {60, 9}, .maximum = both, .chunk = {2, 3}}))}) {
    const std::size_t chunks = list(sample.file, sample.dataset).chunks.size();
    // The superblock is as always; only what an index or a chunk needs can be missing.
    std::size_t healthy = 0;
    for (std::size_t size = sample.file.size(); size-- > 0;) {
      const Listed listed = list(truncate(sample.file, size), sample.dataset);
      if (listed.evidence.findings.empty()) {
        ASSERT_EQ(listed.chunks.size(), chunks);
        ++healthy;
      } else {
        ASSERT_EQ(listed.evidence.findings.verdict(), Verdict::corrupt) << text(listed);
      }
      if (size < sample.file.size() - 3000 && size % 97 != 0) size -= std::min<std::size_t>(size, 13);
    }
    EXPECT_LT(healthy, 2048u) << static_cast<int>(sample.dataset.storage.index); // unused room at the end
  }
}

/// The one leaf of a small tree of one dimension: 24 bytes, then keys of 24 and addresses of 8.
struct Leaf {
  Sample sample = made(full(oldest, {.extent = {40}, .chunk = {4}}));
  std::size_t at = sample.dataset.storage.address;
  std::size_t key(std::size_t i) const { return at + 24 + i * 32; }
  std::size_t address(std::size_t i) const { return key(i) + 24; }
  void put(std::size_t place, std::uint64_t value, unsigned width = 8) {
    for (unsigned i = 0; i < width; ++i) sample.file[place + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  Listed listed() const { return list(sample.file, sample.dataset); }
};

TEST(Hdf5Chunks, ATreeNodeThatIsNoneIsFound) {
  for (std::size_t at : {0u, 3u, 4u}) {
    Leaf leaf;
    leaf.sample.file[leaf.at + at] ^= 2;
    EXPECT_TRUE(has(leaf.listed(), hdf5::index_signature)) << at;
  }
  Leaf many;
  many.put(many.at + 6, 65, 2);
  EXPECT_TRUE(has(many.listed(), hdf5::index_structure));
  Leaf level;
  level.put(level.at + 5, 1, 1); // now its children should be nodes
  EXPECT_EQ(level.listed().evidence.findings.verdict(), Verdict::corrupt);
}

TEST(Hdf5Chunks, KeysOutOfOrderAreFound) {
  Leaf leaf;
  leaf.put(leaf.key(3) + 8, 4 * 5);
  const Listed listed = leaf.listed();
  EXPECT_TRUE(has(listed, hdf5::index_order)) << text(listed);
  Leaf same;
  same.put(same.key(3) + 8, 4 * 2);
  EXPECT_TRUE(has(same.listed(), hdf5::index_order));
  Leaf last;
  last.put(last.key(10) + 8, 0); // the key behind the last chunk
  EXPECT_TRUE(has(last.listed(), hdf5::index_order));
}

TEST(Hdf5Chunks, KeysOutsideTheirParentsAreFound) {
  const Sample sample = made(full(oldest, {.extent = {200}, .chunk = {1}}));
  Blob damaged = sample.file;
  const std::size_t root = sample.dataset.storage.address;
  ASSERT_EQ(damaged[root + 5], 1);
  damaged[root + 24 + 32 + 8] += 5; // the key between the first two leaves
  const Listed listed = list(damaged, sample.dataset);
  ASSERT_TRUE(has(listed, hdf5::index_order)) << text(listed);
  EXPECT_EQ(listed.chunks.size(), 200u); // all are there, not all can be found
}

TEST(Hdf5Chunks, LoopsEnd) {
  const Sample sample = made(full(oldest, {.extent = {200}, .chunk = {1}}));
  const std::size_t root = sample.dataset.storage.address;
  Blob damaged = sample.file;
  // Every child of the root is the root; then every child the same leaf.
  const std::size_t entries = damaged[root + 6];
  const Blob leaf(damaged.begin() + static_cast<std::ptrdiff_t>(root + 48),
                  damaged.begin() + static_cast<std::ptrdiff_t>(root + 56));
  for (std::size_t i = 0; i < entries; ++i)
    for (std::size_t b = 0; b < 8; ++b)
      damaged[root + 48 + i * 32 + b] = static_cast<std::uint8_t>(root >> (8 * b));
  Listed listed = list(damaged, sample.dataset);
  EXPECT_TRUE(has(listed, hdf5::index_structure)) << text(listed);
  for (std::size_t i = 0; i < entries; ++i)
    std::copy(leaf.begin(), leaf.end(), damaged.begin() + static_cast<std::ptrdiff_t>(root + 48 + i * 32));
  listed = list(damaged, sample.dataset);
  EXPECT_EQ(listed.evidence.findings.verdict(), Verdict::corrupt) << text(listed);
  EXPECT_TRUE(has(listed, hdf5::index_order) || has(listed, hdf5::index_loop)) << text(listed);
}

TEST(Hdf5Chunks, ATreeOfSharedNodesIsNotWalkedForEver) {
  // Twenty levels, each with 60 pointers to the one node below: 60^20 ways down.
  constexpr std::size_t levels = 20, entries = 60, node = 24 + entries * 32 + 24;
  Leaf leaf;
  Blob file = leaf.sample.file;
  const std::size_t base = file.size();
  file.resize(base + levels * node);
  const auto put = [&](std::size_t place, std::uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) file[place + i] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  for (std::size_t level = 0; level < levels; ++level) {
    const std::size_t at = base + level * node;
    std::copy_n("TREE\1", 5, file.begin() + static_cast<std::ptrdiff_t>(at));
    put(at + 5, level, 1);
    put(at + 6, entries, 2);
    put(at + 8, ~0ull, 8);
    put(at + 16, ~0ull, 8);
    for (std::size_t i = 0; i <= entries; ++i) put(at + 24 + i * 32 + 8, 4 * i, 8);
    for (std::size_t i = 0; i < entries; ++i) put(at + 24 + i * 32 + 24, level == 0 ? 0 : at - node, 8);
  }
  leaf.sample.dataset.storage.address = base + (levels - 1) * node;
  EXPECT_TRUE(has(list(file, leaf.sample.dataset), hdf5::index_loop));
}

// h5py's visititems() asks libhdf5 for the sizes of all nodes, which goes from one to its right sibling.
TEST(Hdf5Chunks, WrongLeftSiblingsAreAWarningAndWrongRightOnesAnError) {
  const Sample sample = made(full(oldest, {.extent = {200}, .chunk = {1}}));
  for (std::size_t place : places_of(sample.file, "TREE")) {
    if (sample.file[place + 4] != 1) continue; // nodes of the root group
    for (std::size_t field : {8u, 16u}) {
      const Listed listed = list(flip_bit(sample.file, place + field, 3), sample.dataset);
      EXPECT_TRUE(has(listed, field == 8 ? hdf5::index_siblings : hdf5::index_right_sibling)) << place;
      EXPECT_EQ(listed.evidence.findings.verdict(), field == 8 ? Verdict::suspect : Verdict::corrupt);
      EXPECT_TRUE(listed.result.whole);
      EXPECT_EQ(listed.chunks.size(), 200u);
    }
  }
}

TEST(Hdf5Chunks, ChunksOffTheGridAreFound) {
  Leaf leaf;
  leaf.put(leaf.key(3) + 8, 13);
  const Listed listed = leaf.listed();
  EXPECT_TRUE(has(listed, hdf5::chunk_origin)) << text(listed);
  EXPECT_NE(text(listed).find("/d: chunk at (13), rows 13 to 16"), std::string::npos) << text(listed);
  EXPECT_EQ(listed.chunks.size(), 9u);
  Leaf inside;
  inside.put(inside.key(3) + 16, 2); // inside an element
  EXPECT_TRUE(has(inside.listed(), hdf5::chunk_origin));
}

TEST(Hdf5Chunks, ChunksBeyondTheExtentAreANote) {
  Sample sample = made(full(oldest, {.extent = {40}, .chunk = {4}}));
  sample.dataset.space.extent[0] = 29; // a writer was killed before it said so
  const Listed listed = list(sample.file, sample.dataset);
  EXPECT_TRUE(has(listed, hdf5::chunk_beyond)) << text(listed);
  EXPECT_EQ(listed.evidence.findings.verdict(), Verdict::healthy);
  EXPECT_EQ(listed.result.beyond, 2u);
  EXPECT_EQ(listed.chunks.size(), 8u);
}

TEST(Hdf5Chunks, ChunksOutsideTheFileAreFound) {
  for (std::uint64_t address : {std::uint64_t{1} << 40, ~std::uint64_t{0}, ~std::uint64_t{0} - 5}) {
    Leaf leaf;
    leaf.put(leaf.address(2), address);
    const Listed listed = leaf.listed();
    EXPECT_TRUE(has(listed, hdf5::chunk_outside)) << text(listed);
    EXPECT_NE(text(listed).find("/d: chunk at (8), rows 8 to 11"), std::string::npos) << text(listed);
    EXPECT_EQ(listed.chunks.size(), 9u);
  }
}

TEST(Hdf5Chunks, ChunksThatShareBytesAreFound) {
  Leaf leaf;
  const std::uint64_t other = *ByteReader(leaf.sample.file, leaf.address(7)).read<le64>();
  leaf.put(leaf.address(2), other + 3);
  const Listed listed = leaf.listed();
  ASSERT_TRUE(has(listed, hdf5::chunk_overlap)) << text(listed);
  EXPECT_NE(text(listed).find("chunk at (8), rows 8 to 11 and of chunk at (28), rows 28 to 31"),
            std::string::npos)
      << text(listed);
  EXPECT_EQ(listed.evidence.findings.list()[0].offset, other + 3);
}

TEST(Hdf5Chunks, ImpossibleSizesAreFound) {
  for (std::uint64_t size : {0u, 15u, 17u}) {
    Leaf leaf;
    leaf.put(leaf.key(3), size, 4);
    const Listed listed = leaf.listed();
    EXPECT_TRUE(has(listed, hdf5::chunk_stored_size)) << size << text(listed);
    EXPECT_EQ(listed.chunks.size(), 9u);
  }
  // 40,000 bytes cannot come out of 38; out of 40 they can.
  Sample sample = made(full(oldest, {.extent = {20'000}, .chunk = {10'000}, .deflate = 9}));
  const std::size_t key = sample.dataset.storage.address + 24;
  sample.file[key] = 38;
  sample.file[key + 1] = sample.file[key + 2] = 0;
  const Listed small = list(sample.file, sample.dataset);
  EXPECT_TRUE(has(small, hdf5::chunk_stored_size)) << text(small);
  sample.file[key] = 40;
  EXPECT_FALSE(has(list(sample.file, sample.dataset), hdf5::chunk_stored_size));
  sample.file[key] = 38;
  sample.file[key + 4] = 1; // the mask says: not deflated
  EXPECT_TRUE(has(list(sample.file, sample.dataset), hdf5::chunk_stored_size));
}

TEST(Hdf5Chunks, MaskBitsOfNoFilterAreANote) {
  Leaf leaf;
  leaf.put(leaf.key(1) + 4, 0xffff, 4);
  const Listed listed = leaf.listed();
  EXPECT_TRUE(has(listed, hdf5::chunk_mask)) << text(listed);
  EXPECT_EQ(listed.evidence.findings.verdict(), Verdict::healthy);
  EXPECT_EQ(listed.chunks.size(), 10u);
}

TEST(Hdf5Chunks, ThousandsOfBadChunksAreNotThousandsOfWords) {
  Sample sample = made(full(oldest, {.extent = {2000}, .chunk = {1}}));
  sample.dataset.storage.element_size = 5; // no stored size is right any more
  const Listed listed = list(sample.file, sample.dataset);
  EXPECT_EQ(listed.result.bad, 2000u);
  EXPECT_EQ(listed.evidence.findings.list().size(), 16u);
}

void seal(Blob &file, std::size_t at, std::size_t bytes) {
  const std::uint32_t sum = lookup3(Bytes(file).subspan(at, bytes));
  for (unsigned i = 0; i < 4; ++i) file[at + bytes + i] = static_cast<std::uint8_t>(sum >> (8 * i));
}

/// Changes a byte of a checksummed piece and makes the checksum right again: what a hostile writer does.
Blob forged(const Blob &file, std::size_t piece, std::size_t bytes, std::size_t field, std::uint8_t value) {
  Blob changed = set_byte(file, piece + field, value);
  seal(changed, piece, bytes);
  return changed;
}

TEST(Hdf5Chunks, NoForgedByteOfAnArrayHeaderHurts) {
  const Sample fixed = made(full(newest, {.extent = {9, 4}, .chunk = {2, 3}, .deflate = 1}));
  const Sample extensible = made(full(newest, {.extent = {200}, .maximum = {without_end}, .chunk = {1}}));
  const Sample tree =
      made(full(newest, {.extent = {50, 9}, .maximum = {without_end, without_end}, .chunk = {1, 1}}));
  struct Case {
    const Sample &sample;
    std::string_view name;
    std::size_t bytes;
  };
  for (const Case &that : {Case{fixed, "FAHD", 24}, Case{extensible, "EAHD", 68},
                           Case{extensible, "EAIB", 14 + 32 + 31 * 8}, Case{tree, "BTHD", 34}}) {
    const std::size_t piece = places_of(that.sample.file, that.name).back();
    for (std::size_t at = 0; at < that.bytes; ++at)
      for (unsigned value : {0u, 1u, 2u, 3u, 7u, 31u, 63u, 64u, 127u, 128u, 255u}) {
        const Listed listed =
            list(forged(that.sample.file, piece, that.bytes, at, static_cast<std::uint8_t>(value)),
                 that.sample.dataset);
        EXPECT_LE(listed.chunks.size(), 1000u);
      }
  }
}

TEST(Hdf5Chunks, HostileCountsAreNotFollowed) {
  Sample sample = made(full(newest, {.extent = {9, 4}, .chunk = {2, 3}, .deflate = 1}));
  const std::size_t header = sample.dataset.storage.address;
  for (std::size_t i = 0; i < 8; ++i) sample.file[header + 8 + i] = 0x7f; // elements
  seal(sample.file, header, 24);
  EXPECT_EQ(list(sample.file, sample.dataset).evidence.findings.verdict(), Verdict::corrupt);
  sample.file[header + 7] = 63; // one page
  seal(sample.file, header, 24);
  EXPECT_TRUE(has(list(sample.file, sample.dataset), hdf5::index_outside));

  Sample implicit = made(full(newest, {.extent = {10, 7}, .chunk = {3, 2}, .early = true}));
  implicit.dataset.space.extent[0] = implicit.dataset.space.maximum[0] = std::uint64_t{1} << 62;
  EXPECT_TRUE(has(list(implicit.file, implicit.dataset), hdf5::chunk_outside));
}

TEST(Hdf5Chunks, ShapesThatAreNoneAreFound) {
  const Sample good = made(full(oldest, {.extent = {40}, .chunk = {4}}));
  const auto damaged = [&](auto change) {
    Sample sample = good;
    change(sample.dataset);
    const Listed listed = list(sample.file, sample.dataset);
    EXPECT_TRUE(listed.chunks.empty());
    return listed.evidence.findings.verdict();
  };
  EXPECT_EQ(damaged([](hdf5::Dataset &d) { d.storage.rank = 0; }), Verdict::corrupt);
  EXPECT_EQ(damaged([](hdf5::Dataset &d) { d.storage.rank = 255; }), Verdict::corrupt);
  EXPECT_EQ(damaged([](hdf5::Dataset &d) { d.storage.chunk[0] = 0; }), Verdict::corrupt);
  EXPECT_EQ(damaged([](hdf5::Dataset &d) { d.storage.element_size = 0; }), Verdict::corrupt);
  EXPECT_NE(damaged([](hdf5::Dataset &d) { d.storage.chunk[0] = ~std::uint64_t{0}; }), Verdict::healthy);
}

TEST(Hdf5Chunks, ADiskThatFailsIsNotADamagedFile) {
  const Sample sample = made(full(oldest, {.extent = {40}, .chunk = {4}}));
  class Failing final : public Source {
  public:
    explicit Failing(std::uint64_t size) : size_(size) {}
    std::uint64_t size() const override { return size_; }
    Read read(std::uint64_t, std::span<std::uint8_t>) const override { return {0, EIO}; }

  private:
    std::uint64_t size_;
  } source(sample.file.size());
  hdf5::Superblock superblock;
  superblock.offset_size = superblock.length_size = 8;
  superblock.end = sample.file.size();
  hdf5::AddressSpace space(source, superblock);
  CollectedChunks sink;
  Evidence evidence;
  list_chunks(space, sample.dataset, {}, sink, evidence);
  ASSERT_FALSE(evidence.findings.empty());
  EXPECT_EQ(evidence.findings.list()[0].rule, &hdf5::unreadable);
}

TEST(Hdf5ByteRanges, FindsWhatOverlapsAndNothingElse) {
  hdf5::ByteRanges apart;
  for (std::uint64_t at : {100u, 0u, 50u, 60u}) apart.add(at, 10);
  EXPECT_TRUE(apart.overlaps(9).empty());
  hdf5::ByteRanges inside;
  inside.add(0, 100);
  inside.add(200, 10);
  inside.add(40, 5);
  inside.add(99, 2);
  const std::vector<hdf5::ByteRange> found = inside.overlaps(9);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].at, 40u);
  EXPECT_EQ(found[0].size, 5u);
  EXPECT_EQ(found[1].at, 99u);
  EXPECT_EQ(found[1].size, 1u);
}

} // namespace
