/// Object headers: the list of messages that describes one object. FMT IV.A.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/bytes/bytes.h"
#include "formats/hdf5/metadata/survey.h"

namespace datavet::hdf5 {

/// FMT IV.A.2: the types of messages.
enum class MessageType : std::uint16_t {
  nil = 0x00,
  dataspace = 0x01,
  link_info = 0x02,
  datatype = 0x03,
  fill_value_old = 0x04,
  fill_value = 0x05,
  link = 0x06,
  external_files = 0x07,
  layout = 0x08,
  group_info = 0x0a,
  filter_pipeline = 0x0b,
  attribute = 0x0c,
  comment = 0x0d,
  modification_time_old = 0x0e,
  shared_message_table = 0x0f,
  continuation = 0x10,
  symbol_table = 0x11,
  modification_time = 0x12,
  tree_ranks = 0x13,
  driver_info = 0x14,
  attribute_info = 0x15,
  reference_count = 0x16,
  file_space_info = 0x17,
  cache_image = 0x18, // libhdf5 1.10: metadata cache image
};

struct Message {
  MessageType type = MessageType::nil;
  std::uint8_t flags = 0;
  std::uint64_t address = 0; ///< of its body
  std::size_t at = 0;        ///< of its body in ObjectHeader::bytes
  std::uint16_t size = 0;

  bool is_shared() const { return (flags & 0x02) != 0; }
};

/// One of the pieces that a header lies in: block 0, with the prefix before it, or a continuation.
struct HeaderBlock {
  std::uint64_t address = 0;
  std::size_t at = 0;     ///< of its first byte in ObjectHeader::bytes
  std::size_t length = 0; ///< with the checksum at the end of a version 2 block; without the prefix of a version 1 header
};

struct ObjectHeader {
  std::uint64_t address = 0;
  std::uint8_t version = 0;
  std::uint8_t flags = 0;          ///< version 2
  std::vector<Message> messages;   ///< without nil and continuation messages
  std::vector<std::uint8_t> bytes; ///< of all blocks, one after the other
  std::vector<HeaderBlock> blocks;

  Bytes body(const Message &message) const { return Bytes(bytes).subspan(message.at, message.size); }
  /// The first message of a type, or null.
  const Message *first(MessageType type) const;
};

/// Reads the header at `address` with all its continuation blocks, verifies structure and checksums, and
/// records the space. False, and a finding, when what was read of it is no header. `name` is for the outline.
bool read_object_header(Survey &survey, std::uint64_t address, std::string_view name, ObjectHeader &header);

} // namespace datavet::hdf5
