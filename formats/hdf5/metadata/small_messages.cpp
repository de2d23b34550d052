#include "formats/hdf5/metadata/small_messages.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/hdf5/metadata/rules.h"

namespace datavet::hdf5 {

namespace {

struct SmallMessage {
  Survey &survey;
  const Message &message;
  const Rule *rule;
  Fields fields;

  void odd(std::string_view detail) { survey.find(*rule, message.address, message.size, detail); }
  void expect_version(std::string_view what, unsigned lowest, unsigned highest) {
    const unsigned version = fields.u8();
    if (fields.ok() && (version < lowest || version > highest))
      odd(fmt::format("{} of version {}", what, version));
  }
  void expect_whole(std::string_view what) {
    if (!fields.ok()) odd(fmt::format("{} in {} bytes", what, message.size));
  }
};

// FMT IV.A.2.k
void check_group_info(SmallMessage small) {
  small.expect_version("group information", 0, 0);
  const unsigned flags = small.fields.u8();
  if ((flags & ~3u) != 0) small.odd(fmt::format("group information with flags {:#04x}", flags));
  small.fields.skip(((flags & 1) != 0 ? 4u : 0u) + ((flags & 2) != 0 ? 4u : 0u));
  small.expect_whole("group information");
}

// FMT IV.A.2.n: ends with a zero byte.
void check_comment(SmallMessage small) {
  small.fields.text();
  small.expect_whole("a comment without an end");
}

// FMT IV.A.2.o: YYYYMMDDhhmmss
void check_old_time(SmallMessage small) {
  const Bytes digits = small.fields.take(14);
  small.expect_whole("an old modification time");
  if (!std::ranges::all_of(digits, [](std::uint8_t byte) { return byte >= '0' && byte <= '9'; }))
    small.odd("an old modification time that is no number");
}

// FMT IV.A.2.s
void check_time(SmallMessage small) {
  small.expect_version("modification time", 1, 1);
  small.fields.skip(3 + 4);
  small.expect_whole("a modification time");
}

// FMT IV.A.2.t
void check_tree_ranks(SmallMessage small) {
  small.expect_version("B-tree ranks", 0, 0);
  small.fields.skip(6);
  small.expect_whole("B-tree ranks");
}

// FMT IV.A.2.u
void check_driver_info(SmallMessage small) {
  small.expect_version("driver information", 0, 0);
  small.fields.skip(8);
  small.fields.skip(small.fields.u16());
  small.expect_whole("driver information");
}

// FMT IV.A.2.w: libhdf5 reads it with every header.
void check_reference_count(SmallMessage small) {
  small.rule = &bad_message;
  small.expect_version("reference count", 0, 0);
  small.fields.skip(4);
  small.expect_whole("a reference count");
}

} // namespace

void check_small_message(Survey &survey, const ObjectHeader &header, const Message &message,
                         const Rule &rule) {
  if (message.is_shared()) return;
  const SmallMessage small{survey, message, &rule, Fields(header.body(message), survey.space)};
  switch (message.type) {
  case MessageType::group_info: check_group_info(small); break;
  case MessageType::comment: check_comment(small); break;
  case MessageType::modification_time_old: check_old_time(small); break;
  case MessageType::modification_time: check_time(small); break;
  case MessageType::tree_ranks: check_tree_ranks(small); break;
  case MessageType::driver_info: check_driver_info(small); break;
  case MessageType::reference_count: check_reference_count(small); break;
  default: break;
  }
}

void read_tree_ranks(const Survey &survey, const ObjectHeader &extension, TreeRanks &ranks) {
  const Message *message = extension.first(MessageType::tree_ranks);
  if (message == nullptr || message->is_shared()) return;
  Fields fields(extension.body(*message), survey.space);
  fields.skip(1);
  const std::uint32_t chunk = fields.u16(), internal = fields.u16(), leaf = fields.u16();
  if (fields.ok()) ranks = {leaf, internal, chunk};
}

} // namespace datavet::hdf5
