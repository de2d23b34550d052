#include "formats/hdf5/object_header.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "formats/checksum/lookup3.h"
#include "formats/hdf5/file_bytes.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

// FMT IV.A.1: the prefix of a version 1 header, padded so that messages start at a multiple of 8.
struct Prefix1 {
  std::uint8_t version;
  std::uint8_t reserved;
  le16 messages;
  le32 references;
  le32 size;
  le32 padding;
};
static_assert(sizeof(Prefix1) == 16);

// FMT IV.A.2: the longest prefix of a version 2 header: signature, version, flags, four times, attribute
// phase change values, 8-byte size of chunk 0.
constexpr std::uint64_t longest_prefix = 4 + 1 + 1 + 16 + 4 + 8;

class HeaderCheck {
public:
  HeaderCheck(const Source &source, std::uint64_t at, std::uint64_t end, std::string_view owner,
              Evidence &evidence)
      : source_(source), at_(at), end_(end), owner_(owner), evidence_(evidence) {}

  void run(const CheckOptions &options) {
    std::optional<std::vector<std::uint8_t>> bytes =
        read_bytes(source_, at_, std::min(longest_prefix, end_ - at_), evidence_);
    if (!bytes) return;
    if (bytes->size() >= 4 && std::memcmp(bytes->data(), "OHDR", 4) == 0)
      check_version_2(*bytes, options);
    else
      check_version_1(*bytes);
  }

private:
  void bad(std::uint64_t at, std::uint64_t length, std::string detail) {
    evidence_.findings.add(header, at_ + at, length, fmt::format("{}: {}", owner_, detail));
  }

  void segment(std::uint64_t length, std::string detail) {
    if (evidence_.outline != nullptr)
      evidence_.outline->add(0, at_, length, fmt::format("object header of the {}", owner_),
                             std::move(detail));
  }

  // True when `length` bytes from the header's first are inside the HDF5 data.
  bool fits(std::uint64_t length) {
    if (length <= end_ - at_) return true;
    bad(0, end_ - at_,
        fmt::format("the object header has {} bytes, the file only {} more", length, end_ - at_));
    return false;
  }

  void check_version_1(Bytes bytes) {
    if (bytes.empty() || bytes[0] != 1) {
      bad(0, 1, "neither an object header of version 1 nor the signature OHDR of version 2");
      return;
    }
    if (!fits(sizeof(Prefix1))) return;
    std::optional<Prefix1> prefix = ByteReader(bytes).read<Prefix1>();
    if (!prefix || !fits(sizeof(Prefix1) + std::uint64_t{prefix->size})) return;
    if (prefix->reserved != 0)
      evidence_.findings.add(reserved, at_ + 1, 1,
                             fmt::format("{}: a reserved byte holds {:#x}", owner_, prefix->reserved));
    // libhdf5: bad object header chunk size
    const bool has_messages = prefix->messages > 0, has_room = prefix->size >= 8;
    if (has_messages != has_room) {
      bad(2, 10, fmt::format("{} messages in {} bytes", prefix->messages.value(), prefix->size.value()));
      return;
    }
    segment(sizeof(Prefix1) + std::uint64_t{prefix->size},
            fmt::format("version 1, {} messages", prefix->messages.value()));
  }

  void check_version_2(Bytes bytes, const CheckOptions &options) {
    ByteReader reader(bytes, 4);
    const std::optional<std::uint8_t> version_number = reader.u8(), flags = reader.u8();
    if (!version_number || !flags) {
      fits(longest_prefix);
      return;
    }
    if (*version_number != 2) {
      bad(4, 1, fmt::format("object header version {}; OHDR is version 2", *version_number));
      return;
    }
    if ((*flags & 0xc0) != 0) { // libhdf5: unknown object header status flag(s)
      bad(5, 1, fmt::format("undefined flags {:#04x}", *flags));
      return;
    }
    reader.skip(((*flags & 0x20) != 0 ? 16u : 0u) + ((*flags & 0x10) != 0 ? 4u : 0u));
    std::uint64_t chunk_size = 0;
    const unsigned width = 1u << (*flags & 3);
    for (unsigned i = 0; i < width; ++i) chunk_size |= std::uint64_t{reader.u8().value_or(0)} << (8 * i);
    if (chunk_size > end_) { // before it is added to anything
      bad(0, end_ - at_,
          fmt::format("chunk 0 of the object header has {} bytes, the file {}", chunk_size, end_));
      return;
    }
    const std::uint64_t length = reader.offset() + chunk_size + sizeof(le32);
    if (!fits(length)) return;
    if (options.depth >= Depth::checksum && length <= options.limits.metadata_bytes) check_checksum(length);
    segment(length, "version 2");
  }

  void check_checksum(std::uint64_t length) {
    std::optional<std::vector<std::uint8_t>> bytes = read_bytes(source_, at_, length, evidence_);
    if (!bytes || bytes->size() < length) return;
    const Bytes covered = Bytes(*bytes).first(length - sizeof(le32));
    const std::uint32_t stored = *ByteReader(*bytes, covered.size()).read<le32>();
    const std::uint32_t computed = lookup3(covered);
    if (stored != computed)
      evidence_.findings.add(header_checksum, at_, length,
                             fmt::format("{}: stored {:08x}, computed {:08x}", owner_, stored, computed));
  }

  const Source &source_;
  const std::uint64_t at_, end_;
  const std::string_view owner_;
  Evidence &evidence_;
};

} // namespace

void examine_object_header(const Source &source, const Superblock &superblock, std::uint64_t address,
                           std::string_view owner, const CheckOptions &options, Evidence &evidence) {
  // The superblock's check has held the address inside the file.
  HeaderCheck(source, superblock.offset + address, superblock.end, owner, evidence).run(options);
}

} // namespace datavet::hdf5
