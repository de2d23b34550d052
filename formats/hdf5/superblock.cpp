#include "formats/hdf5/superblock.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "formats/checksum/lookup3.h"
#include "formats/hdf5/file_bytes.h"
#include "formats/hdf5/rules.h"

namespace datavet::hdf5 {

namespace {

// The longest superblock: version 1 with 32-byte offsets is 252 bytes.
constexpr std::uint64_t longest_superblock = 256;

constexpr std::uint64_t version_at = sizeof signature;
constexpr std::uint8_t newest_version = 3;

// FMT II.A: the fields of versions 0 and 1 before the first address.
struct FixedFields0 {
  std::uint8_t signature[8];
  std::uint8_t version;
  std::uint8_t free_space_version;
  std::uint8_t root_entry_version;
  std::uint8_t reserved_0;
  std::uint8_t shared_header_version;
  std::uint8_t offset_size;
  std::uint8_t length_size;
  std::uint8_t reserved_1;
  le16 group_leaf_k;
  le16 group_internal_k;
  le32 flags;
};
static_assert(sizeof(FixedFields0) == 24);

// Version 1 continues with these.
struct ChunkTreeFields {
  le16 chunk_internal_k;
  le16 reserved;
};
static_assert(sizeof(ChunkTreeFields) == 4);

// FMT II.A: the fields of versions 2 and 3 before the first address.
struct FixedFields2 {
  std::uint8_t signature[8];
  std::uint8_t version;
  std::uint8_t offset_size;
  std::uint8_t length_size;
  std::uint8_t flags;
};
static_assert(sizeof(FixedFields2) == 12);

// FMT III.C: what follows the two addresses of a symbol table entry.
struct EntryFields {
  le32 cache_type;
  le32 reserved;
  std::uint8_t scratch[16];
};
static_assert(sizeof(EntryFields) == 24);

// FMT II.B: the driver information block.
struct DriverBlock {
  std::uint8_t version;
  std::uint8_t reserved[3];
  le32 size;
  char identification[8];
};
static_assert(sizeof(DriverBlock) == 16);

std::uint64_t read_address(ByteReader &reader, std::uint8_t width) {
  std::uint64_t address = 0;
  bool all_set = true;
  for (unsigned i = 0; i < width; ++i) {
    const std::uint8_t byte = reader.u8().value_or(0);
    all_set = all_set && byte == 0xff;
    if (i < 8) address |= std::uint64_t{byte} << (8 * i); // wider files are not examined further
  }
  return all_set ? undefined_address : address;
}

// FMT II.A: "the superblock may begin at certain predefined offsets within the HDF5 file": 0, 512, and
// each power of two after it.
std::optional<std::uint64_t> find_signature(const Source &source, Evidence &evidence) {
  for (std::uint64_t at = 0; at < source.size(); at = at == 0 ? 512 : at * 2) {
    std::optional<std::vector<std::uint8_t>> bytes = read_bytes(source, at, sizeof signature, evidence);
    if (!bytes) return std::nullopt;
    if (std::ranges::equal(*bytes, signature)) return at;
    const bool is_prefix = !bytes->empty() && bytes->size() < sizeof signature &&
                           std::memcmp(bytes->data(), signature, bytes->size()) == 0;
    if (at == 0 && is_prefix) {
      evidence.findings.add(truncated, source.size(), 0,
                            fmt::format("the file ends after {} of the signature's 8 bytes", bytes->size()));
      return std::nullopt;
    }
    if (at > undefined_address / 4) break;
  }
  evidence.findings.add(no_signature, 0, 0, "no HDF5 signature at 0, 512, 1024, 2048, ...");
  return std::nullopt;
}

/// Reads one superblock; each step returns false when nothing after it can be believed.
class SuperblockCheck {
public:
  SuperblockCheck(const Source &source, std::uint64_t offset, Evidence &evidence)
      : source_(source), evidence_(evidence) {
    superblock_.offset = offset;
  }

  std::optional<Superblock> run() {
    std::optional<std::vector<std::uint8_t>> bytes =
        read_bytes(source_, superblock_.offset, longest_superblock, evidence_);
    if (!bytes) return std::nullopt;
    bytes_ = *bytes;
    if (bytes_.size() <= version_at) {
      cut(version_at + 1);
      return std::nullopt;
    }
    superblock_.version = bytes_[version_at];
    if (superblock_.version > newest_version) {
      finding(version, version_at, 1,
              fmt::format("superblock version {}; 0 to {} are defined", superblock_.version, newest_version));
      return std::nullopt;
    }
    const std::uint64_t fixed = superblock_.version < 2 ? sizeof(FixedFields0) : sizeof(FixedFields2);
    if (bytes_.size() < fixed) {
      cut(fixed);
      return std::nullopt;
    }
    const bool believable = (superblock_.version < 2 ? read_version_0_or_1() : read_version_2_or_3()) &&
                            check_driver() && check_flags() && check_end() && check_addresses();
    note_segment();
    if (!believable) return std::nullopt;
    return superblock_;
  }

private:
  void finding(const Rule &rule, std::uint64_t at, std::uint64_t length, std::string detail) {
    evidence_.findings.add(rule, superblock_.offset + at, length, std::move(detail));
  }

  void cut(std::uint64_t needed) {
    evidence_.findings.add(truncated, source_.size(), 0,
                           fmt::format("needs {} bytes for the superblock alone, has {}",
                                       superblock_.offset + needed, source_.size()));
  }

  bool check_sizes(std::uint64_t at) {
    for (std::uint8_t size : {superblock_.offset_size, superblock_.length_size}) {
      if (size == 2 || size == 4 || size == 8 || size == 16 || size == 32) continue;
      finding(sizes, at, 2, described_sizes());
      return false;
    }
    return true;
  }

  bool check_not_wide(std::uint64_t at) {
    if (superblock_.offset_size <= 8 && superblock_.length_size <= 8) return true;
    finding(wide_sizes, at, 2, described_sizes());
    return false;
  }

  std::string described_sizes() const {
    return fmt::format("offsets of {} bytes, lengths of {} bytes", superblock_.offset_size,
                       superblock_.length_size);
  }

  bool check_fixed_versions(const FixedFields0 &fields) {
    struct Field {
      std::uint64_t at;
      std::uint8_t value;
      const char *name;
    };
    for (const Field &field : {Field{9, fields.free_space_version, "free-space storage"},
                               Field{10, fields.root_entry_version, "root group symbol table entry"},
                               Field{12, fields.shared_header_version, "shared header message format"}}) {
      if (field.value == 0) continue;
      finding(version, field.at, 1, fmt::format("{} version {}; only 0 is defined", field.name, field.value));
      return false;
    }
    return true;
  }

  bool check_rank(std::uint64_t at, std::uint16_t rank, const char *name) {
    if (rank > 0) return true;
    finding(tree_rank, at, 2, fmt::format("{} is 0", name));
    return false;
  }

  void check_reserved(std::uint64_t at, std::uint64_t length, std::uint32_t value) {
    if (value != 0) finding(reserved, at, length, fmt::format("reserved bytes hold {:#x}", value));
  }

  bool read_version_0_or_1() {
    ByteReader reader(bytes_);
    const FixedFields0 fields = *reader.read<FixedFields0>();
    superblock_.offset_size = fields.offset_size;
    superblock_.length_size = fields.length_size;
    superblock_.flags = fields.flags;
    if (!check_fixed_versions(fields) || !check_sizes(13) || !check_not_wide(13)) return false;

    const bool has_chunk_tree = superblock_.version == 1;
    superblock_.length = sizeof(FixedFields0) + (has_chunk_tree ? sizeof(ChunkTreeFields) : 0) +
                         5 * std::uint64_t{superblock_.offset_size} + superblock_.length_size + sizeof(EntryFields);
    if (superblock_.length > bytes_.size()) {
      cut(superblock_.length);
      return false;
    }
    check_reserved(11, 1, fields.reserved_0);
    check_reserved(15, 1, fields.reserved_1);
    // libhdf5 keeps one byte of the flags and does not look at the rest.
    check_reserved(21, 3, fields.flags >> 8);
    if (!check_rank(16, fields.group_leaf_k, "Group Leaf Node K") ||
        !check_rank(18, fields.group_internal_k, "Group Internal Node K"))
      return false;
    superblock_.ranks.group_leaf = fields.group_leaf_k;
    superblock_.ranks.group_internal = fields.group_internal_k;
    if (has_chunk_tree) {
      const ChunkTreeFields tree = *reader.read<ChunkTreeFields>();
      check_reserved(26, 2, tree.reserved);
      if (!check_rank(24, tree.chunk_internal_k, "Indexed Storage Internal Node K")) return false;
      superblock_.ranks.chunk_internal = tree.chunk_internal_k;
    }
    superblock_.base_address = read_address(reader, superblock_.offset_size);
    superblock_.extension = read_address(reader, superblock_.offset_size);
    superblock_.end_of_file = read_address(reader, superblock_.offset_size);
    superblock_.driver = read_address(reader, superblock_.offset_size);
    return check_free_space_address(reader.offset() - 3 * superblock_.offset_size) && read_root_entry(reader);
  }

  // FMT II.A, version 0: this address "should be set to the undefined address". libhdf5 takes any other
  // for that of a superblock extension, and fails.
  bool check_free_space_address(std::uint64_t at) {
    if (superblock_.extension == undefined_address) return true;
    finding(
        extension, at, superblock_.offset_size,
        fmt::format("the address of free-space information is {:#x}, not undefined", superblock_.extension));
    return false;
  }

  bool read_root_entry(ByteReader &reader) {
    // Offset of the link's name: the root has none. FMT III.C gives it the size of offsets, libhdf5 that of lengths.
    read_address(reader, superblock_.length_size);
    superblock_.root = read_address(reader, superblock_.offset_size);
    const std::uint64_t at = reader.offset();
    const EntryFields entry = *reader.read<EntryFields>();
    check_reserved(at + 4, 4, entry.reserved);
    if (entry.cache_type <= 2) return true;
    finding(root_entry, at, 4,
            fmt::format("cache type {}; 0, 1 and 2 are defined", entry.cache_type.value()));
    return false;
  }

  bool read_version_2_or_3() {
    ByteReader reader(bytes_);
    const FixedFields2 fields = *reader.read<FixedFields2>();
    superblock_.offset_size = fields.offset_size;
    superblock_.length_size = fields.length_size;
    superblock_.flags = fields.flags;
    if (!check_sizes(9)) return false;
    const std::uint64_t covered = sizeof(FixedFields2) + 4 * std::uint64_t{superblock_.offset_size};
    superblock_.length = covered + sizeof(le32);
    if (superblock_.length > bytes_.size()) {
      cut(superblock_.length);
      return false;
    }
    superblock_.base_address = read_address(reader, superblock_.offset_size);
    superblock_.extension = read_address(reader, superblock_.offset_size);
    superblock_.end_of_file = read_address(reader, superblock_.offset_size);
    superblock_.root = read_address(reader, superblock_.offset_size);
    const std::uint32_t stored = *reader.read<le32>();
    const std::uint32_t computed = lookup3(Bytes(bytes_).first(covered));
    if (stored == computed) return check_not_wide(9);
    finding(bad_checksum, 0, superblock_.length,
            fmt::format("stored {:08x}, computed {:08x}", stored, computed));
    return false;
  }

  std::uint64_t flags_at() const { return superblock_.version < 2 ? 20 : 11; }

  bool check_flags() {
    constexpr std::uint32_t open_for_writing = 1, open_for_swmr = 4, defined = 7;
    const std::uint32_t flags = superblock_.flags & 0xff;
    if ((flags & ~defined) != 0) {
      finding(bad_flags, flags_at(), 1,
              fmt::format("file consistency flags {:#04x}; {:#04x} are defined", flags, defined));
      return false;
    }
    // Before version 3 libhdf5 neither keeps nor heeds them, and files of 1.6 and 1.8 have them at random.
    if (superblock_.version < 3 || (flags & (open_for_writing | open_for_swmr)) == 0) return true;
    finding(left_open, flags_at(), 1,
            fmt::format("file consistency flags {:#04x}: {}", flags,
                        (flags & open_for_swmr) != 0
                            ? "a writer that allows readers (SWMR) did not close the file"
                            : "its writer did not close the file"));
    return false;
  }

  // FMT II.B. Asked before the length of the file: a member of a set is shorter than the set.
  bool check_driver() {
    if (superblock_.driver == undefined_address) return true;
    const std::uint64_t at = absolute(superblock_.driver);
    std::optional<std::vector<std::uint8_t>> bytes = read_bytes(source_, at, sizeof(DriverBlock), evidence_);
    if (!bytes) return false;
    std::optional<DriverBlock> block = ByteReader(*bytes).read<DriverBlock>();
    if (!block) {
      finding(stray_driver, 0, superblock_.length,
              fmt::format("driver information at {:#x}, past the end of the file", superblock_.driver));
      return true;
    }
    if (block->version != 0) {
      evidence_.findings.add(bad_driver, at, 1, fmt::format("version {}; only 0 is defined", block->version));
      return false;
    }
    const std::string_view name(block->identification, sizeof block->identification);
    if (name.substr(0, 4) != "NCSA")
      return true; // libhdf5's single-file drivers write none, and ignore others
    evidence_.findings.add(part_of_set, at, sizeof(DriverBlock), fmt::format("driver {}", name));
    return false;
  }

  // Saturates: an address that would wrap is past any end.
  std::uint64_t absolute(std::uint64_t address) const {
    return address > undefined_address - superblock_.offset ? undefined_address
                                                            : superblock_.offset + address;
  }

  bool check_end() {
    const std::uint64_t base = superblock_.base_address, stored_end = superblock_.end_of_file;
    const std::uint64_t base_at =
        superblock_.version < 2 ? superblock_.length - sizeof(EntryFields) - 6 * superblock_.offset_size : 12;
    const std::uint64_t end_at = base_at + 2 * std::uint64_t{superblock_.offset_size};
    const std::uint64_t size = source_.size();
    if (base > stored_end) {
      finding(base_address, base_at, superblock_.offset_size,
              fmt::format("base address {} lies past the end-of-file address {}", base, stored_end));
      return false;
    }
    // libhdf5 (H5F__super_read) moves the end with the superblock when the base address is not its place.
    superblock_.end = absolute(stored_end - base);
    if (base != superblock_.offset) {
      if (superblock_.end != size && stored_end == size) {
        finding(base_address, base_at, superblock_.offset_size,
                fmt::format("base address {}, but the superblock lies at {} and the file ends where it says",
                            base, superblock_.offset));
        return false;
      }
      finding(moved, base_at, superblock_.offset_size,
              fmt::format("base address {}, but the superblock lies at {}", base, superblock_.offset));
    }
    if (superblock_.end > size) {
      finding(
          truncated, end_at, superblock_.offset_size,
          fmt::format("needs {} bytes, has {} ({} missing)", superblock_.end, size, superblock_.end - size));
      return false;
    }
    if (superblock_.end < size) check_trailing();
    return true;
  }

  void check_trailing() {
    constexpr std::uint64_t looked_at = 64 * 1024;
    const std::uint64_t extra = source_.size() - superblock_.end;
    std::optional<std::vector<std::uint8_t>> bytes =
        read_bytes(source_, superblock_.end, std::min(extra, looked_at), evidence_);
    if (!bytes) return;
    const bool empty_bytes = extra <= looked_at && std::ranges::all_of(*bytes, [](std::uint8_t byte) {
                               return byte == 0 || byte == '\n' || byte == '\r';
                             });
    evidence_.findings.add(empty_bytes ? padding : trailing, superblock_.end, extra,
                           fmt::format("{} bytes after the end of the HDF5 data", extra));
  }

  bool inside(std::uint64_t address) const { return absolute(address) < superblock_.end; }

  bool check_addresses() {
    if (!inside(superblock_.root)) {
      finding(root_address, 0, superblock_.length,
              fmt::format("root group at {:#x}, the file ends at {:#x}", superblock_.root, superblock_.end));
      return false;
    }
    if (superblock_.extension != undefined_address && !inside(superblock_.extension)) {
      finding(extension, 20, superblock_.offset_size,
              fmt::format("superblock extension at {:#x}, the file ends at {:#x}", superblock_.extension,
                          superblock_.end));
      return false;
    }
    return true;
  }

  void note_segment() {
    if (evidence_.outline == nullptr) return;
    if (superblock_.offset > 0) evidence_.outline->add(0, 0, superblock_.offset, "user block");
    evidence_.outline->add(0, superblock_.offset, superblock_.length, "superblock",
                           fmt::format("version {}, {}-byte offsets, end of file at {}", superblock_.version,
                                       superblock_.offset_size, superblock_.end_of_file));
  }

  const Source &source_;
  Evidence &evidence_;
  std::vector<std::uint8_t> bytes_;
  Superblock superblock_;
};

} // namespace

std::optional<Superblock> examine_superblock(const Source &source, Evidence &evidence) {
  std::optional<std::uint64_t> offset = find_signature(source, evidence);
  if (!offset) return std::nullopt;
  return SuperblockCheck(source, *offset, evidence).run();
}

} // namespace datavet::hdf5
