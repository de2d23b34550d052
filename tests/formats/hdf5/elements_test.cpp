// What is seen in the elements: numbers that are none, references into heaps, pictures.
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "formats/hdf5/content/not_finite.h"
#include "formats/hdf5/content/plan.h"
#include "formats/hdf5/hdf5.h"
#include "formats/hdf5/rules.h"
#include "formats/png/rules.h"
#include "formats/registry.h"
#include "pipeline/row_judges.h"
#include "tests/formats/hdf5/decode_in_child.h"
#include "tests/formats/hdf5/hdf5_maker.h"
#include "tests/formats/png/png_writer.h"
#include "tests/support/check.h"

using namespace datavet;
using namespace datavet::test;

namespace {

const CheckOptions content{};

Evidence judged(const Blob &file) {
  const RowJudges judges(registry(), content, nullptr);
  GuardedBytes guarded{Bytes(file)};
  Evidence evidence;
  evidence.judges = &judges;
  hdf5_format.examine(MemorySource(guarded.bytes()), content, evidence);
  evidence.judges = nullptr;
  leave_out_unprotected(evidence);
  return evidence;
}

std::vector<Finding> of_rule(const Evidence &evidence, const Rule &rule) {
  std::vector<Finding> all;
  for (const Finding &finding : evidence.findings.list())
    if (finding.rule == &rule) all.push_back(finding);
  return all;
}

// --- NaN and infinity ---

template <class Float> void expect_counted(bool big_endian) {
  using Word = std::conditional_t<sizeof(Float) == 4, std::uint32_t, std::uint64_t>;
  std::mt19937_64 random(5);
  for (std::size_t elements : {1u, 255u, 256u, 257u, 5000u}) {
    Blob bytes;
    hdf5::NotFinite expected, counted;
    for (std::size_t i = 0; i < elements; ++i) {
      Word word = static_cast<Word>(random());
      if (random() % 97 == 0) word |= std::bit_cast<Word>(std::numeric_limits<Float>::infinity());
      if (random() % 97 == 0) word = std::bit_cast<Word>(-std::numeric_limits<Float>::infinity());
      if (random() % 3 == 0) word = std::bit_cast<Word>(std::numeric_limits<Float>::max());
      const Float value = std::bit_cast<Float>(word);
      expected.nan += std::isnan(value);
      expected.infinite += std::isinf(value);
      if (!std::isfinite(value)) expected.first = std::min<std::uint64_t>(expected.first, 100 + i);
      for (unsigned byte = 0; byte < sizeof word; ++byte)
        bytes.push_back(static_cast<std::uint8_t>(word >> (8 * (big_endian ? sizeof word - 1 - byte : byte))));
    }
    GuardedBytes guarded{Bytes(bytes)};
    hdf5::count_not_finite({100, guarded.bytes()}, sizeof(Float), big_endian, counted);
    EXPECT_EQ(counted.nan, expected.nan);
    EXPECT_EQ(counted.infinite, expected.infinite);
    EXPECT_EQ(counted.first, expected.first);
  }
}

TEST(Hdf5Elements, NumbersThatAreNoneAreCounted) {
  for (bool big_endian : {false, true}) {
    expect_counted<float>(big_endian);
    expect_counted<double>(big_endian);
  }
}

TEST(Hdf5Elements, EveryHalfPrecisionNumberIsToldRight) {
  for (unsigned word = 0; word < 0x10000; ++word) {
    const Blob little = {static_cast<std::uint8_t>(word), static_cast<std::uint8_t>(word >> 8)};
    hdf5::NotFinite count;
    hdf5::count_not_finite({0, Bytes(little)}, 2, false, count);
    hdf5::count_not_finite({0, Bytes(Blob{little[1], little[0]})}, 2, true, count);
    const bool special = (word & 0x7c00) == 0x7c00, nan = special && (word & 0x03ff) != 0;
    ASSERT_EQ(count.nan, nan ? 2u : 0u) << word;
    ASSERT_EQ(count.infinite, special && !nan ? 2u : 0u) << word;
  }
}

constexpr float nan_value = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();

TEST(Hdf5Elements, OneNoteSaysHowManyAndWhere) {
  for (const Storage &storage : {Storage{.extent = {100, 30}}, Storage{.extent = {100, 30}, .chunk = {7, 11}},
                                 Storage{.extent = {100, 30}, .chunk = {9, 30}, .shuffle = true, .deflate = 3, .fletcher32 = true},
                                 Storage{.extent = {100, 30}, .compact = true}}) {
    std::vector<float> values(3000, 1.5f);
    values[17 * 30 + 4] = nan_value;
    values[17 * 30 + 29] = -infinity;
    values[99 * 30 + 29] = nan_value;
    Hdf5Maker maker;
    maker.dataset<float>("/train/x", values, storage);
    maker.dataset<float>("/train/sound", std::vector<float>(3000, 2), storage);
    const Evidence evidence = check(hdf5_format, maker.bytes());
    ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
    const Finding &finding = evidence.findings.list()[0];
    EXPECT_EQ(finding.rule->id, hdf5::not_finite.id);
    EXPECT_EQ(words_of(finding), "/train/x: 2 NaN, 1 infinite of 3000 values, first in row 17");
    EXPECT_EQ(finding.rows.first, 17u);
    EXPECT_EQ(finding.rows.count, 1u);
    EXPECT_EQ(evidence.findings.verdict(), Verdict::healthy);
    EXPECT_TRUE(check(hdf5_format, maker.bytes(), Depth::checksum).findings.empty());
  }
}

// Edge chunks are filled up with the fill value, which may be NaN: nobody reads it.
TEST(Hdf5Elements, WhatLiesBeyondTheExtentIsNotCounted) {
  Hdf5Maker maker;
  const hdf5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
  const hsize_t chunk[] = {4, 4};
  H5Pset_chunk(creation.id(), 2, chunk);
  H5Pset_fill_value(creation.id(), H5T_NATIVE_FLOAT, &nan_value);
  const std::vector<float> values(10 * 6, 1);
  maker.create("/d", H5T_NATIVE_FLOAT, values.data(), {10, 6}, creation);
  const Blob file = maker.bytes();
  const Blob pattern = {0, 0, 0xc0, 0x7f};
  ASSERT_NE(std::ranges::search(file, pattern).begin(), file.end());
  expect_clean(hdf5_format, file);
}

TEST(Hdf5Elements, OnlyNumbersOfIeee754AreLookedAt) {
  Hdf5Maker maker;
  const hdf5::Type brain(H5Tcopy(H5T_IEEE_F32BE)); // bfloat16: the upper half of binary32
  H5Tset_fields(brain.id(), 15, 7, 8, 0, 7);
  H5Tset_precision(brain.id(), 16);
  H5Tset_size(brain.id(), 2);
  const std::uint16_t ones[] = {0xffff, 0xffff};
  maker.write("/brain", brain.id(), ones, {.extent = {2}});
  const std::vector<std::int32_t> integers(10, -1);
  maker.dataset<std::int32_t>("/integers", integers);
  expect_clean(hdf5_format, maker.bytes());
}

// --- references into heaps ---

/// What reading /d with libhdf5 comes to, in a process of its own.
enum class Reading { good, refused, died };
Reading read_by_library(const Blob &file) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit seconds{1, 1}, no_core{0, 0};
    setrlimit(RLIMIT_CPU, &seconds);
    setrlimit(RLIMIT_CORE, &no_core);
    const hdf5::Properties access(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_fapl_core(access.id(), 1 << 16, false);
    Blob image = file;
    H5Pset_file_image(access.id(), image.data(), image.size());
    const hid_t opened = H5Fopen("image", H5F_ACC_RDONLY, access.id());
    const hid_t dataset = H5Dopen2(opened, "/d", H5P_DEFAULT), type = H5Dget_type(dataset);
    Blob values(1 << 12);
    _exit(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0 ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return !WIFEXITED(status) ? Reading::died : WEXITSTATUS(status) == 0 ? Reading::good : Reading::refused;
}

TEST(Hdf5Elements, WhatLibraryRefusesToFollowIsFound) {
  Hdf5Maker maker;
  maker.strings("/d", {"one", "two", "", "a longer one", "five"}, {.extent = {5}});
  const Blob file = maker.bytes();
  const std::uint64_t at = maker.data_at("/d");
  ASSERT_EQ(read_by_library(file), Reading::good);
  expect_clean(hdf5_format, file);
  unsigned refused = 0, died = 0, wrong = 0, harmless = 0;
  for (std::uint64_t byte = 0; byte < 5 * 16; ++byte)
    for (unsigned change : {0x01u, 0x40u}) {
      Blob damaged = file;
      damaged[at + byte] = static_cast<std::uint8_t>(damaged[at + byte] ^ change);
      const Evidence evidence = check(hdf5_format, damaged);
      const Reading reading = read_by_library(damaged);
      const bool is_found = has(evidence, hdf5::bad_reference) || has(evidence, hdf5::dataset_limit);
      const bool is_empty = byte / 16 == 2; // a length without an address, or an address without a length
      refused += reading == Reading::refused;
      died += reading == Reading::died;
      wrong += reading == Reading::good && is_found;
      harmless += reading == Reading::good && !is_found;
      EXPECT_TRUE(reading == Reading::good || is_empty || is_found) << byte << " " << change;
      if (!is_found) continue;
      const Finding &finding = evidence.findings.list()[0];
      EXPECT_EQ(finding.part, "/d");
      EXPECT_EQ(finding.rows.first, byte / 16) << describe(evidence);
      EXPECT_EQ(finding.rows.count, 1u);
    }
  EXPECT_GT(refused + died, 40u);
  EXPECT_GT(wrong, 10u); // libhdf5 does not compare the length with the object
  std::printf("refused %u, died %u, read though bytes are missing %u, harmless %u\n", refused, died, wrong, harmless);
}

TEST(Hdf5Elements, ReferencesWithinElementsAreFollowed) {
  // A compound of a number, a string and an array of two sequences: what AnnData and PyTables write.
  const hsize_t two = 2;
  const hdf5::Type text = Hdf5Maker::string_type(), list(H5Tvlen_create(H5T_NATIVE_INT32)), pair(H5Tarray_create2(list.id(), 1, &two));
  struct Row {
    std::int32_t number;
    const char *name;
    hvl_t lists[2];
  };
  const hdf5::Type row(H5Tcreate(H5T_COMPOUND, sizeof(Row)));
  H5Tinsert(row.id(), "number", HOFFSET(Row, number), H5T_NATIVE_INT32);
  H5Tinsert(row.id(), "name", HOFFSET(Row, name), text.id());
  H5Tinsert(row.id(), "lists", HOFFSET(Row, lists), pair.id());
  std::int32_t numbers[] = {1, 2, 3};
  std::vector<Row> rows(40, Row{7, "a name", {{3, numbers}, {2, numbers}}});
  for (const Storage &storage : {Storage{.extent = {40}}, Storage{.extent = {40}, .chunk = {16}, .shuffle = true, .deflate = 1}}) {
    Hdf5Maker maker;
    maker.write("/rows", row.id(), rows.data(), storage);
    const Blob file = maker.bytes();
    expect_clean(hdf5_format, file);
    EXPECT_EQ(decode_in_child(file).text, "");
    const auto heap = std::ranges::search(file, std::string_view("GCOL")).begin();
    ASSERT_NE(heap, file.end());
    const Evidence evidence = check(hdf5_format, flip_bit(file, static_cast<std::uint64_t>(heap - file.begin())));
    EXPECT_EQ(of_rule(evidence, hdf5::bad_reference).size(), 16u) << describe(evidence);
  }
}

// --- pictures ---

Blob picture(unsigned seed) {
  return make_png({.width = 16 + seed % 5, .height = 12, .colour = 2, .depth = 8, .sample = [seed](std::uint32_t x, std::uint32_t y, unsigned channel) {
                     return (x * 7 + y * 13 + channel * seed) % 251;
                   }}).bytes();
}

/// Twenty pictures; those in `broken` have a bit of their data changed.
std::vector<Blob> pictures(std::initializer_list<std::size_t> broken = {}) {
  std::vector<Blob> all;
  for (unsigned i = 0; i < 20; ++i) all.push_back(picture(i));
  for (std::size_t i : broken) all[i][all[i].size() / 2] ^= 0x10;
  return all;
}

constexpr std::size_t place_bytes = 1200;
std::vector<std::uint8_t> padded(const std::vector<Blob> &all) {
  std::vector<std::uint8_t> bytes(all.size() * place_bytes);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].size() > place_bytes) throw std::runtime_error("a larger place is needed");
    std::ranges::copy(all[i], bytes.begin() + static_cast<std::ptrdiff_t>(i * place_bytes));
  }
  return bytes;
}

Blob in_sequences(std::vector<Blob> all, Storage storage = {}) {
  std::vector<hvl_t> values;
  for (Blob &one : all) values.push_back({one.size(), one.data()});
  const hdf5::Type type(H5Tvlen_create(H5T_NATIVE_UINT8));
  storage.extent = {values.size()};
  Hdf5Maker maker;
  maker.write("/images", type.id(), values.data(), storage);
  return maker.bytes();
}
Blob in_opaque(const std::vector<Blob> &all, Storage storage = {}) {
  const hdf5::Type type(H5Tcreate(H5T_OPAQUE, place_bytes));
  storage.extent = {all.size()};
  Hdf5Maker maker;
  maker.write("/images", type.id(), padded(all).data(), storage);
  return maker.bytes();
}
Blob in_rows(const std::vector<Blob> &all, Storage storage = {}) {
  storage.extent = {all.size(), place_bytes};
  Hdf5Maker maker;
  maker.dataset<std::uint8_t>("/images", padded(all), storage);
  return maker.bytes();
}

/// The same pictures in every shape.
std::vector<std::pair<std::string, Blob>> shapes(const std::vector<Blob> &all) {
  return {{"sequences", in_sequences(all)},
          {"sequences in chunks", in_sequences(all, {.chunk = {3}, .deflate = 1})},
          {"opaque", in_opaque(all)},
          {"opaque in chunks", in_opaque(all, {.chunk = {6}, .deflate = 1})},
          {"rows", in_rows(all)},
          {"rows in plain chunks", in_rows(all, {.chunk = {6, place_bytes}})},
          {"rows in chunks", in_rows(all, {.chunk = {6, place_bytes}, .deflate = 1, .fletcher32 = true})},
          {"parts of rows in chunks", in_rows(all, {.chunk = {6, 500}, .deflate = 1})},
          {"parts of rows in plain chunks", in_rows(all, {.chunk = {1, 256}})}};
}

TEST(Hdf5Pictures, SoundOnesGiveNoFinding) {
  for (const auto &[shape, file] : shapes(pictures())) {
    const Evidence evidence = judged(file);
    EXPECT_TRUE(evidence.findings.empty()) << shape << "\n" << describe(evidence);
  }
}

TEST(Hdf5Pictures, ADamagedOneIsNamedByDatasetAndRow) {
  for (const auto &[shape, file] : shapes(pictures({7, 19}))) {
    const Evidence evidence = judged(file);
    const std::vector<Finding> found = of_rule(evidence, png::critical_crc);
    ASSERT_EQ(found.size(), 2u) << shape << "\n" << describe(evidence);
    EXPECT_EQ(found[0].part, "/images") << shape;
    EXPECT_EQ(found[0].rows.first, 7u) << shape;
    EXPECT_EQ(found[1].rows.first, 19u) << shape;
    EXPECT_EQ(found[0].rows.count, 1u) << shape;
    EXPECT_TRUE(found[0].detail.starts_with("row 7")) << shape << ": " << found[0].detail;
    EXPECT_EQ(evidence.findings.verdict(), Verdict::corrupt);
    EXPECT_EQ(check(hdf5_format, file).findings.verdict(), Verdict::healthy) << shape << ": nobody judges pictures";
  }
}

TEST(Hdf5Pictures, OffsetsAreThoseOfTheFileWhereThePictureLiesInIt) {
  const std::vector<Blob> all = pictures({7});
  for (const Blob &file : {in_sequences(all), in_rows(all), in_opaque(all)}) {
    const Evidence evidence = judged(file);
    const std::vector<Finding> found = of_rule(evidence, png::critical_crc);
    ASSERT_EQ(found.size(), 1u) << describe(evidence);
    const auto at = std::ranges::search(file, all[7]).begin();
    const auto begin = static_cast<std::uint64_t>(at - file.begin());
    EXPECT_GT(found[0].offset, begin);
    EXPECT_LT(found[0].offset, begin + all[7].size());
  }
}

TEST(Hdf5Pictures, AnElementOfSeveralDimensionsIsNamedByAll) {
  const std::vector<Blob> all = pictures({7});
  const hdf5::Type type(H5Tcreate(H5T_OPAQUE, place_bytes));
  Hdf5Maker maker;
  maker.write("/images", type.id(), padded(all).data(), {.extent = {5, 4}, .chunk = {2, 3}, .deflate = 1});
  const Evidence evidence = judged(maker.bytes());
  const std::vector<Finding> found = of_rule(evidence, png::critical_crc);
  ASSERT_EQ(found.size(), 1u) << describe(evidence);
  EXPECT_TRUE(found[0].detail.starts_with("element (1, 3)")) << found[0].detail;
  EXPECT_EQ(found[0].rows.first, 1u);
}

TEST(Hdf5Pictures, OneDatasetMayBeOnePicture) {
  Hdf5Maker maker;
  Blob broken = picture(3);
  broken[broken.size() / 2] ^= 1;
  maker.dataset<std::uint8_t>("/group/image_0001", picture(1));
  maker.dataset<std::uint8_t>("/group/image_0002", picture(2), {.chunk = {100}, .deflate = 1});
  maker.dataset<std::uint8_t>("/group/image_0003", broken);
  maker.dataset<std::uint8_t>("/group/image_0004", broken, {.chunk = {100}, .deflate = 1});
  const hdf5::Type type(H5Tcreate(H5T_OPAQUE, broken.size()));
  maker.create("/group/image_0005", type.id(), broken.data(), {1}, hdf5::Properties(H5Pcreate(H5P_DATASET_CREATE)));
  const Evidence evidence = judged(maker.bytes());
  const std::vector<Finding> found = of_rule(evidence, png::critical_crc);
  ASSERT_EQ(found.size(), 3u) << describe(evidence);
  EXPECT_EQ(found[0].part, "/group/image_0003");
  EXPECT_EQ(found[0].rows.count, 0u);
  EXPECT_EQ(found[1].part, "/group/image_0004");
  EXPECT_EQ(found[2].part, "/group/image_0005");
}

// The places of the pictures are in another dataset, which nobody knows the name of.
TEST(Hdf5Pictures, PicturesOneBehindTheOtherAreNotAccused) {
  Blob all;
  for (unsigned i = 0; i < 5; ++i) {
    const Blob one = picture(i);
    all.insert(all.end(), one.begin(), one.end());
  }
  Hdf5Maker maker;
  maker.dataset<std::uint8_t>("/data", all);
  const Evidence evidence = judged(maker.bytes());
  EXPECT_TRUE(evidence.findings.empty()) << describe(evidence);
}

TEST(Hdf5Pictures, RawPixelsAreNoPictures) {
  std::mt19937 random(1);
  std::vector<std::uint8_t> pixels(200 * 784);
  for (std::uint8_t &pixel : pixels) pixel = static_cast<std::uint8_t>(random());
  for (std::size_t row : {0u, 60u, 61u, 150u}) std::ranges::copy(picture(1), pixels.begin() + static_cast<std::ptrdiff_t>(row * 784)); // by chance
  const std::string text = "P6 and BM begin many a text, and this one is just as long as it has to be";
  for (const Storage &storage : {Storage{.extent = {200, 784}}, Storage{.extent = {200, 784}, .chunk = {32, 100}, .deflate = 1}}) {
    Hdf5Maker maker;
    maker.dataset<std::uint8_t>("/pixels", pixels, storage);
    maker.strings("/captions", {text, text.substr(7), text});
    const Evidence evidence = judged(maker.bytes());
    EXPECT_TRUE(evidence.findings.empty()) << describe(evidence);
  }
}

TEST(Hdf5Pictures, ARowThatBeginsLikeNoneIsFound) {
  std::vector<Blob> all = pictures();
  std::fill_n(all[4].begin(), 24, std::uint8_t{0x55}); // signature and IHDR
  for (const auto &[shape, file] : shapes(all)) {
    const Evidence evidence = judged(file);
    const std::vector<Finding> found = of_rule(evidence, hdf5::no_picture);
    ASSERT_EQ(found.size(), 1u) << shape << "\n" << describe(evidence);
    EXPECT_EQ(found[0].rows.first, 4u);
  }
}

TEST(Hdf5Pictures, AHoleAmongThemIsSaidAndTheRestAfterThemIsNot) {
  std::vector<Blob> all = pictures();
  all[18].clear();
  all[19].clear();
  for (const auto &[shape, file] : shapes(all)) {
    const Evidence evidence = judged(file);
    EXPECT_TRUE(evidence.findings.empty()) << shape << "\n" << describe(evidence);
  }
  all[5].clear();
  for (const Blob &file : {in_rows(all), in_opaque(all)}) {
    const Evidence evidence = judged(file);
    ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
    EXPECT_EQ(words_of(evidence.findings.list()[0]), "/images: row 5 is zeros alone, pictures follow; 3 of 20 are");
    EXPECT_EQ(evidence.findings.verdict(), Verdict::suspect);
  }
  const Evidence evidence = judged(in_sequences(all)); // a sequence of nothing is a missing value
  EXPECT_TRUE(evidence.findings.empty()) << describe(evidence);
}

TEST(Hdf5Pictures, ABadChunkIsNotAccusedTwice) {
  Hdf5Maker maker;
  maker.dataset<std::uint8_t>("/images", padded(pictures()), {.extent = {20, place_bytes}, .chunk = {6, 500}, .deflate = 1, .fletcher32 = true});
  const Blob file = flip_bit(maker.bytes(), maker.chunk_at("/images", {6, 0}) + 9);
  const Evidence evidence = judged(file);
  EXPECT_EQ(of_rule(evidence, hdf5::dataset_checksum).size(), 1u) << describe(evidence);
  for (const Finding &finding : evidence.findings.list()) EXPECT_TRUE(finding.rule->id.starts_with("hdf5.")) << describe(evidence);
}

TEST(Hdf5Pictures, RowsTooLargeToPutTogetherAreSaidOnce) {
  const hsize_t wide = 70'000'000;
  Hdf5Maker maker;
  const hdf5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
  const hsize_t chunk[] = {1, 1 << 20};
  H5Pset_chunk(creation.id(), 2, chunk);
  H5Pset_deflate(creation.id(), 1);
  std::vector<std::uint8_t> row(wide);
  std::ranges::copy(picture(1), row.begin());
  maker.create("/images", H5T_NATIVE_UINT8, row.data(), {1, wide}, creation);
  const Evidence evidence = judged(maker.bytes());
  ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
  EXPECT_TRUE(has(evidence, hdf5::pictures_unseen));
  EXPECT_EQ(evidence.findings.verdict(), Verdict::healthy);
}

TEST(Hdf5Pictures, AnySplitFindsTheSame) {
  std::vector<Blob> all;
  for (unsigned i = 0; i < 4000; ++i) all.push_back(picture(i % 40));
  for (std::size_t i = 3; i < all.size(); i += 7) all[i][all[i].size() / 2] ^= 4;
  for (std::size_t i = 5; i < all.size(); i += 50) std::fill_n(all[i].begin(), 24, std::uint8_t{0x55});
  for (const Blob &file : {in_rows(all), in_rows(all, {.chunk = {30, 700}, .deflate = 1}), in_sequences(all, {.chunk = {90}})}) {
    const RowJudges judges(registry(), content, nullptr);
    const std::string serial = describe(judged(file));
    EXPECT_NE(serial.find("more"), std::string::npos);
    for (unsigned seed = 0; seed < 3; ++seed) {
      const MemorySource source{Bytes(file)};
      Evidence evidence;
      evidence.judges = &judges;
      hdf5::ContentPlan plan;
      ASSERT_TRUE(hdf5::plan_content(source, content, evidence, plan));
      std::vector<std::size_t> units(plan.units().size());
      for (std::size_t i = 0; i < units.size(); ++i) units[i] = i;
      std::ranges::shuffle(units, std::mt19937(seed));
      hdf5::ContentReport whole, part;
      for (std::size_t i = 0; i < units.size(); ++i) {
        hdf5::UnitChecker(source, plan, content).run(units[i], part);
        if (i % 3 == seed) whole.merge(std::exchange(part, {}));
      }
      whole.merge(std::move(part));
      hdf5::conclude_content(plan, whole, evidence);
      leave_out_unprotected(evidence);
      ASSERT_EQ(describe(evidence), serial);
    }
  }
}

} // namespace
