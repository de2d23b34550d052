// szip, nbit and scale-offset beside libhdf5, which also made the chunks; and the old filters that libhdf5
// has.
#include <cmath>
#include <cstring>
#include <map>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/hdf5/filters/filter_chain.h"
#include "formats/hdf5/filters/nbit.h"
#include "formats/hdf5/rules.h"
#include "tests/formats/hdf5/packed_dataset.h"
#include "tests/support/guarded_bytes.h"

using namespace datavet;
using namespace datavet::hdf5;
using namespace datavet::test;

namespace {

struct Answer {
  std::optional<Blob> bytes;
  std::string rule, reason;
};

/// Between guard pages; verify() and undo() agree.
Answer ours(const std::vector<FilterStep> &filters, const Blob &stored, std::uint64_t size,
            std::uint32_t mask = 0) {
  EXPECT_TRUE(can_undo(filters));
  const GuardedBytes guarded{Bytes(stored)};
  FilterChain chain(filters, size);
  const std::optional<ChunkTrouble> trouble = chain.verify(guarded.bytes(), mask);
  const std::optional<Bytes> bytes = chain.undo(guarded.bytes(), mask);
  EXPECT_EQ(bytes.has_value(), !trouble.has_value());
  if (!bytes)
    return {std::nullopt, std::string(trouble ? trouble->rule->id : ""), trouble ? trouble->detail : ""};
  EXPECT_EQ(bytes->size(), size);
  return {Blob(bytes->begin(), bytes->end()), "", ""};
}

hdf5::Type integer(std::size_t size, bool big_endian, bool is_signed, std::size_t precision = 0,
                   std::size_t offset = 0) {
  hdf5::Type type(H5Tcopy(is_signed ? H5T_STD_I64LE : H5T_STD_U64LE));
  if (size < 8) H5Tset_precision(type.id(), precision == 0 ? 8 * size : precision);
  H5Tset_size(type.id(), size);
  if (precision != 0) {
    H5Tset_precision(type.id(), precision);
    H5Tset_offset(type.id(), offset);
  }
  H5Tset_order(type.id(), big_endian ? H5T_ORDER_BE : H5T_ORDER_LE);
  return type;
}

hdf5::Type real(std::size_t size, bool big_endian) {
  if (size == 4) return hdf5::Type(H5Tcopy(big_endian ? H5T_IEEE_F32BE : H5T_IEEE_F32LE));
  return hdf5::Type(H5Tcopy(big_endian ? H5T_IEEE_F64BE : H5T_IEEE_F64LE));
}

/// The example of H5Pset_nbit's manual: 20 bits of 32, the lowest 7 left out.
hdf5::Type short_float(bool big_endian) {
  hdf5::Type type(H5Tcopy(H5T_IEEE_F32LE));
  H5Tset_fields(type.id(), 26, 20, 6, 7, 13);
  H5Tset_offset(type.id(), 7);
  H5Tset_precision(type.id(), 20);
  H5Tset_ebias(type.id(), 31);
  H5Tset_order(type.id(), big_endian ? H5T_ORDER_BE : H5T_ORDER_LE);
  return type;
}

/// Integers below `span`, from `least` on.
Blob integers(std::size_t count, std::size_t size, bool big_endian, std::uint64_t least, std::uint64_t span) {
  std::mt19937_64 random(count * 31 + size + span);
  Blob bytes(count * size);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t value = least + random() % span;
    for (std::size_t byte = 0; byte < size; ++byte)
      bytes[i * size + (big_endian ? size - 1 - byte : byte)] =
          static_cast<std::uint8_t>(value >> (8 * byte));
  }
  return bytes;
}

Blob reals(std::size_t count, std::size_t size, bool big_endian, double least, double step) {
  Blob bytes(count * size);
  for (std::size_t i = 0; i < count; ++i) {
    const double wide = least + step * static_cast<double>((i * 7919) % 97);
    const float narrow = static_cast<float>(wide);
    std::uint8_t raw[8];
    std::memcpy(raw, size == 8 ? static_cast<const void *>(&wide) : &narrow, size);
    for (std::size_t byte = 0; byte < size; ++byte)
      bytes[i * size + (big_endian ? size - 1 - byte : byte)] = raw[byte];
  }
  return bytes;
}

void expect_same(const PackedDataset &dataset, const std::vector<hsize_t> &origin, const std::string &what) {
  const PackedDataset::Stored stored = dataset.stored(origin);
  const Answer answer = ours(dataset.filters, stored.bytes, dataset.chunk_bytes(), stored.mask);
  ASSERT_TRUE(answer.bytes) << what << ": " << answer.reason;
  const std::optional<Blob> theirs = dataset.read(origin);
  ASSERT_TRUE(theirs) << what;
  ASSERT_TRUE(std::equal(theirs->begin(), theirs->end(), answer.bytes->begin())) << what;
}

// --- what libhdf5 wrote, we read as it does ---

constexpr unsigned nearest = H5_SZIP_NN_OPTION_MASK, entropy = H5_SZIP_EC_OPTION_MASK;
constexpr std::size_t count = 100;
const std::vector<hsize_t> extent{count}, chunk{37}; // the last chunk is partial

void read_all(PackedShape shape, const Blob &elements, const std::string &what) {
  shape.extent = extent;
  shape.chunk = chunk;
  const PackedDataset dataset(std::move(shape), elements);
  for (hsize_t at = 0; at < count; at += chunk[0])
    expect_same(dataset, {at}, fmt::format("{} at {}", what, at));
}

TEST(Hdf5PackedFilters, ScaleOffsetOfIntegers) {
  enum class Fill { usual, own, none };
  for (std::size_t size : {1u, 2u, 4u, 8u})
    for (bool big : {false, true})
      for (bool is_signed : {false, true})
        for (Fill fill : {Fill::usual, Fill::own, Fill::none})
          for (int bits : {0, 3, 7, static_cast<int>(8 * size)})
            for (std::uint64_t span :
                 {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{7}, std::uint64_t{100},
                  std::uint64_t{1} << (8 * size - 1), ~std::uint64_t{0}}) {
              const std::uint64_t least = is_signed ? 0 - std::uint64_t{20} : 20;
              const hdf5::Type type = integer(size, big, is_signed);
              const Blob own = integers(1, size, big, least, 3);
              const hid_t id = type.id();
              read_all({.type = hdf5::Type(H5Tcopy(id)),
                        .filters =
                            [&](hid_t creation) {
                              H5Pset_scaleoffset(creation, H5Z_SO_INT, bits);
                              if (fill == Fill::own) H5Pset_fill_value(creation, id, own.data());
                              if (fill == Fill::none) H5Pset_fill_value(creation, id, nullptr);
                            }},
                       integers(count, size, big, least, span),
                       fmt::format("{} bytes, big-endian {}, signed {}, fill {}, {} bits, span {}", size, big,
                                   is_signed, static_cast<int>(fill), bits, span));
              if (HasFatalFailure()) return;
            }
}

TEST(Hdf5PackedFilters, ScaleOffsetOfFloats) {
  for (std::size_t size : {4u, 8u})
    for (bool big : {false, true})
      for (int decimals : {-2, 0, 1, 2, 3, 6, 20})
        for (double least : {0.0, -12.5, 1e6, 3.14159e-3})
          for (double step : {0.0, 0.01, 1.0, 1234.5})
            for (int fill : {0, 1, 2}) {
              const hdf5::Type type = real(size, big);
              const hid_t id = type.id();
              const Blob own = reals(1, size, big, least, step);
              read_all({.type = hdf5::Type(H5Tcopy(id)),
                        .filters =
                            [&](hid_t creation) {
                              H5Pset_scaleoffset(creation, H5Z_SO_FLOAT_DSCALE, decimals);
                              if (fill == 1) H5Pset_fill_value(creation, id, own.data());
                              if (fill == 2) H5Pset_fill_value(creation, id, nullptr);
                            }},
                       reals(count, size, big, least, step),
                       fmt::format("{} bytes, big-endian {}, {} decimals, from {} by {}, fill {}", size, big,
                                   decimals, least, step, fill));
              if (HasFatalFailure()) return;
            }
}

void set_nbit(hid_t creation) { H5Pset_nbit(creation); }

TEST(Hdf5PackedFilters, NbitOfIntegers) {
  for (std::size_t size : {1u, 2u, 4u, 8u})
    for (bool big : {false, true})
      for (std::size_t precision = 1; precision <= 8 * size; precision += size == 1 ? 1 : 3)
        for (std::size_t offset : {std::size_t{0}, std::size_t{1}, std::size_t{5}, 8 * size - precision})
          if (precision + offset <= 8 * size) {
            read_all({.type = integer(size, big, precision % 2 == 0, precision, offset), .filters = set_nbit},
                     integers(count, size, big, 0, ~std::uint64_t{0}),
                     fmt::format("{} bytes, big-endian {}, {} bits from {}", size, big, precision, offset));
            if (HasFatalFailure()) return;
          }
}

TEST(Hdf5PackedFilters, NbitOfFloats) {
  for (bool big : {false, true}) {
    read_all({.type = short_float(big), .filters = set_nbit}, integers(count, 4, big, 0, ~0u),
             "20 bits of 32");
    read_all({.type = real(8, big), .filters = set_nbit}, reals(count, 8, big, 1, 0.1), "a whole double");
  }
  // 80 bits of 128.
  read_all({.type = hdf5::Type(H5Tcopy(H5T_NATIVE_LDOUBLE)), .filters = set_nbit},
           Blob(count * sizeof(long double), 1), "long double");
}

/// { uint16 of 9 bits at 0; int32 of 17 bits, big-endian, 3 of them at 4; { uint8 of 3 bits; string of 5 }
/// [2] at 20 } in 40
hdf5::Type deep_compound() {
  const hdf5::Type nine = integer(2, false, false, 9, 2), seventeen = integer(4, true, true, 17, 4),
                   three = integer(1, false, false, 3, 1);
  hdf5::Type text(H5Tcopy(H5T_C_S1));
  H5Tset_size(text.id(), 5);
  const hsize_t triple = 3, pair = 2;
  const hdf5::Type numbers(H5Tarray_create2(seventeen.id(), 1, &triple));
  const hdf5::Type inner(H5Tcreate(H5T_COMPOUND, 7));
  H5Tinsert(inner.id(), "bits", 0, three.id());
  H5Tinsert(inner.id(), "text", 2, text.id());
  const hdf5::Type inners(H5Tarray_create2(inner.id(), 1, &pair));
  hdf5::Type outer(H5Tcreate(H5T_COMPOUND, 40));
  H5Tinsert(outer.id(), "nine", 0, nine.id());
  H5Tinsert(outer.id(), "numbers", 4, numbers.id());
  H5Tinsert(outer.id(), "inners", 20, inners.id());
  return outer;
}

TEST(Hdf5PackedFilters, NbitOfCompoundsAndArrays) {
  read_all({.type = deep_compound(), .filters = set_nbit},
           integers(count * 5, 8, false, 0, ~std::uint64_t{0}), "compound");
  const hdf5::Type eleven = integer(2, false, false, 11, 3);
  const hsize_t sides[] = {2, 3}, two = 2;
  const hdf5::Type array(H5Tarray_create2(eleven.id(), 2, sides)),
      arrays(H5Tarray_create2(array.id(), 1, &two));
  read_all({.type = hdf5::Type(H5Tcopy(array.id())), .filters = set_nbit},
           integers(count * 6, 2, false, 0, 1 << 16), "array");
  read_all({.type = hdf5::Type(H5Tcopy(arrays.id())), .filters = set_nbit},
           integers(count * 12, 2, false, 0, 1 << 16), "array of arrays");
  hdf5::Type text(H5Tcopy(H5T_C_S1));
  H5Tset_size(text.id(), 5);
  read_all({.type = std::move(text), .filters = set_nbit}, Blob(count * 5, 'x'), "text: nothing to spare");
}

TEST(Hdf5PackedFilters, Szip) {
  for (unsigned mask : {nearest, entropy})
    for (unsigned pixels : {2u, 4u, 8u, 10u, 16u, 32u})
      for (std::size_t size : {1u, 2u, 4u, 8u}) // libaec's encoder died in a test that had numbers of 3 bytes as well
        for (bool big : {false, true})
          for (std::uint64_t span : {std::uint64_t{1}, std::uint64_t{9}, std::uint64_t{200}}) {
            const auto filters = [&](hid_t creation) { H5Pset_szip(creation, mask, pixels); };
            const std::string what = fmt::format("mask {}, {} pixels, {} bytes, big-endian {}, span {}", mask,
                                                 pixels, size, big, span);
            read_all({.type = integer(size, big, true), .filters = filters},
                     integers(count, size, big, 5, span), what);
            // Rows shorter and longer than a block, and more than a scanline of them.
            for (hsize_t row : {hsize_t{3}, hsize_t{40}, hsize_t{333}}) {
              const PackedDataset dataset({.type = integer(size, big, false),
                                           .extent = {15, row},
                                           .chunk = {12, row},
                                           .filters = filters},
                                          integers(15 * row, size, big, 5, span));
              expect_same(dataset, {0, 0}, what);
              expect_same(dataset, {12, 0}, what);
            }
            if (HasFatalFailure()) return;
          }
  read_all({.type = real(8, false), .filters = [](hid_t c) { H5Pset_szip(c, nearest, 8); }},
           reals(count, 8, false, 1, 0.5), "doubles");
  read_all({.type = integer(2, false, false, 11, 0), .filters = [](hid_t c) { H5Pset_szip(c, nearest, 8); }},
           integers(count, 2, false, 0, 2048), "11 bits of 16");
}

TEST(Hdf5PackedFilters, BesideOtherFilters) {
  const hdf5::Type type = integer(4, false, false, 21, 3);
  const Blob elements = integers(count, 4, false, 5, 300);
  const std::function<void(hid_t)> chains[] = {
      [](hid_t c) { H5Pset_scaleoffset(c, H5Z_SO_INT, 0), H5Pset_deflate(c, 6), H5Pset_fletcher32(c); },
      [](hid_t c) { H5Pset_shuffle(c), H5Pset_szip(c, nearest, 8), H5Pset_fletcher32(c); },
      [](hid_t c) { H5Pset_nbit(c), H5Pset_shuffle(c), H5Pset_deflate(c, 6); },
      [](hid_t c) { H5Pset_nbit(c), H5Pset_fletcher32(c), H5Pset_deflate(c, 6), H5Pset_fletcher32(c); },
      [](hid_t c) { H5Pset_shuffle(c), H5Pset_deflate(c, 6), H5Pset_fletcher32(c); },
      [](hid_t c) { H5Pset_fletcher32(c), H5Pset_shuffle(c), H5Pset_deflate(c, 6); },
      [](hid_t c) { H5Pset_fletcher32(c); },
      [](hid_t c) { H5Pset_shuffle(c); }};
  for (const auto &chain : chains) {
    const PackedDataset dataset(
        {.type = hdf5::Type(H5Tcopy(type.id())), .extent = extent, .chunk = chunk, .filters = chain},
        elements);
    for (hsize_t at = 0; at < count; at += chunk[0]) expect_same(dataset, {at}, "chain");
  }
}

// --- damaged chunks ---

struct Case {
  const char *name;
  PackedDataset dataset;
};

std::vector<Case> cases() {
  std::vector<Case> list;
  const auto add = [&](const char *name, hdf5::Type type, const Blob &elements,
                       std::function<void(hid_t)> filters) {
    list.push_back({name, PackedDataset({.type = std::move(type), .filters = std::move(filters)}, elements)});
  };
  add("scale-offset uint16", integer(2, false, false), integers(64, 2, false, 900, 50),
      [](hid_t c) { H5Pset_scaleoffset(c, H5Z_SO_INT, 0); });
  add("scale-offset int32 BE, 9 bits", integer(4, true, true),
      integers(64, 4, true, 0 - std::uint64_t{100}, 300),
      [](hid_t c) { H5Pset_scaleoffset(c, H5Z_SO_INT, 9); });
  add("scale-offset uint8, all bits", integer(1, false, false), integers(64, 1, false, 0, 256),
      [](hid_t c) { H5Pset_scaleoffset(c, H5Z_SO_INT, 0); });
  add("scale-offset float", real(4, false), reals(64, 4, false, -3, 0.25),
      [](hid_t c) { H5Pset_scaleoffset(c, H5Z_SO_FLOAT_DSCALE, 2); });
  add("scale-offset double BE", real(8, true), reals(64, 8, true, -3, 0.25),
      [](hid_t c) { H5Pset_scaleoffset(c, H5Z_SO_FLOAT_DSCALE, 3); });
  add("nbit uint16", integer(2, false, false, 11, 3), integers(64, 2, false, 0, 1 << 16), set_nbit);
  add("nbit compound", deep_compound(), integers(64 * 5, 8, false, 0, ~std::uint64_t{0}), set_nbit);
  for (const auto &[name, mask] : {std::pair("szip NN", nearest), std::pair("szip EC", entropy)}) {
    const unsigned option = mask;
    add(name, integer(2, false, false), integers(64, 2, false, 5, 40),
        [option](hid_t c) { H5Pset_szip(c, option, 8); });
    add(name, integer(4, false, true), integers(64, 4, false, 5, 4000),
        [option](hid_t c) { H5Pset_szip(c, option, 10); }); // scanlines are filled up
    add(name, integer(8, true, true), integers(64, 8, true, 5, 70000),
        [option](hid_t c) { H5Pset_szip(c, option, 16); });
  }
  add("scale-offset, deflate", integer(4, false, true), integers(64, 4, false, 900, 50),
      [](hid_t c) { H5Pset_scaleoffset(c, H5Z_SO_INT, 0), H5Pset_deflate(c, 6); });
  add("nbit, shuffle, deflate", integer(4, false, false, 21, 3), integers(64, 4, false, 900, 50),
      [](hid_t c) { H5Pset_nbit(c), H5Pset_shuffle(c), H5Pset_deflate(c, 6); });
  add("deflate", integer(4, false, true), integers(64, 4, false, 5, 40),
      [](hid_t c) { H5Pset_deflate(c, 6); });
  add("shuffle, deflate, fletcher32", integer(4, false, true), integers(64, 4, false, 5, 40),
      [](hid_t c) { H5Pset_shuffle(c), H5Pset_deflate(c, 6), H5Pset_fletcher32(c); });
  return list;
}

/// How often we refuse what libhdf5 takes, by reason.
using Refusals = std::map<std::string, unsigned>;

void compare(const Case &that, const Blob &damaged, const std::string &how, Refusals &refusals) {
  const Answer answer = ours(that.dataset.filters, damaged, that.dataset.chunk_bytes());
  const std::optional<Blob> theirs = that.dataset.read_instead({0}, damaged);
  if (answer.bytes) {
    ASSERT_TRUE(theirs) << that.name << ", " << how << ": libhdf5 refuses it";
    ASSERT_EQ(*theirs, *answer.bytes) << that.name << ", " << how;
  } else {
    ASSERT_FALSE(answer.reason.empty());
    if (theirs) ++refusals[answer.reason.substr(answer.reason.find_first_not_of("0123456789 "))];
  }
}

// What we refuse though libhdf5 1.10 gives something: it read or wrote other memory, or the writer cannot
// have meant it.
bool is_stated(const std::string &reason) {
  for (const char *known : {"bytes have no room for the header", "take ", "bits for numbers",
                            "bits a number instead of", "larger than its type allows", "and more follow",
                            "bytes instead of", "szip ends after", "Fletcher-32"})
    if (reason.find(known) != std::string::npos) return true;
  return false;
}
void expect_stated(const Refusals &refusals) {
  for (const auto &[reason, times] : refusals)
    EXPECT_TRUE(is_stated(reason)) << times << " times: " << reason;
}

TEST(Hdf5PackedFilters, EveryPrefixIsJudgedAsLibhdf5DoesOrForAReason) {
  Refusals refusals;
  for (const Case &that : cases()) {
    const Blob good = that.dataset.stored({0}).bytes;
    for (std::size_t size = 1; size < good.size(); ++size) {
      compare(that, truncate(good, size), fmt::format("{} bytes", size), refusals);
      if (HasFatalFailure()) return;
    }
    // All but what an encoder adds to round up is needed.
    EXPECT_FALSE(
        ours(that.dataset.filters, truncate(good, good.size() - 3), that.dataset.chunk_bytes()).bytes)
        << that.name;
  }
  expect_stated(refusals);
}

TEST(Hdf5PackedFilters, EveryChangedByteIsJudgedAsLibhdf5DoesOrForAReason) {
  Refusals refusals;
  for (const Case &that : cases()) {
    const Blob good = that.dataset.stored({0}).bytes;
    for (std::size_t at = 0; at < good.size(); ++at)
      for (unsigned change : {0x01u, 0x80u, 0xffu}) {
        compare(that, set_byte(good, at, static_cast<std::uint8_t>(good[at] ^ change)),
                fmt::format("byte {} of {} changed by {:02x}", at, good.size(), change), refusals);
        if (HasFatalFailure()) return;
      }
    compare(that, append(good, {1, 2, 3, 4, 5, 6, 7, 8}), "with more behind it", refusals);
  }
  expect_stated(refusals);
}

TEST(Hdf5PackedFilters, NoiseStaysBetweenItsPages) {
  std::mt19937 random(11);
  for (const Case &that : cases()) {
    const Blob good = that.dataset.stored({0}).bytes;
    for (unsigned turn = 0; turn < 3000; ++turn) {
      Blob noise = good;
      noise.resize(1 + random() % (2 * good.size()));
      const std::size_t kept = turn % 3 == 0 ? 0 : turn % 3 == 1 ? 4 : 21;
      for (std::size_t i = kept; i < noise.size(); ++i)
        if (turn % 2 == 0 || random() % 16 == 0) noise[i] = static_cast<std::uint8_t>(random());
      ours(that.dataset.filters, noise, that.dataset.chunk_bytes());
    }
  }
}

// --- parameters ---

FilterStep step(unsigned id, std::vector<std::uint32_t> parameters) {
  return {static_cast<std::uint16_t>(id), 0, "", std::move(parameters)};
}

TEST(Hdf5PackedFilters, NbitParametersThatNoTypeLeadsTo) {
  const auto known = [](std::vector<std::uint32_t> parameters) {
    return read_nbit(step(nbit_filter, std::move(parameters))).has_value();
  };
  EXPECT_TRUE(known({8, 0, 64, 1, 2, 0, 11, 3}));
  EXPECT_TRUE(known({3, 1, 64})) << "does nothing";
  EXPECT_FALSE(known({}));
  EXPECT_FALSE(known({9, 0, 64, 1, 2, 0, 11, 3})) << "libhdf5 refuses another number of parameters";
  EXPECT_FALSE(known({9, 0, 64, 1, 2, 0, 11, 3, 0})) << "one too many";
  EXPECT_FALSE(known({7, 0, 64, 1, 2, 0, 11})) << "one too few";
  EXPECT_FALSE(known({8, 0, 64, 1, 2, 0, 11, 6})) << "17 bits of 16";
  EXPECT_FALSE(known({8, 0, 64, 1, 2, 0, 0xffffffff, 6}));
  EXPECT_FALSE(known({8, 0, 64, 1, 2, 0, 0, 0})) << "no bits";
  EXPECT_FALSE(known({8, 0, 64, 1, 2, 2, 11, 3})) << "an order of bytes that is none";
  EXPECT_FALSE(known({8, 0, 64, 1, 0, 0, 11, 3})) << "numbers of no bytes";
  EXPECT_FALSE(known({8, 0, 64, 9, 2, 0, 11, 3})) << "a class that is none";
  EXPECT_TRUE(known({10, 0, 4, 2, 6, 1, 2, 0, 11, 3}));
  EXPECT_FALSE(known({10, 0, 4, 2, 7, 1, 2, 0, 11, 3})) << "an array of 7 bytes of numbers of 2";
  EXPECT_TRUE(known({12, 0, 4, 3, 6, 1, 4, 1, 2, 0, 11, 3}));
  EXPECT_FALSE(known({12, 0, 4, 3, 6, 1, 5, 1, 2, 0, 11, 3})) << "a member that ends outside";
  EXPECT_FALSE(known({12, 0, 4, 3, 6, 0xffffffff, 4, 1, 2, 0, 11, 3})) << "members without end";
  EXPECT_FALSE(known({13, 0, 4, 3, 4, 2, 0, 4, 4, 0, 4, 4, 0})) << "members that share bytes";
}

TEST(Hdf5PackedFilters, NbitParametersEndAtSomeDepth) {
  std::vector<std::uint32_t> parameters{0, 0, 4};
  for (unsigned depth = 0; depth < 1000; ++depth)
    parameters.insert(parameters.end(), {2, 8}); // arrays of arrays
  parameters.insert(parameters.end(), {1, 8, 0, 11, 3});
  parameters[0] = static_cast<std::uint32_t>(parameters.size());
  EXPECT_FALSE(can_undo(std::vector{step(nbit_filter, parameters)}));
}

TEST(Hdf5PackedFilters, NbitOfManyElementsTakesNoMemory) {
  const std::vector<FilterStep> filters{step(nbit_filter, {8, 0, 0xffffffff, 1, 0xffffffff, 0, 11, 3})};
  EXPECT_EQ(ours(filters, Blob(100), 128).rule, "hdf5.chunk.size");
}

std::vector<std::uint32_t> scale_offset(std::uint32_t type, std::uint32_t factor, std::uint32_t form,
                                        std::uint32_t size) {
  std::vector<std::uint32_t> parameters(20);
  parameters[0] = type, parameters[1] = factor, parameters[2] = 64, parameters[3] = form,
  parameters[4] = size;
  return parameters;
}

TEST(Hdf5PackedFilters, ScaleOffsetParametersThatNoLibraryTakes) {
  const auto known = [](std::vector<std::uint32_t> parameters) {
    return can_undo(std::vector{step(scale_offset_filter, std::move(parameters))});
  };
  EXPECT_TRUE(known(scale_offset(2, 5, 0, 4)));
  EXPECT_TRUE(known(scale_offset(2, 32, 0, 4)));
  EXPECT_TRUE(known(scale_offset(2, 0xffffffff, 0, 4))) << "a negative factor is none";
  EXPECT_FALSE(known(scale_offset(2, 33, 0, 4)));
  EXPECT_FALSE(known(scale_offset(0, 5, 0, 4))) << "decimals of integers";
  EXPECT_TRUE(known(scale_offset(0, 0xfffffffe, 1, 4)));
  EXPECT_FALSE(known(scale_offset(1, 5, 1, 4))) << "binary scale";
  EXPECT_FALSE(known(scale_offset(0, 5, 1, 2))) << "half precision";
  EXPECT_FALSE(known(scale_offset(2, 5, 0, 3)));
  EXPECT_FALSE(known(scale_offset(2, 5, 2, 4)));
  EXPECT_FALSE(known({2, 5, 64, 0, 4}));
}

TEST(Hdf5PackedFilters, SzipParametersThatNoWriterMakes) {
  const auto known = [](std::vector<std::uint32_t> parameters) {
    return can_undo(std::vector{step(szip_filter, std::move(parameters))});
  };
  EXPECT_TRUE(known({nearest, 8, 16, 64}));
  EXPECT_FALSE(known({nearest, 8}));
  EXPECT_FALSE(known({nearest, 0, 16, 64}));
  EXPECT_FALSE(known({nearest, 7, 16, 64}));
  EXPECT_FALSE(known({nearest, 34, 16, 64}));
  EXPECT_FALSE(known({nearest, 8, 25, 64}));
  EXPECT_FALSE(known({nearest, 8, 0, 64}));
  EXPECT_FALSE(known({nearest, 8, 16, 0}));
  EXPECT_FALSE(known({nearest, 8, 16, 1 << 20}));
}

} // namespace
