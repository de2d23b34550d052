// Filters undone: what the real encoders make, and what is said of damaged chunks.
#include <random>

#include <blosc.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <lz4.h>
#include <zlib.h>
#include <zstd.h>

#include "formats/checksum/fletcher32.h"
#include "formats/hdf5/chunks/list_chunks.h"
#include "formats/hdf5/filters/filter_chain.h"
#include "formats/hdf5/filters/shuffle.h"
#include "formats/hdf5/rules.h"
#include "tests/formats/hdf5/chunked_dataset.h"
#include "tests/support/guarded_bytes.h"

using namespace datavet;
using namespace datavet::hdf5;
using namespace datavet::test;

namespace {

Blob text(std::string_view words) { return {words.begin(), words.end()}; }

Blob deflated(const Blob &bytes) {
  uLongf length = compressBound(bytes.size());
  Blob out(length);
  compress2(out.data(), &length, bytes.data(), bytes.size(), 6);
  out.resize(length);
  return out;
}

Blob with_sum(Blob bytes) {
  const std::uint32_t sum = fletcher32(bytes);
  for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(sum >> shift));
  return bytes;
}

Blob shuffled(const Blob &bytes, std::size_t element) {
  Blob out;
  for (std::size_t byte = 0; byte < element; ++byte)
    for (std::size_t at = byte; at < bytes.size() / element * element; at += element)
      out.push_back(bytes[at]);
  for (std::size_t at = out.size(); at < bytes.size(); ++at) out.push_back(bytes[at]);
  return out;
}

// verify() and undo() say the same, between guard pages.
std::string verdict(const std::vector<FilterStep> &filters, const Blob &stored, std::uint64_t size,
                    std::uint32_t mask = 0) {
  EXPECT_TRUE(can_undo(filters));
  const GuardedBytes guarded{Bytes(stored)};
  FilterChain chain(filters, size);
  const std::optional<ChunkTrouble> trouble = chain.verify(guarded.bytes(), mask);
  const std::optional<Bytes> bytes = chain.undo(guarded.bytes(), mask);
  EXPECT_EQ(trouble.has_value(), chain.trouble().has_value());
  EXPECT_EQ(bytes.has_value(), !trouble.has_value());
  if (trouble && chain.trouble()) {
    EXPECT_EQ(trouble->detail, chain.trouble()->detail);
  }
  if (bytes) {
    EXPECT_EQ(bytes->size(), size);
  }
  return trouble ? std::string(trouble->rule->id) : "good";
}

/// The elements, or nothing.
Blob undone(const std::vector<FilterStep> &filters, const Blob &stored, std::uint64_t size,
            std::uint32_t mask = 0) {
  EXPECT_TRUE(can_undo(filters));
  EXPECT_EQ(verdict(filters, stored, size, mask), "good");
  FilterChain chain(filters, size);
  const std::optional<Bytes> bytes = chain.undo(stored, mask);
  return bytes ? Blob(bytes->begin(), bytes->end()) : Blob{};
}

FilterStep step(unsigned id, std::vector<std::uint32_t> parameters = {}) {
  return {static_cast<std::uint16_t>(id), 0, "", std::move(parameters)};
}
const FilterStep deflate = step(deflate_filter, {6}), shuffle = step(shuffle_filter, {4}),
                 fletcher = step(fletcher32_filter), lzf = step(lzf_filter), lz4 = step(lz4_filter),
                 zstandard = step(zstandard_filter), blosc = step(blosc_filter);
const Blob chunk = counting<std::uint8_t>(1003);

TEST(Hdf5Filters, AcceptsEachFilterAndTheirChains) {
  EXPECT_EQ(verdict({}, chunk, chunk.size()), "good");
  EXPECT_EQ(verdict({deflate}, deflated(chunk), chunk.size()), "good");
  EXPECT_EQ(verdict({fletcher}, with_sum(chunk), chunk.size()), "good");
  EXPECT_EQ(verdict({shuffle, deflate, fletcher}, with_sum(deflated(shuffled(chunk, 4))), chunk.size()),
            "good");
  EXPECT_EQ(verdict({fletcher, shuffle, deflate}, deflated(shuffled(with_sum(chunk), 4)), chunk.size()),
            "good");
}

TEST(Hdf5Filters, PassesOverFiltersThatTheMaskLeavesOut) {
  EXPECT_EQ(verdict({shuffle, deflate}, chunk, chunk.size(), 0b10), "good");
  EXPECT_EQ(verdict({deflate, fletcher}, with_sum(chunk), chunk.size(), 0b01), "good");
  EXPECT_EQ(verdict({deflate}, truncate(chunk, 1000), chunk.size(), 1), "hdf5.chunk.size");
}

TEST(Hdf5Filters, FindsEveryChangedByteUnderAChecksum) {
  const Blob summed = with_sum(chunk), early = deflated(shuffled(with_sum(chunk), 4));
  for (std::size_t at = 0; at < summed.size(); ++at)
    EXPECT_EQ(verdict({fletcher}, flip_bit(summed, at, at % 8), chunk.size()), "hdf5.dataset.checksum") << at;
  // Adler-32 stands behind the deflate stream; only unused bits of its header and last block may change.
  unsigned unseen = 0;
  for (std::size_t at = 0; at < early.size(); ++at)
    unseen += verdict({fletcher, shuffle, deflate}, flip_bit(early, at, at % 8), chunk.size()) == "good";
  EXPECT_LE(unseen, 1u);
}

TEST(Hdf5Filters, AcceptsTheSwappedChecksumOfOldLibraries) {
  Blob old = with_sum(chunk);
  std::swap(old[chunk.size()], old[chunk.size() + 1]);
  std::swap(old[chunk.size() + 2], old[chunk.size() + 3]);
  EXPECT_EQ(verdict({fletcher}, old, chunk.size()), "good");
}

TEST(Hdf5Filters, BoundsWhatAStreamMayBecome) {
  EXPECT_EQ(verdict({deflate}, deflated(Blob(64 << 20)), 1024), "hdf5.chunk.size");
  EXPECT_EQ(verdict({deflate}, deflated(chunk), chunk.size() + 1), "hdf5.chunk.size");
  EXPECT_EQ(verdict({deflate}, truncate(deflated(chunk), 100), chunk.size()), "hdf5.chunk.stream");
  EXPECT_EQ(verdict({fletcher}, {1, 2}, chunk.size()), "hdf5.dataset.checksum");
}

TEST(Hdf5Filters, ReadsLzf) {
  // Two literals, then eight bytes copied from a distance of 2, in the short and in the long form.
  const Blob abab = text("ababababab");
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 6 << 5, 1}, abab.size()), "good");
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 7 << 5, 1, 1}, 12), "good");
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 6 << 5, 2}, abab.size()), "hdf5.chunk.stream")
      << "distance before the start";
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 6 << 5}, abab.size()), "hdf5.chunk.stream") << "no distance";
  EXPECT_EQ(verdict({lzf}, {3, 'a', 'b'}, abab.size()), "hdf5.chunk.stream") << "too few literals";
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 6 << 5, 1}, 9), "hdf5.chunk.size");
  EXPECT_EQ(verdict({lzf}, {1, 'a', 'b', 6 << 5, 1}, 11), "hdf5.chunk.size");
}

TEST(Hdf5Filters, LeavesOtherPipelinesToLibhdf5) {
  EXPECT_FALSE(can_undo(std::vector{deflate, deflate}));
  EXPECT_FALSE(can_undo(std::vector{step(szip_filter, {32, 8, 16, 64}), deflate}));
  EXPECT_FALSE(can_undo(std::vector{step(szip_filter)}));
  const FilterStep nbit = step(nbit_filter, {8, 0, 64, 1, 2, 0, 11, 3});
  EXPECT_TRUE(can_undo(std::vector{nbit, deflate}));
  EXPECT_TRUE(can_undo(std::vector{nbit, lzf}));
  EXPECT_FALSE(can_undo(std::vector{deflate, nbit}));
  EXPECT_FALSE(can_undo(std::vector{nbit, zstandard}));
  EXPECT_FALSE(can_undo(std::vector{nbit, nbit}));
}

TEST(Hdf5Filters, KnowsWhichParametersItCanUndo) {
  EXPECT_TRUE(can_undo({}));
  EXPECT_FALSE(can_undo(std::vector{step(shuffle_filter)})) << "libhdf5 refuses it too";
  EXPECT_FALSE(can_undo(std::vector{step(shuffle_filter, {0})}));
  EXPECT_FALSE(can_undo(std::vector{step(nbit_filter)}));
  EXPECT_FALSE(can_undo(std::vector{step(scale_offset_filter)}));
  EXPECT_FALSE(can_undo(std::vector{step(307)})); // bzip2
  EXPECT_FALSE(can_undo(std::vector{step(blosc_filter, {2, 2, 4, 100, 5, 1, 3})})) << "Snappy";
  EXPECT_FALSE(can_undo(std::vector{step(bitshuffle_filter, {0, 4})}));
  EXPECT_FALSE(can_undo(std::vector{step(bitshuffle_filter, {0, 4, 4, 7, 0})})) << "blocks of 7 elements";
  EXPECT_FALSE(can_undo(std::vector{step(bitshuffle_filter, {0, 4, 4, 8, 1})})) << "a codec that is none";
  EXPECT_TRUE(can_undo(std::vector{step(bitshuffle_filter, {0, 4, 4}), deflate}));
  EXPECT_FALSE(can_undo(std::vector{step(bitshuffle_filter, {0, 4, 4, 0, 2}), deflate}));
  EXPECT_FALSE(can_undo(std::vector<FilterStep>(33, fletcher)));
}

TEST(Hdf5Filters, GivesBackTheElements) {
  EXPECT_EQ(undone({}, chunk, chunk.size()), chunk);
  EXPECT_EQ(undone({fletcher}, with_sum(chunk), chunk.size()), chunk);
  EXPECT_EQ(undone({deflate}, deflated(chunk), chunk.size()), chunk);
  EXPECT_EQ(undone({shuffle, deflate, fletcher}, with_sum(deflated(shuffled(chunk, 4))), chunk.size()),
            chunk);
  EXPECT_EQ(undone({fletcher, shuffle, deflate}, deflated(shuffled(with_sum(chunk), 4)), chunk.size()),
            chunk);
  EXPECT_EQ(undone({deflate, shuffle}, shuffled(deflated(chunk), 4), chunk.size()), chunk);
  EXPECT_EQ(undone({shuffle, shuffle}, shuffled(shuffled(chunk, 4), 4), chunk.size()), chunk);
  EXPECT_EQ(undone({shuffle, deflate}, shuffled(chunk, 4), chunk.size(), 0b10), chunk);
}

TEST(Hdf5Filters, OneFilterCostsNoCopy) {
  FilterChain chain(std::span(&fletcher, 1), chunk.size());
  const Blob stored = with_sum(chunk);
  EXPECT_EQ(chain.undo(stored, 0)->data(), stored.data());
}

TEST(Hdf5Filters, UnshufflesEverySize) {
  for (std::size_t element : {1u, 2u, 3u, 4u, 5u, 8u, 12u, 16u, 300u})
    for (std::size_t size : {0u, 1u, 7u, 31u, 32u, 63u, 64u, 65u, 127u, 1003u, 5000u}) {
      const Blob bytes = counting<std::uint8_t>(size), stored = shuffled(bytes, element);
      Blob out(size, 0xee);
      unshuffle_bytes(stored, element, out.data());
      ASSERT_EQ(out, bytes) << element << " " << size;
    }
}

Blob from_hex(std::string_view digits) {
  Blob bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  return bytes;
}

/// 96 little-endian integers: (i % 10) * 77.
Blob period() {
  Blob bytes;
  for (unsigned i = 0; i < 96; ++i)
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<std::uint8_t>((i % 10 * 77) >> shift));
  return bytes;
}

TEST(Hdf5Filters, UndoesWhatThePluginsStored) {
  // Written by the plugin libh5lz4 in blocks of 200 bytes, and by h5py's LZF.
  const Blob by_lz4 = from_hex("0000000000000180000000c800000034f017000000004d0000009a000000e7000000340100008"
                               "1010000ce0100001b02000068020000b502"
                               "26000f2800865000b502000000000034f017000000004d0000009a000000e7000000340100008"
                               "1010000ce0100001b02000068020000b502"
                               "26000f280076500081010000");
  const Blob by_lzf = from_hex("04000000004d2003009a200300e72003043401000081200300ce2003041b02000068200300b52"
                               "0034000e0ff27e14117010000");
  EXPECT_EQ(undone({lz4}, by_lz4, 384), period());
  EXPECT_EQ(undone({lzf}, by_lzf, 384), period());
}

/// Bytes that compress, and do not only repeat.
Blob wavy(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  Blob bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(i % 4 == 0 ? random() % 8 : i / 64);
  return bytes;
}

void put_big(Blob &bytes, std::uint64_t value, unsigned width) {
  for (unsigned i = width; i-- > 0;) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

Blob with_lz4(const Blob &bytes) {
  Blob out(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(bytes.size()))));
  out.resize(static_cast<std::size_t>(
      LZ4_compress_default(reinterpret_cast<const char *>(bytes.data()), reinterpret_cast<char *>(out.data()),
                           static_cast<int>(bytes.size()), static_cast<int>(out.size()))));
  return out;
}
Blob with_zstd(const Blob &bytes) {
  Blob out(ZSTD_compressBound(bytes.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}
Blob slice(const Blob &bytes, std::size_t from, std::size_t size) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(from);
  return {begin, begin + static_cast<std::ptrdiff_t>(size)};
}

// H5Zlz4.c
Blob lz4_chunk(const Blob &bytes, std::size_t block) {
  Blob out;
  put_big(out, bytes.size(), 8);
  put_big(out, block, 4);
  for (std::size_t at = 0; at < bytes.size(); at += block) {
    const Blob part = slice(bytes, at, std::min(block, bytes.size() - at));
    Blob packed = with_lz4(part);
    if (packed.size() >= part.size()) packed = part;
    put_big(out, packed.size(), 4);
    out = append(out, packed);
  }
  return out;
}

// bitshuffle.c, by its words and slowly.
Blob bits_shuffled(const Blob &bytes, std::size_t element) {
  const std::size_t elements = bytes.size() / element;
  Blob out(bytes.size());
  for (std::size_t i = 0; i < elements; ++i)
    for (std::size_t bit = 0; bit < 8 * element; ++bit)
      if ((bytes[i * element + bit / 8] >> (bit % 8) & 1) != 0)
        out[bit * (elements / 8) + i / 8] =
            static_cast<std::uint8_t>(out[bit * (elements / 8) + i / 8] | 1u << (i % 8));
  return out;
}
Blob bitshuffled(const Blob &bytes, std::size_t element, std::size_t block, unsigned codec) {
  Blob out;
  if (codec != 0) {
    put_big(out, bytes.size(), 8);
    put_big(out, block * element, 4);
  }
  const std::size_t whole = bytes.size() / element / 8 * 8;
  for (std::size_t first = 0; first < whole; first += block) {
    const Blob bits =
        bits_shuffled(slice(bytes, first * element, std::min(block, whole - first) * element), element);
    const Blob stored = codec == 2 ? with_lz4(bits) : codec == 3 ? with_zstd(bits) : bits;
    if (codec != 0) put_big(out, stored.size(), 4);
    out = append(out, stored);
  }
  return append(out, slice(bytes, whole * element, bytes.size() - whole * element));
}

Blob blosc_chunk(const Blob &bytes, const char *codec, int order, std::size_t element, int level = 5,
                 std::size_t block = 0) {
  Blob out(bytes.size() + BLOSC_MAX_OVERHEAD);
  const int size = blosc_compress_ctx(level, order, element, bytes.size(), bytes.data(), out.data(),
                                      out.size(), codec, block, 1);
  EXPECT_GT(size, 0);
  out.resize(static_cast<std::size_t>(std::max(size, 0)));
  return out;
}

constexpr const char *blosc_codecs[] = {"blosclz", "lz4", "lz4hc", "zlib", "zstd"};

TEST(Hdf5Filters, UndoesLz4) {
  for (std::size_t size : {1u, 5u, 100u, 4096u, 70'001u})
    for (std::size_t block : {1u, 64u, 1000u, 1u << 30}) {
      const Blob bytes = wavy(size);
      if (size / block >= 1000) continue;
      EXPECT_EQ(undone({lz4}, lz4_chunk(bytes, block), size), bytes) << size << " " << block;
    }
}

TEST(Hdf5Filters, UndoesZstandard) {
  for (std::size_t size : {1u, 5u, 100u, 4096u, 1'000'001u}) {
    const Blob bytes = wavy(size);
    EXPECT_EQ(undone({zstandard}, with_zstd(bytes), size), bytes);
    EXPECT_EQ(undone({shuffle, zstandard}, with_zstd(shuffled(bytes, 4)), size), bytes);
  }
}

TEST(Hdf5Filters, UndoesBitshuffle) {
  for (std::size_t element : {1u, 2u, 4u, 7u, 8u})
    for (std::size_t elements : {1u, 8u, 9u, 100u, 3001u})
      for (std::size_t block : {8u, 64u, 4096u})
        for (unsigned codec : {0u, 2u, 3u}) {
          const Blob bytes = wavy(element * elements);
          const FilterStep filter = step(
              bitshuffle_filter, {0, 4, static_cast<unsigned>(element), static_cast<unsigned>(block), codec});
          EXPECT_EQ(undone({filter}, bitshuffled(bytes, element, block, codec), bytes.size()), bytes)
              << element << " " << elements << " " << block << " " << codec;
        }
  // Blocks of the usual size, which is not stored: 8 KiB.
  const Blob bytes = wavy(40'000);
  EXPECT_EQ(undone({step(bitshuffle_filter, {0, 4, 4, 0})}, bitshuffled(bytes, 4, 2048, 0), bytes.size()),
            bytes);
}

TEST(Hdf5Filters, UndoesBloscAsItsEncoderMadeIt) {
  for (const char *codec : blosc_codecs)
    for (int order : {BLOSC_NOSHUFFLE, BLOSC_SHUFFLE, BLOSC_BITSHUFFLE})
      for (std::size_t element : {1u, 2u, 3u, 4u, 8u, 17u, 300u})
        for (std::size_t size : {1u, 100u, 128u, 1000u, 5003u, 70'000u})
          for (int level : {0, 5, 9}) {
            const Blob bytes = wavy(size);
            const Blob stored = blosc_chunk(bytes, codec, order, element, level);
            ASSERT_EQ(undone({blosc}, stored, size), bytes)
                << codec << " " << order << " " << element << " " << size << " " << level;
          }
  for (std::size_t block : {128u, 200u, 1024u, 5000u}) {
    const Blob bytes = wavy(20'011);
    EXPECT_EQ(undone({blosc}, blosc_chunk(bytes, "blosclz", BLOSC_SHUFFLE, 4, 5, block), bytes.size()), bytes)
        << block;
    EXPECT_EQ(undone({blosc}, blosc_chunk(bytes, "lz4", BLOSC_BITSHUFFLE, 2, 5, block), bytes.size()), bytes)
        << block;
  }
}

TEST(Hdf5Filters, BloscIsRefusedWhereItsDecoderRefuses) {
  // Ours may say more (what the decoder leaves undone without a word), never less; and where both take it,
  // the bytes agree.
  std::mt19937 random(7);
  unsigned refused = 0, taken = 0;
  for (const char *codec : blosc_codecs) {
    const Blob bytes = wavy(3000), good = blosc_chunk(bytes, codec, BLOSC_SHUFFLE, 4, 5, 1024);
    for (unsigned turn = 0; turn < 3000; ++turn) {
      Blob damaged = good;
      const std::size_t at = turn < good.size() ? turn : random() % good.size();
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ (1u << random() % 8));
      std::size_t content = 0;
      Blob theirs(bytes.size());
      const bool valid =
          blosc_cbuffer_validate(damaged.data(), damaged.size(), &content) >= 0 && content == bytes.size();
      const int status = valid ? blosc_decompress_ctx(damaged.data(), theirs.data(), theirs.size(), 1) : -1;
      const std::string ours = verdict({blosc}, damaged, bytes.size());
      if (ours != "good") {
        ++refused;
        continue;
      }
      ++taken;
      if (valid) {
        ASSERT_EQ(status, static_cast<int>(bytes.size())) << codec << " " << at;
        ASSERT_EQ(undone({blosc}, damaged, bytes.size()), theirs) << codec << " " << at;
      }
    }
  }
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(taken, 100u);
}

struct Case {
  const char *name;
  std::vector<FilterStep> filters;
  Blob stored;
  bool every_change; ///< a checksum covers it
};

std::vector<Case> cases() {
  const Blob bytes = wavy(3000);
  const FilterStep bits = step(bitshuffle_filter, {0, 4, 4, 64, 2}),
                   bits_zstd = step(bitshuffle_filter, {0, 4, 4, 64, 3});
  return {{"deflate", {deflate}, deflated(bytes), true},
          {"fletcher", {shuffle, lz4, fletcher}, with_sum(lz4_chunk(shuffled(bytes, 4), 700)), true},
          {"lz4", {lz4}, lz4_chunk(bytes, 700), false},
          {"zstd", {zstandard}, with_zstd(bytes), false},
          {"bitshuffle", {bits}, bitshuffled(bytes, 4, 64, 2), false},
          {"bitshuffle zstd", {bits_zstd}, bitshuffled(bytes, 4, 64, 3), false},
          {"blosc", {blosc}, blosc_chunk(bytes, "blosclz", BLOSC_SHUFFLE, 4), false},
          {"blosc lz4", {blosc}, blosc_chunk(bytes, "lz4", BLOSC_BITSHUFFLE, 4), false}};
}

TEST(Hdf5Filters, NoPrefixIsHealthy) {
  for (const Case &that : cases())
    for (std::size_t size = 0; size < that.stored.size(); ++size)
      ASSERT_NE(verdict(that.filters, truncate(that.stored, size), 3000), "good") << that.name << " " << size;
}

TEST(Hdf5Filters, EveryChangedByteIsFoundOrDoesNoHarm) {
  unsigned deceived = 0;
  for (const Case &that : cases())
    for (std::size_t at = 0; at < that.stored.size(); ++at)
      for (unsigned change : {1u, 0x10u, 0xffu}) {
        const Blob damaged = set_byte(that.stored, at, static_cast<std::uint8_t>(that.stored[at] ^ change));
        const bool good = verdict(that.filters, damaged, 3000) == "good";
        if (!good || !that.every_change) continue;
        // Where Adler-32 itself is deceived, zlib is too, and gives the same.
        Blob expected = wavy(3000);
        uLongf length = expected.size();
        if (that.filters[0].id == deflate_filter) {
          ASSERT_EQ(uncompress(expected.data(), &length, damaged.data(), damaged.size()), Z_OK) << at;
          deceived += expected != wavy(3000);
        }
        ASSERT_EQ(undone(that.filters, damaged, 3000), expected) << that.name << " " << at;
      }
  EXPECT_LE(deceived, 3u);
}

TEST(Hdf5Filters, OtherSizesAreFound) {
  for (const Case &that : cases())
    for (std::uint64_t size : {2999u, 3001u, 1u, 100'000u})
      EXPECT_NE(verdict(that.filters, that.stored, size), "good") << that.name << " " << size;
  EXPECT_EQ(verdict({zstandard}, with_zstd(Blob(64 << 20)), 1024), "hdf5.chunk.size");
  EXPECT_EQ(verdict({lz4}, lz4_chunk(chunk, 64), 1002), "hdf5.chunk.size");
  EXPECT_EQ(verdict({blosc}, blosc_chunk(chunk, "lz4", 1, 4), 1002), "hdf5.chunk.size");
  EXPECT_EQ(verdict({step(bitshuffle_filter, {0, 4, 1, 0, 2})}, bitshuffled(chunk, 1, 64, 2), 1002),
            "hdf5.chunk.size");
}

TEST(Hdf5Filters, WhatFollowsAStreamIsJudgedAsThePluginsDo) {
  const Blob more = text("more");
  EXPECT_EQ(verdict({deflate}, append(deflated(chunk), more), chunk.size()), "good") << "zlib passes it over";
  EXPECT_EQ(verdict({lz4}, append(lz4_chunk(chunk, 64), more), chunk.size()), "good");
  EXPECT_EQ(verdict({zstandard}, append(with_zstd(chunk), more), chunk.size()), "hdf5.chunk.stream");
  EXPECT_EQ(verdict({}, append(chunk, more), chunk.size()), "hdf5.chunk.size");
}

TEST(Hdf5Filters, BlocksOfNothingEnd) {
  Blob endless;
  put_big(endless, 1000, 8);
  put_big(endless, 0, 4);
  put_big(endless, 0, 8);
  EXPECT_EQ(verdict({lz4}, endless, 1000), "hdf5.chunk.stream"); // H5Zlz4.c reads on for ever
}

TEST(Hdf5Filters, FramesWithoutASizeAreRefusedAsThePluginDoes) {
  ZSTD_CCtx *context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  Blob out(ZSTD_compressBound(chunk.size()));
  out.resize(ZSTD_compress2(context, out.data(), out.size(), chunk.data(), chunk.size()));
  ZSTD_freeCCtx(context);
  EXPECT_EQ(verdict({zstandard}, out, chunk.size()), "hdf5.chunk.stream");
}

TEST(Hdf5Filters, SnappyInsideBloscIsNotDamage) {
  Blob stored = blosc_chunk(wavy(3000), "lz4", 1, 4);
  stored[2] = static_cast<std::uint8_t>((stored[2] & 0x1f) | 2 << 5);
  EXPECT_EQ(verdict({blosc}, stored, 3000), "hdf5.filter.unknown");
}

TEST(Hdf5Filters, ReadsAsLibhdf5Does) {
  const ChunkedShape shapes[] = {{.extent = {50, 7}, .chunk = {8, 4}, .deflate = 6, .fletcher32 = true},
                                 {.extent = {50, 7}, .chunk = {8, 4}, .deflate = 1, .edges_unfiltered = true},
                                 {.extent = {50, 7}, .chunk = {8, 4}, .fletcher32 = true}};
  for (const SuperblockVersion version : {SuperblockVersion::v0, SuperblockVersion::v3})
    for (const ChunkedShape &shape : shapes) {
      Hdf5Maker maker(shape.edges_unfiltered ? SuperblockVersion::v3 : version);
      make_chunked(maker, shape);
      write_all(maker);
      const Blob file = maker.bytes();
      const Dataset dataset = describe_chunked(maker, file);
      ASSERT_TRUE(can_undo(dataset.filters));
      const MemorySource source{Bytes(file)};
      datavet::hdf5::Superblock superblock;
      superblock.version = file[8];
      superblock.offset_size = superblock.length_size = 8;
      superblock.end = file.size();
      AddressSpace space(source, superblock);
      CollectedChunks chunks;
      Evidence evidence;
      list_chunks(space, dataset, {}, chunks, evidence);
      ASSERT_TRUE(evidence.findings.empty());
      ASSERT_EQ(chunks.list.size(), 14u);
      FilterChain chain(dataset.filters, *chunk_bytes(dataset.storage));
      for (const Chunk &that : chunks.list) {
        const std::optional<Bytes> bytes =
            chain.undo(Bytes(file).subspan(that.address, that.size), that.mask);
        ASSERT_TRUE(bytes) << chain.trouble()->detail;
        for (std::uint64_t i = 0; i < 32; ++i) { // write_all(): element n is n * 31
          const std::uint64_t row = that.origin[0] + i / 4, column = that.origin[1] + i % 4;
          if (row >= 50 || column >= 7) continue;
          ASSERT_EQ(ByteReader(*bytes, 4 * i).read<le32>()->value(), (row * 7 + column) * 31);
        }
      }
    }
}

} // namespace
