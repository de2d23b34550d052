// The data of a file as work units: what is found, and that it does not depend on how the work is split.
#include <atomic>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "formats/hdf5/content/plan.h"
#include "formats/hdf5/hdf5.h"
#include "formats/hdf5/rules.h"
#include "tests/formats/hdf5/broken_samples.h"
#include "tests/formats/hdf5/chunked_dataset.h"
#include "tests/formats/hdf5/decode_in_child.h"
#include "tests/support/check.h"

using namespace datavet;
using namespace datavet::test;

namespace {

constexpr auto oldest = SuperblockVersion::v0, newest = SuperblockVersion::v3;
constexpr hsize_t without_end = H5S_UNLIMITED;

Evidence without_notes(Evidence evidence) {
  std::vector<Finding> findings = evidence.findings.take();
  for (Finding &finding : findings)
    if (finding.rule->severity > Severity::note) evidence.findings.add(std::move(finding));
  return evidence;
}

Evidence found(const Blob &file, Depth depth = Depth::content) { return without_notes(check(hdf5_format, file, depth)); }

Blob inflated(const Blob &file, std::uint64_t at, std::uint64_t size) {
  Blob out(1 << 16);
  uLongf length = out.size();
  if (uncompress(out.data(), &length, file.data() + at, size) != Z_OK) return {};
  out.resize(length);
  return out;
}

/// Exactly one finding of more than a note: this text.
void expect_only(const Blob &file, const Rule &rule, std::uint64_t offset, std::string_view begins,
                 Depth depth = Depth::content) {
  const Evidence evidence = found(file, depth);
  ASSERT_EQ(evidence.findings.list().size(), 1u) << describe(evidence);
  const Finding &finding = evidence.findings.list()[0];
  EXPECT_EQ(finding.rule->id, rule.id) << describe(evidence);
  EXPECT_EQ(finding.offset, offset);
  EXPECT_TRUE(words_of(finding).starts_with(begins)) << words_of(finding);
}

/// In units as they come, in some order, with a report for each call.
std::string in_pieces(const Blob &file, std::size_t most_units, unsigned seed) {
  const MemorySource source{Bytes(file)};
  Evidence evidence;
  hdf5::ContentPlan plan;
  hdf5::plan_content(source, {}, evidence, plan);
  std::vector<std::pair<std::size_t, std::size_t>> calls;
  std::mt19937 random(seed);
  for (std::size_t at = 0; at < plan.units().size();) {
    const std::size_t end = std::min(plan.units().size(), at + 1 + random() % most_units);
    calls.emplace_back(at, end);
    at = end;
  }
  std::ranges::shuffle(calls, random);
  hdf5::ContentReport whole;
  for (const auto &[begin, end] : calls) {
    hdf5::ContentReport report;
    hdf5::check_units(source, plan, begin, end, {}, report);
    whole.merge(std::move(report));
  }
  hdf5::conclude_content(plan, whole, evidence);
  return describe(evidence);
}

TEST(Hdf5Content, EveryChangedByteOfAChunkWithChecksumIsFoundAndNamed) {
  Hdf5Maker maker;
  maker.dataset<std::uint8_t>("/data", counting<std::uint8_t>(64), {.chunk = {32}, .fletcher32 = true});
  const std::uint64_t at = maker.chunk_at("/data", {32});
  const Blob file = maker.bytes();
  for (std::uint64_t i = 0; i < 36; ++i)
    for (Depth depth : {Depth::checksum, Depth::content})
      expect_only(flip_bit(file, at + i, i % 8), hdf5::dataset_checksum, at, "/data: chunk at (32), rows 32 to 63: ",
                  depth);
  EXPECT_TRUE(found(flip_bit(file, at), Depth::structure).findings.empty());
}

TEST(Hdf5Content, EveryChangedByteOfADeflatedChunkIsFoundAndNamed) {
  Hdf5Maker maker;
  maker.dataset<std::int32_t>("/group/data", counting<std::int32_t>(10 * 30),
                              {.extent = {10, 30}, .chunk = {4, 20}, .shuffle = true, .deflate = 6});
  const std::uint64_t at = maker.chunk_at("/group/data", {8, 20}); // a corner: rows 8 and 9 are all it has
  const Blob file = maker.bytes();
  const MemorySource source{Bytes(file)};
  Evidence evidence;
  hdf5::ContentPlan plan;
  ASSERT_TRUE(hdf5::plan_content(source, {}, evidence, plan));
  const auto chunk = std::ranges::find(plan.chunks(), at, &hdf5::ContentChunk::offset);
  ASSERT_NE(chunk, plan.chunks().end());
  unsigned harmless = 0;
  for (std::uint64_t i = 0; i < chunk->size; ++i)
    for (unsigned change : {0x01u, 0x10u, 0x80u}) {
      Blob damaged = file;
      damaged[at + i] = static_cast<std::uint8_t>(damaged[at + i] ^ change);
      const Evidence seen = found(damaged);
      // RFC 1951: bits behind the last block mean nothing, and a repetition may be told by two distances.
      if (seen.findings.empty()) {
        ++harmless;
        ASSERT_FALSE(inflated(file, at, chunk->size).empty());
        EXPECT_EQ(inflated(damaged, at, chunk->size), inflated(file, at, chunk->size));
        continue;
      }
      expect_only(damaged, *seen.findings.list()[0].rule, at, "/group/data: chunk at (8, 20), rows 8 to 9: ");
    }
  EXPECT_LE(harmless, 6u);
}

TEST(Hdf5Content, PlainDataAreReadButCannotBeVerified) {
  Hdf5Maker maker;
  maker.dataset<double>("/data", counting<double>(1000), {.extent = {100, 10}});
  const Blob file = maker.bytes();
  const std::uint64_t at = maker.data_at("/data");
  EXPECT_TRUE(found(flip_bit(file, at + 17)).findings.empty());

  class BadSector final : public Source {
  public:
    BadSector(Bytes bytes, std::uint64_t at) : memory_(bytes), at_(at) {}
    std::uint64_t size() const override { return memory_.size(); }
    Read read(std::uint64_t offset, std::span<std::uint8_t> into) const override {
      if (offset == at_) return {0, 5};
      return memory_.read(offset, into);
    }

  private:
    MemorySource memory_;
    std::uint64_t at_;
  };
  Evidence evidence;
  hdf5_format.examine(BadSector(Bytes(file), at), {}, evidence);
  ASSERT_TRUE(has(evidence, hdf5::unreadable)) << describe(evidence);
  EXPECT_NE(describe(evidence).find("/data: rows 0 to 99: reading failed"), std::string::npos) << describe(evidence);
}

TEST(Hdf5Content, AChunkThatTheDiskDoesNotGiveIsNamedAndTheOthersAreVerified) {
  Hdf5Maker maker;
  maker.dataset<std::uint8_t>("/data", counting<std::uint8_t>(160), {.chunk = {40}, .fletcher32 = true});
  const std::uint64_t bad = maker.chunk_at("/data", {40}), damaged = maker.chunk_at("/data", {120});
  const Blob file = flip_bit(maker.bytes(), damaged);
  class Hole final : public Source {
  public:
    Hole(Bytes bytes, std::uint64_t at) : memory_(bytes), at_(at) {}
    std::uint64_t size() const override { return memory_.size(); }
    Read read(std::uint64_t offset, std::span<std::uint8_t> into) const override {
      if (armed && offset <= at_ && at_ < offset + into.size()) return {0, 5};
      return memory_.read(offset, into);
    }
    bool armed = false;

  private:
    MemorySource memory_;
    std::uint64_t at_;
  } source(Bytes(file), bad + 3);
  Evidence evidence;
  hdf5::ContentPlan plan;
  ASSERT_TRUE(hdf5::plan_content(source, {}, evidence, plan));
  source.armed = true;
  hdf5::ContentReport report;
  hdf5::check_units(source, plan, 0, plan.units().size(), {}, report);
  hdf5::conclude_content(plan, report, evidence);
  EXPECT_NE(describe(evidence).find("hdf5.file.unreadable at " + std::to_string(bad) + " +44: /data: chunk at (40), rows 40 to 79"),
            std::string::npos)
      << describe(evidence);
  EXPECT_TRUE(has(evidence, hdf5::dataset_checksum));
  EXPECT_EQ(without_notes(std::move(evidence)).findings.list().size(), 2u);
}

TEST(Hdf5Content, ManyBadChunksAreNotAFloodAndAreCounted) {
  Hdf5Maker maker;
  maker.dataset<std::uint8_t>("/data", counting<std::uint8_t>(4000), {.chunk = {40}, .deflate = 1});
  Blob file = maker.bytes();
  for (hsize_t i = 0; i < 4000; i += 40) file[maker.chunk_at("/data", {i})] ^= 0xff;
  const Evidence evidence = found(file);
  ASSERT_EQ(evidence.findings.list().size(), 16u) << describe(evidence);
  EXPECT_TRUE(evidence.findings.list().back().detail.ends_with("; and 84 more")) << describe(evidence);
}

TEST(Hdf5Content, AnySplitFindsTheSame) {
  Hdf5Maker maker;
  std::mt19937 random(3);
  for (int i = 0; i < 70; ++i) {
    const auto size = static_cast<hsize_t>(i % 5 == 0 ? 600'000 : 4'000);
    std::vector<std::int32_t> values(size);
    for (std::int32_t &value : values) value = static_cast<std::int32_t>(random());
    maker.dataset<std::int32_t>("/d" + std::to_string(i), values,
                                {.chunk = {size / 40}, .deflate = 1, .fletcher32 = i % 2 == 0});
  }
  Blob file = maker.bytes();
  for (int i = 0; i < 70; ++i) {
    const hsize_t side = (i % 5 == 0 ? 600'000 : 4'000) / 40;
    for (hsize_t chunk = 0; chunk < (i % 7 == 0 ? 40u : 1u); ++chunk)
      file[maker.chunk_at("/d" + std::to_string(i), {chunk * side}) + 9] ^= 4;
  }
  const std::string serial = describe(check(hdf5_format, file));
  EXPECT_NE(serial.find("; and 24 more"), std::string::npos) << serial;
  for (unsigned seed = 0; seed < 6; ++seed) ASSERT_EQ(in_pieces(file, 1 + seed * 3, seed), serial) << seed;
}

TEST(Hdf5Content, ThreadsShareOnePlan) {
  Hdf5Maker maker;
  for (const char *path : {"/a", "/b"})
    maker.dataset<std::int32_t>(path, counting<std::int32_t>(4 << 20), {.chunk = {1 << 14}, .deflate = 1, .fletcher32 = true});
  Blob file = maker.bytes();
  for (hsize_t chunk : {3u, 77u, 200u}) file[maker.chunk_at("/b", {chunk << 14}) + 30] ^= 1;
  const MemorySource source{Bytes(file)};
  const CheckOptions options;
  Evidence evidence;
  hdf5::ContentPlan plan;
  ASSERT_TRUE(hdf5::plan_content(source, options, evidence, plan));
  ASSERT_GT(plan.units().size(), 1u);
  std::atomic<std::size_t> next = 0;
  std::vector<hdf5::ContentReport> reports(3);
  {
    std::vector<std::jthread> threads;
    for (hdf5::ContentReport &report : reports)
      threads.emplace_back([&] {
        hdf5::UnitChecker checker(source, plan, options);
        for (std::size_t unit; (unit = next++) < plan.units().size();) checker.run(unit, report);
      });
  }
  hdf5::ContentReport whole;
  for (hdf5::ContentReport &report : reports) whole.merge(std::move(report));
  hdf5::conclude_content(plan, whole, evidence);
  EXPECT_EQ(describe(evidence), describe(check(hdf5_format, file)));
  EXPECT_EQ(evidence.findings.list().size(), 3u) << describe(evidence);
}

TEST(Hdf5Content, UnitsAreAboutAsLargeAsOneAnother) {
  Hdf5Maker maker;
  maker.dataset<std::uint8_t>("/zeros", std::vector<std::uint8_t>(200 << 20), {.chunk = {1 << 20}, .deflate = 1});
  maker.dataset<std::int32_t>("/plain", std::vector<std::int32_t>(3 << 20), {.chunk = {1 << 10}});
  maker.dataset<double>("/contiguous", std::vector<double>(1 << 20));
  const Blob file = maker.bytes();
  const MemorySource source{Bytes(file)};
  Evidence evidence;
  hdf5::ContentPlan plan;
  ASSERT_TRUE(hdf5::plan_content(source, {}, evidence, plan));
  std::map<std::string, std::size_t> units;
  for (const hdf5::ContentUnit &unit : plan.units()) ++units[plan.datasets()[unit.dataset].path];
  EXPECT_EQ(units["/zeros"], 13u); // 200 MiB in units of 16
  EXPECT_EQ(units["/plain"], 12u); // of 1 MiB
  EXPECT_EQ(units["/contiguous"], 2u);
  EXPECT_TRUE(std::ranges::is_sorted(plan.units(), {}, &hdf5::ContentUnit::offset));
}

// --- what is healthy ---

TEST(Hdf5Content, HealthyFilesOfEveryKindGiveNoFinding) {
  const std::vector<hsize_t> both = {without_end, without_end};
  for (SuperblockVersion version : {oldest, SuperblockVersion::v1, SuperblockVersion::v2, newest})
    for (unsigned deflate : {0u, 5u})
      for (bool fletcher32 : {false, true})
        for (const std::vector<hsize_t> &maximum :
             {std::vector<hsize_t>{}, std::vector<hsize_t>{without_end, 9}, std::vector<hsize_t>{70, 9}, both}) {
          Hdf5Maker maker(version, 512);
          make_chunked(maker, {.extent = {60, 9}, .maximum = maximum, .chunk = {7, 4}, .deflate = deflate, .fletcher32 = fletcher32});
          write_all(maker);
          expect_clean(hdf5_format, maker.bytes());
          if (maximum.empty()) continue;
          const hdf5::Object dataset(H5Oopen(maker.file(), "/d", H5P_DEFAULT));
          for (const std::vector<hsize_t> &size : {std::vector<hsize_t>{33, 9}, std::vector<hsize_t>{61, 5}, std::vector<hsize_t>{0, 9}}) {
            ASSERT_GE(H5Dset_extent(dataset.id(), size.data()), 0);
            expect_clean(hdf5_format, maker.bytes());
          }
        }
  for (SuperblockVersion version : {oldest, newest}) expect_clean(hdf5_format, sampler(version, 4096).bytes());
}

TEST(Hdf5Content, SparseDatasetsAreQuick) {
  for (SuperblockVersion version : {oldest, newest}) {
    Hdf5Maker maker(version);
    make_chunked(maker, {.extent = {hsize_t{1} << 35}, .maximum = {without_end}, .chunk = {16}, .deflate = 1});
    maker.raw_chunk("/d", {hsize_t{1} << 20}, Blob(10, 7)); // no deflate stream
    expect_only(maker.bytes(), hdf5::chunk_stream, maker.chunk_at("/d", {hsize_t{1} << 20}),
                "/d: chunk at (1048576), rows 1048576 to 1048591: ");
  }
}

TEST(Hdf5Content, EdgesThatAreNotFilteredAreHealthy) {
  Hdf5Maker maker(newest);
  make_chunked(maker, {.extent = {10, 7}, .chunk = {4, 4}, .deflate = 6, .fletcher32 = true, .edges_unfiltered = true});
  write_all(maker);
  expect_clean(hdf5_format, maker.bytes());
  expect_clean(hdf5_format, maker.bytes(), Depth::checksum);
}

TEST(Hdf5Content, DatasetsThatShareTheirBytesAreNotReadForEver) {
  for (const BrokenSample &sample : broken_samples()) {
    if (sample.rule != &hdf5::effort) continue;
    const MemorySource source{Bytes(sample.bytes)};
    Evidence evidence;
    hdf5::ContentPlan plan;
    hdf5::plan_content(source, {}, evidence, plan);
    EXPECT_LE(plan.bytes(), 2 * sample.bytes.size());
    EXPECT_TRUE(has(evidence, hdf5::structure_overlap));
  }
}

// --- what is said of sound data ---

Blob pair_of(const std::string &samples, std::vector<hsize_t> extent, const std::string &labels, std::vector<hsize_t> label_extent) {
  Hdf5Maker maker;
  for (const auto &[path, size] : {std::pair(samples, extent), std::pair(labels, label_extent)}) {
    hsize_t elements = 1;
    for (hsize_t along : size) elements *= along;
    maker.dataset<double>(path, counting<double>(elements), {.extent = size});
  }
  return maker.bytes();
}

TEST(Hdf5Content, RowsOfWellKnownPairsAreCompared) {
  EXPECT_TRUE(has(found(pair_of("/X", {9, 4}, "/y", {8})), hdf5::rows_disagree));
  EXPECT_TRUE(has(found(pair_of("/a/x_train", {9, 4}, "/a/y_train", {8, 3})), hdf5::rows_disagree));
  for (const Blob &file : {pair_of("/X", {9, 4}, "/y", {9}), pair_of("/a/images", {9, 4}, "/b/labels", {8}),
                           pair_of("/x", {9}, "/y", {8}),          // the axes of a grid
                           pair_of("/X", {4, 9}, "/y", {1, 9}),    // MATLAB
                           pair_of("/first", {9, 4}, "/second", {8})}) {
    const Evidence evidence = found(file);
    EXPECT_TRUE(evidence.findings.empty()) << describe(evidence);
  }
}

TEST(Hdf5Content, NamesOfClassesAreNoLabels) {
  Hdf5Maker maker;
  maker.dataset<double>("/images", counting<double>(30), {.extent = {10, 3}});
  maker.strings("/labels", {"cat", "dog"});
  expect_clean(hdf5_format, maker.bytes());
}

/// The datasets of which it is said that nothing protects them.
std::vector<std::string> unprotected_of(const Blob &file) {
  const MemorySource source{Bytes(file)};
  Evidence evidence;
  hdf5_format.examine(source, {}, evidence);
  EXPECT_EQ(evidence.findings.verdict(), Verdict::healthy) << describe(evidence);
  EXPECT_EQ(evidence.findings.not_kept(), 0u);
  std::vector<std::string> names;
  for (const Finding &finding : evidence.findings.list()) {
    EXPECT_EQ(finding.rule, &hdf5::unprotected) << describe(evidence);
    const std::string words = words_of(finding);
    EXPECT_TRUE(words.ends_with(": any bit of the data may change unseen")) << words;
    names.push_back(words.substr(0, words.find(':')));
  }
  return names;
}

TEST(Hdf5Content, UnprotectedDataAreSaidOnceADataset) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(unprotected_of(sampler(oldest).bytes()), (Names{"/compact", "/contiguous", "/train/names", "/train/plain"}));
  // A checksum protects the object header, and with it compact data.
  EXPECT_EQ(unprotected_of(sampler(newest).bytes()), (Names{"/contiguous", "/train/names", "/train/plain"}));
}

TEST(Hdf5Content, UnprotectedDatasetsWithoutEndAreCounted) {
  for (const unsigned count : {16u, 17u, 300u}) {
    Hdf5Maker maker;
    for (unsigned i = 0; i < count; ++i) maker.dataset<double>(fmt::format("/group/{:03}", i), {1, 2, 3});
    const std::vector<std::string> names = unprotected_of(maker.bytes());
    ASSERT_EQ(names.size(), count == 16 ? 16u : 17u);
    EXPECT_EQ(names[0], "/group/000");
    EXPECT_EQ(names[15], "/group/015");
    if (count > 16) {
      EXPECT_EQ(names[16], fmt::format("and {} more datasets", count - 16));
    }
  }
}

TEST(Hdf5Content, UnprotectedDataCrowdNothingOut) {
  Hdf5Maker maker;
  for (unsigned i = 0; i < 100; ++i) maker.dataset<double>(fmt::format("/plain/{}", i), {1, 2, 3});
  maker.dataset<std::uint8_t>("/summed", counting<std::uint8_t>(64), {.chunk = {1}, .fletcher32 = true});
  Blob file = maker.bytes();
  for (hsize_t i = 0; i < 64; ++i) file = flip_bit(std::move(file), maker.chunk_at("/summed", {i}));
  const Evidence evidence = found(file);
  EXPECT_TRUE(has(evidence, hdf5::dataset_checksum)) << describe(evidence);
}

// --- beside libhdf5 ---

TEST(Hdf5Content, LibraryLeavesAloneWhatIsVerifiedAlready) {
  Hdf5Maker maker = sampler();
  const Blob damaged = flip_bit(maker.bytes(), maker.chunk_at("/train/images", {4, 0, 0, 0}) + 5);
  EXPECT_EQ(decode_in_child(damaged).text, "");
  EXPECT_TRUE(has(found(damaged), hdf5::dataset_checksum));
}

TEST(Hdf5Content, ScaleOffsetIsOursAsWell) {
  if (H5Zfilter_avail(H5Z_FILTER_SCALEOFFSET) <= 0) GTEST_SKIP() << "libhdf5 without scale-offset";
  Hdf5Maker maker;
  const hdf5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
  const hsize_t chunk = 100;
  H5Pset_chunk(creation.id(), 1, &chunk);
  H5Pset_scaleoffset(creation.id(), H5Z_SO_INT, 0);
  H5Pset_fletcher32(creation.id());
  const std::vector<std::int32_t> values = counting<std::int32_t>(200);
  maker.create("/d", H5T_NATIVE_INT32, values.data(), {200}, creation);
  const Blob file = maker.bytes();
  expect_clean(hdf5_format, file);
  EXPECT_EQ(decode_in_child(file).text, "");
  const std::uint64_t at = maker.chunk_at("/d", {100});
  const Blob damaged = flip_bit(file, at + 6);
  expect_only(damaged, hdf5::dataset_checksum, at, "/d: chunk at (100), rows 100 to 199: ");
  EXPECT_EQ(decode_in_child(damaged).text, "") << "libhdf5 is not asked for these data";
}

} // namespace
