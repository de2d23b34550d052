// The wire format: each way to be no message has its name, and its place.
#include <random>

#include <gtest/gtest.h>

#include "formats/tfrecord/wire/reader.h"
#include "tests/formats/tfrecord/example/message_writer.h"

namespace datavet::test {
namespace {

using tfrecord::wire::Field;
using tfrecord::wire::Reader;
using tfrecord::wire::Trouble;

struct Outcome {
  Trouble trouble;
  std::uint64_t place;
  bool operator==(const Outcome &) const = default;
};
void PrintTo(const Outcome &outcome, std::ostream *out) {
  *out << tfrecord::wire::name_of(outcome.trouble) << " at " << outcome.place;
}

Outcome read_all(const Blob &blob, unsigned depth = tfrecord::wire::depth_limit) {
  const GuardedBytes guarded{Bytes(blob)};
  Reader reader(guarded.bytes());
  for (Field field; reader.more();)
    if (!reader.next(field, depth))
      return {reader.trouble(), static_cast<std::uint64_t>(reader.where() - guarded.bytes().data())};
  return {Trouble::none, blob.size()};
}

Blob groups(unsigned count) {
  Blob open, close;
  for (unsigned group = 0; group < count; ++group) {
    open = open + tag(1, 3);
    close = close + tag(1, 4);
  }
  return open + close;
}

TEST(WireReader, ReadsEachWireType) {
  const Blob message = number_field(1, ~0ull) + double_field(2, 1) + field(3, "abc") + tag(4, 3) +
                       number_field(9, 1) + tag(4, 4) + float_field((1u << 29) - 1, 2);
  EXPECT_EQ(read_all(message), (Outcome{Trouble::none, message.size()}));
}

TEST(WireReader, NamesEachTrouble) {
  const Blob start = number_field(1, 1);
  const auto after_start = [&](const Blob &rest) { return read_all(start + rest); };
  EXPECT_EQ(after_start({0x80}), (Outcome{Trouble::tag_cut, 2}));
  EXPECT_EQ(after_start(Blob(6, 0x80)), (Outcome{Trouble::tag_long, 2}));
  EXPECT_EQ(after_start({0}), (Outcome{Trouble::tag_zero, 2}));
  EXPECT_EQ(after_start({2, 0}), (Outcome{Trouble::field_zero, 2}));
  EXPECT_EQ(after_start({4}), (Outcome{Trouble::group_not_begun, 2}));
  EXPECT_EQ(after_start(tag(5, 6)), (Outcome{Trouble::type_unknown, 2}));
  EXPECT_EQ(after_start(tag(5, 7)), (Outcome{Trouble::type_unknown, 2}));
  EXPECT_EQ(after_start({8, 0xff}), (Outcome{Trouble::varint_cut, 3}));
  EXPECT_EQ(after_start(tag(1, 0) + Blob(10, 0xff) + Blob{1}), (Outcome{Trouble::varint_long, 3}));
  EXPECT_EQ(after_start({0x0a, 0x80}), (Outcome{Trouble::length_cut, 3}));
  EXPECT_EQ(after_start({0x0a, 0xff, 0xff, 0xff, 0xff, 0x07}), (Outcome{Trouble::length_long, 3}));
  EXPECT_EQ(after_start({0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0}), (Outcome{Trouble::length_long, 3}));
  EXPECT_EQ(after_start({0x0a, 0x02, 0x00}).trouble, Trouble::length_over);
  EXPECT_EQ(after_start({0x0d, 0, 0, 0}).trouble, Trouble::fixed_cut);
  EXPECT_EQ(after_start({0x09, 0, 0, 0, 0, 0, 0, 0}).trouble, Trouble::fixed_cut);
  EXPECT_EQ(after_start(tag(3, 3)), (Outcome{Trouble::group_open, 2}));
  EXPECT_EQ(after_start(tag(3, 4)), (Outcome{Trouble::group_not_begun, 2}));
  EXPECT_EQ(after_start(tag(3, 3) + tag(2, 4)), (Outcome{Trouble::group_other, 3}));
}

TEST(WireReader, GroupsNestAHundredDeep) {
  EXPECT_EQ(read_all(groups(100)).trouble, Trouble::none);
  EXPECT_EQ(read_all(groups(101)), (Outcome{Trouble::too_deep, 100}));
  EXPECT_EQ(read_all(groups(3), 3).trouble, Trouble::none);
  EXPECT_EQ(read_all(groups(4), 3).trouble, Trouble::too_deep);
  EXPECT_EQ(read_all(groups(1), 0).trouble, Trouble::too_deep);
}

// parse_context.h: what does not fit a tag's 32 bits or a varint's 64 is dropped, overlong forms are read.
TEST(WireReader, IsAsLenientAsProtobuf) {
  EXPECT_EQ(read_all(Blob{0x88, 0x80, 0x80, 0x80, 0x70, 5}).trouble, Trouble::none);
  EXPECT_EQ(read_all(tag(1, 0) + Blob(9, 0xff) + Blob{0x7f}).trouble, Trouble::none);
  EXPECT_EQ(read_all(Blob{0x0a, 0x81, 0x80, 0x00, 7}).trouble, Trouble::none);
  EXPECT_EQ(read_all(Blob{0x88, 0x00, 5}).trouble, Trouble::none);
}

/// The plain way to count, to compare with.
bool count_one_by_one(Bytes packed, std::uint64_t &count) {
  unsigned run = 0;
  for (std::uint8_t byte : packed) {
    run = byte < 0x80 ? 0 : run + 1;
    if (run > 9) return false;
    count += byte < 0x80;
  }
  return run == 0;
}

TEST(WireReader, CountsVarintsAsOneByOne) {
  std::mt19937 random(5);
  for (int round = 0; round < 100'000; ++round) {
    Blob packed(random() % 40);
    const std::uint64_t rare = 1 + random() % 20;
    for (std::uint8_t &byte : packed)
      byte = static_cast<std::uint8_t>(random() % rare == 0 ? random() % 128 : 0x80);
    std::uint64_t ours = 0, plain = 0;
    const bool good = count_one_by_one(packed, plain);
    ASSERT_EQ(tfrecord::wire::count_varints(packed, ours), good);
    if (good) {
      ASSERT_EQ(ours, plain);
    }
  }
}

} // namespace
} // namespace datavet::test
