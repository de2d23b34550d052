#include "formats/hdf5/metadata/object_header.h"

#include <algorithm>
#include <deque>
#include <string>
#include <unordered_set>

#include <fmt/format.h>

#include "formats/checksum/lookup3.h"
#include "formats/hdf5/metadata/rules.h"
#include "formats/hdf5/names.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

// FMT IV.A.1: version, reserved, number of messages, references, size of block 0, padding to a multiple of 8.
constexpr std::uint64_t prefix_1_bytes = 16;
// FMT IV.A.2: the longest prefix of a version 2 header: signature, version, flags, four times, attribute
// phase change values, 8-byte size of block 0.
constexpr std::uint64_t longest_prefix_2 = 4 + 1 + 1 + 16 + 4 + 8;
constexpr std::uint64_t checksum_bytes = 4;

// FMT IV.A.1.a, Header Message Flags.
constexpr std::uint8_t shared = 0x02, never_share = 0x04, fail_when_written = 0x08, mark_unknown = 0x10,
                       was_unknown = 0x20, fail_always = 0x80;

// The newest message that is known, and the number that libhdf5 gives to those it does not know, never in a
// file.
constexpr std::uint16_t last_known = 0x18, unknown_marker = 0x19;
constexpr std::uint16_t bogus = 0x09; // only in tests of libhdf5

constexpr std::string_view structure_name = "object header";

struct Block {
  std::uint64_t address, length;
};

class HeaderReader {
public:
  HeaderReader(Survey &survey, std::uint64_t address, std::string_view name, ObjectHeader &header)
      : survey_(survey), name_(name), header_(header) {
    header_ = {};
    header_.address = address;
  }

  bool run() {
    const std::uint64_t address = header_.address;
    if (!survey_.space.holds(address, 0))
      return survey_.read(address, prefix_1_bytes, structure_name).has_value();
    const std::uint64_t room = std::min(survey_.space.superblock().end, survey_.space.source().size()) -
                               survey_.space.file_offset(address);
    const std::optional<Bytes> start =
        survey_.read(address, std::min(longest_prefix_2, room), structure_name);
    if (!start) return false;
    const bool is_2 =
        start->size() >= 4 && std::string_view(reinterpret_cast<const char *>(start->data()), 4) == "OHDR";
    if (!(is_2 ? read_prefix_2(*start) : read_prefix_1(*start))) return false;
    while (!continuations_.empty()) {
      const Block block = continuations_.front();
      continuations_.pop_front();
      if (!read_continuation(block)) return false;
    }
    check_count();
    return true;
  }

private:
  void bad(std::uint64_t at, std::uint64_t length, std::string_view detail) {
    survey_.find(header_prefix, header_.address + at, length, detail);
  }

  // True when `length` bytes from the header's first are inside the file.
  bool fits(std::uint64_t length) {
    if (survey_.space.holds(header_.address, length)) return true;
    bad(0, length,
        fmt::format("the object header at address {} has {} bytes, more than the file", header_.address,
                    length));
    return false;
  }

  // --- version 1: FMT IV.A.1 ---

  bool read_prefix_1(Bytes start) {
    if (start.empty() || start[0] != 1) {
      bad(0, 1,
          fmt::format(
              "address {} holds neither an object header of version 1 nor the signature OHDR of version 2",
              header_.address));
      return false;
    }
    Fields fields(start, survey_.space);
    fields.skip(1);
    const std::uint8_t reserved_byte = fields.u8();
    count_ = fields.u16();
    fields.skip(4); // references
    const std::uint32_t size = fields.u32();
    if (!fits(prefix_1_bytes) || !fits(prefix_1_bytes + std::uint64_t{size})) return false;
    header_.version = 1;
    if (reserved_byte != 0)
      survey_.find(reserved, header_.address + 1, 1,
                   fmt::format("a reserved byte of the object header holds {:#x}", reserved_byte));
    // libhdf5: bad object header chunk size
    if ((count_ > 0) != (size >= 8)) {
      bad(2, 10, fmt::format("{} messages in {} bytes", count_, size));
      return false;
    }
    if (survey_.claim(header_.address, prefix_1_bytes + size, structure_name))
      survey_.segment(0, header_.address, prefix_1_bytes + size, fmt::format("object header of {}", name_),
                      fmt::format("version 1, {} messages", count_));
    return size == 0 || read_block({header_.address + prefix_1_bytes, size}, 0, 0);
  }

  // A version 1 header says how many messages it has; libhdf5 goes by the blocks.
  void check_count() {
    if (header_.version == 1 && seen_ != count_)
      survey_.find(header_count, header_.address + 2, 2,
                   fmt::format("{} messages, says the header; there are {}", count_, seen_));
  }

  // --- version 2: FMT IV.A.2 ---

  bool read_prefix_2(Bytes start) {
    Fields fields(start, survey_.space);
    fields.skip(4);
    const std::uint8_t version_number = fields.u8(), flags = fields.u8();
    if (!fields.ok()) return fits(longest_prefix_2);
    if (version_number != 2) {
      bad(4, 1, fmt::format("object header version {}; OHDR is version 2", version_number));
      return false;
    }
    if ((flags & 0xc0) != 0) { // libhdf5: unknown object header status flag(s)
      bad(5, 1, fmt::format("undefined flags {:#04x}", flags));
      return false;
    }
    header_.version = 2;
    header_.flags = flags;
    fields.skip(((flags & 0x20) != 0 ? 16u : 0u) + ((flags & 0x10) != 0 ? 4u : 0u));
    const std::uint64_t size = fields.number(1u << (flags & 3));
    if (!fields.ok()) return fits(longest_prefix_2);
    const std::uint64_t prefix = fields.offset();
    if (!survey_.space.holds(header_.address, size)) { // before it is added to anything
      bad(0, size, fmt::format("block 0 of the object header has {} bytes, more than the file", size));
      return false;
    }
    const std::uint64_t length = prefix + size + checksum_bytes;
    if (!fits(length)) return false;
    if (survey_.claim(header_.address, length, structure_name))
      survey_.segment(0, header_.address, length, fmt::format("object header of {}", name_), "version 2");
    return read_block({header_.address, length}, prefix, checksum_bytes);
  }

  // --- the blocks of both ---

  bool read_continuation(const Block &block) {
    const std::string_view what = "object header continuation";
    if (!blocks_seen_.insert(block.address).second || block.address == header_.address) {
      survey_.find(structure_loop, block.address, block.length,
                   fmt::format("the object header continues at address {} twice", block.address));
      return false;
    }
    // libhdf5: the block of version 2 has a signature and a checksum besides the messages.
    const std::uint64_t around = header_.version == 1 ? 0 : 4 + checksum_bytes;
    if (block.length < around) {
      survey_.find(header_messages, block.address, block.length,
                   fmt::format("a continuation block of {} bytes", block.length));
      return false;
    }
    if (!survey_.space.holds(block.address, block.length)) {
      survey_.read(block.address, block.length, what); // says so
      return false;
    }
    if (survey_.claim(block.address, block.length, what))
      survey_.segment(1, block.address, block.length, std::string(what));
    return read_block(block, header_.version == 1 ? 0 : 4, header_.version == 1 ? 0 : checksum_bytes);
  }

  // Appends a block to the header's bytes and lists its messages, which begin after `before` bytes.
  bool read_block(const Block &block, std::uint64_t before, std::uint64_t after) {
    if (header_.bytes.size() + block.length > AddressSpace::most) {
      survey_.find(too_much, block.address, block.length,
                   fmt::format("the object header has more than {} bytes", AddressSpace::most));
      return false;
    }
    const std::optional<Bytes> bytes = survey_.read(block.address, block.length, structure_name);
    if (!bytes) return false;
    const bool continued = block.address != header_.address && header_.version == 2;
    if (continued && !survey_.has_signature(*bytes, "OCHK", block.address, "object header continuation"))
      return false;
    if (after > 0 && !checksum_holds(*bytes, block.address, continued)) return false;
    const std::size_t base = header_.bytes.size();
    header_.bytes.insert(header_.bytes.end(), bytes->begin(), bytes->end());
    header_.blocks.push_back({block.address, base, bytes->size()});
    return list_messages(block, base, before, block.length - after);
  }

  bool checksum_holds(Bytes bytes, std::uint64_t address, bool continued) {
    if (continued) return survey_.has_checksum(bytes, address, "object header continuation");
    if (!survey_.wants_checksums()) return true;
    const std::uint32_t computed = lookup3(bytes.first(bytes.size() - checksum_bytes));
    Fields stored(bytes.last(checksum_bytes), survey_.space);
    const std::uint32_t value = stored.u32();
    if (value == computed) return true;
    survey_.find(header_checksum, address, bytes.size(),
                 fmt::format("stored {:08x}, computed {:08x}", value, computed));
    return false;
  }

  // FMT IV.A.1.a, IV.A.2.a: type, size, flags, and in version 2 with flag bit 2 a creation index.
  bool list_messages(const Block &block, std::size_t base, std::uint64_t from, std::uint64_t to) {
    const bool is_1 = header_.version == 1;
    const std::uint64_t head = is_1 ? 8 : (header_.flags & 0x04) != 0 ? 6 : 4;
    std::uint64_t at = from;
    while (to - at >= head) {
      Fields fields(Bytes(header_.bytes).subspan(base + at, head), survey_.space);
      const std::uint16_t type = is_1 ? fields.u16() : fields.u8();
      const std::uint16_t size = fields.u16();
      const std::uint8_t flags = fields.u8();
      const std::uint64_t place = block.address + at;
      at += head;
      if (size > to - at) { // libhdf5: corrupt object header
        survey_.find(
            header_messages, place, head,
            fmt::format("a message of type {:#x} has {} bytes, its block only {} more", type, size, to - at));
        return false;
      }
      if (is_1 && size % 8 != 0)
        survey_.find(header_count, place + 2, 2,
                     fmt::format("a message of {} bytes, no multiple of 8", size));
      ++seen_;
      if (!take_message({static_cast<MessageType>(type), flags, block.address + at, base + at, size}))
        return false;
      at += size;
    }
    if (is_1 && at != to)
      survey_.find(header_count, block.address + at, to - at,
                   fmt::format("{} bytes are no message", to - at));
    return true;
  }

  bool take_message(const Message &message) {
    if (!flags_agree(message)) return false;
    const std::uint16_t number = static_cast<std::uint16_t>(message.type);
    if (number == unknown_marker) { // libhdf5: 'unknown' message ID encoded in file?!?
      survey_.find(header_messages, message.address, message.size,
                   "a message of the type that stands for unknown ones");
      return false;
    }
    if (number > last_known || number == bogus) return pass_over_unknown(message);
    if (message.type == MessageType::continuation) return take_continuation(message);
    if (message.type != MessageType::nil) header_.messages.push_back(message);
    return true;
  }

  // libhdf5: bad flag combination for message
  bool flags_agree(const Message &message) {
    const auto both = [&](std::uint8_t one, std::uint8_t other) {
      return (message.flags & one) != 0 && (message.flags & other) != 0;
    };
    const bool marked_without_leave =
        (message.flags & was_unknown) != 0 && (message.flags & mark_unknown) == 0;
    if (!both(shared, never_share) && !both(was_unknown, fail_when_written) && !marked_without_leave)
      return true;
    survey_.find(header_messages, message.address, message.size,
                 fmt::format("a message with flags {:#04x}", message.flags));
    return false;
  }

  bool pass_over_unknown(const Message &message) {
    const std::string what =
        fmt::format("a message of the unknown type {:#x}", static_cast<unsigned>(message.type));
    if ((message.flags & fail_always) != 0) {
      survey_.find(must_know, message.address, message.size, what + " that must be understood");
      return false;
    }
    survey_.unknown(message.address, what);
    return true;
  }

  // FMT IV.A.2.q
  bool take_continuation(const Message &message) {
    Fields fields(header_.body(message), survey_.space);
    const std::uint64_t address = fields.address(), length = fields.length();
    if (!fields.ok()) {
      survey_.find(header_messages, message.address, message.size,
                   fmt::format("a continuation message of {} bytes", message.size));
      return false;
    }
    continuations_.push_back({address, length});
    return true;
  }

  Survey &survey_;
  const std::string_view name_;
  ObjectHeader &header_;
  std::deque<Block> continuations_;
  std::unordered_set<std::uint64_t> blocks_seen_;
  std::uint32_t count_ = 0, seen_ = 0;
};

} // namespace

const Message *ObjectHeader::first(MessageType type) const {
  const auto found = std::ranges::find(messages, type, &Message::type);
  return found == messages.end() ? nullptr : &*found;
}

bool read_object_header(Survey &survey, std::uint64_t address, std::string_view name, ObjectHeader &header) {
  return HeaderReader(survey, address, name, header).run();
}

} // namespace datavet::hdf5
