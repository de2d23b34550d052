#include "formats/hdf5/metadata/fractal_heap.h"

#include <algorithm>
#include <bit>
#include <string>

#include <fmt/format.h>

#include "formats/bytes/endian.h"
#include "formats/checksum/lookup3.h"
#include "formats/hdf5/metadata/btree_v2.h"
#include "formats/hdf5/metadata/rules.h"

namespace datavet::hdf5 {

namespace {

constexpr std::string_view header_name = "fractal heap", direct_name = "fractal heap direct block",
                           indirect_name = "fractal heap indirect block";

constexpr std::uint8_t checksums_direct = 0x02; // FMT III.G, Flags
constexpr std::uint8_t huge_tree_type = 1;      // FMT III.A.2: indirectly accessed, not filtered

// FMT III.G, heap IDs: version in bits 6 and 7, type in bits 4 and 5.
enum class IdType : std::uint8_t { managed, huge, tiny, reserved };
constexpr std::uint64_t longest_short_tiny = 16;

unsigned log2_of(std::uint64_t power) { return static_cast<unsigned>(std::bit_width(power)) - 1; }

} // namespace

/// FMT III.A.2, record type 1: where the huge objects lie, by their number.
class FractalHeap::HugeObjects final : public RecordSink {
public:
  HugeObjects(FractalHeap &heap, std::unordered_map<std::uint64_t, Huge> &found)
      : heap_(heap), found_(found) {}
  bool record(Bytes record, std::uint64_t) override {
    Fields fields(record, heap_.survey_.space);
    const std::uint64_t address = fields.address(), size = fields.length(), number = fields.length();
    constexpr std::uint64_t taken = 64; // by an entry of the map
    heap_.held_ += taken;
    found_.emplace(number, Huge{address, size});
    return heap_.survey_.hold(taken);
  }

private:
  FractalHeap &heap_;
  std::unordered_map<std::uint64_t, Huge> &found_;
};

FractalHeap::~FractalHeap() { survey_.give_back(held_); }

bool FractalHeap::bad(std::uint64_t at, std::string_view detail) {
  survey_.find(bad_fractal_heap, at, 0, detail);
  return false;
}

bool FractalHeap::open(std::uint64_t address) {
  address_ = address;
  const unsigned offset_size = survey_.space.offset_size(), length_size = survey_.space.length_size();
  std::uint64_t length = 4 + 1 + 2 + 2 + 1 + 4 + 12 * length_size + 3 * offset_size + 2 + 2 + 2 + 2 + 4;
  std::optional<Bytes> bytes = survey_.read(address, length, header_name);
  if (!bytes || !survey_.has_signature(*bytes, "FRHP", address, header_name)) return false;
  Fields filters(bytes->subspan(7), survey_.space);
  filters_size_ = filters.u16();
  if (filters_size_ > 0) { // the size of the filtered root, its mask, and a filter pipeline message
    length += length_size + 4 + filters_size_;
    bytes = survey_.read(address, length, header_name);
    if (!bytes) return false;
  }
  if (!survey_.has_checksum(*bytes, address, header_name) || !read_header(*bytes)) return false;
  if (!survey_.claim(address, length, header_name)) {
    survey_.find(structure_overlap, address, length,
                 fmt::format("the fractal heap at address {} belongs to two objects", address));
    return false;
  }
  survey_.segment(1, address, length, std::string(header_name),
                  fmt::format("blocks of {} to {} bytes, {} a row", start_size_, most_direct_, width_));
  if (filters_size_ > 0) {
    survey_.unknown(address, "a fractal heap whose blocks are filtered");
    return false;
  }
  if (!lay_out()) return false;
  if (root_ == undefined_address) return true; // nothing in it yet
  lost_blocks_ = root_rows_ == 0 ? !read_direct(root_, 0, start_size_) : !read_indirect(root_, 0, root_rows_);
  return true;
}

bool FractalHeap::read_header(Bytes bytes) {
  Fields fields(bytes, survey_.space);
  fields.skip(4);
  const unsigned version = fields.u8();
  if (version != 0) {
    survey_.find(structure_version, address_ + 4, 1, fmt::format("fractal heap of version {}", version));
    return false;
  }
  id_size_ = fields.u16();
  fields.skip(2); // filters_size_
  flags_ = fields.u8();
  most_managed_ = fields.u32();
  fields.length(); // next huge ID
  huge_tree_ = fields.address();
  fields.length();                                  // free space
  fields.address();                                 // its manager
  for (unsigned i = 0; i < 8; ++i) fields.length(); // sizes and counts of the three kinds of objects
  width_ = fields.u16();
  start_size_ = fields.length();
  most_direct_ = fields.length();
  heap_bits_ = fields.u16();
  fields.u16(); // rows that the root indirect block began with
  root_ = fields.address();
  root_rows_ = fields.u16();
  return fields.ok();
}

// FMT III.G, the doubling table: the first two rows have blocks of the starting size, each row after that of
// twice the size of the row before.
bool FractalHeap::lay_out() {
  const bool powers =
      std::has_single_bit(width_) && std::has_single_bit(start_size_) && std::has_single_bit(most_direct_);
  if (!powers || most_direct_ < start_size_ || heap_bits_ == 0 || heap_bits_ > 64 ||
      most_direct_ > UINT32_MAX)
    return bad(address_, fmt::format("a table of {} blocks a row, of {} to {} bytes, in a heap of {} bits",
                                     width_, start_size_, most_direct_, heap_bits_));
  first_row_bits_ = log2_of(start_size_) + log2_of(width_);
  direct_rows_ = log2_of(most_direct_) - log2_of(start_size_) + 2;
  if (first_row_bits_ > heap_bits_ || root_rows_ > heap_bits_ - first_row_bits_ + 1)
    return bad(address_, fmt::format("a root block of {} rows in a heap of {} bits", root_rows_, heap_bits_));
  offset_width_ = (heap_bits_ + 7u) / 8;
  const unsigned direct_width = (log2_of(most_direct_) + 7) / 8;
  const unsigned managed_width =
      (static_cast<unsigned>(std::bit_width(std::max(most_managed_, 1u))) - 1) / 8 + 1;
  length_width_ = std::min(direct_width, managed_width);
  direct_overhead_ =
      5 + survey_.space.offset_size() + offset_width_ + ((flags_ & checksums_direct) != 0 ? 4 : 0);
  if (id_size_ < 1 + offset_width_ + length_width_) // libhdf5: heap ID length too small
    return bad(address_, fmt::format("heap IDs of {} bytes", id_size_));
  if (start_size_ <= direct_overhead_) return bad(address_, fmt::format("blocks of {} bytes", start_size_));
  return true;
}

// What both kinds of blocks begin with: version, the heap they belong to, their place in it.
bool FractalHeap::begins_well(Fields &fields, std::uint64_t address, std::uint64_t offset,
                              std::string_view what) {
  fields.skip(4);
  const unsigned version = fields.u8();
  const std::uint64_t heap = fields.address(), place = fields.number(offset_width_);
  if (version != 0) {
    survey_.find(structure_version, address + 4, 1, fmt::format("{} of version {}", what, version));
    return false;
  }
  if (heap != address_)
    return bad(address, fmt::format("{} of the heap at address {}, not {}", what, heap, address_));
  if (place != offset)
    return bad(address, fmt::format("{} of offset {} in the heap, not {}", what, place, offset));
  return true;
}

bool FractalHeap::checksum_of_direct_holds(Bytes bytes, std::uint64_t address, std::uint64_t at) {
  if ((flags_ & checksums_direct) == 0 || !survey_.wants_checksums()) return true;
  Fields fields(bytes.subspan(at), survey_.space);
  const std::uint32_t stored = fields.u32();
  std::vector<std::uint8_t> block(bytes.begin(), bytes.end());
  std::fill_n(block.begin() + static_cast<std::ptrdiff_t>(at), 4,
              std::uint8_t{0}); // covered as if it were zero
  const std::uint32_t computed = lookup3(block);
  if (stored == computed) return true;
  survey_.find(structure_checksum, address, bytes.size(),
               fmt::format("{}: stored {:08x}, computed {:08x}", direct_name, stored, computed));
  return false;
}

// FMT III.G, Direct Block
bool FractalHeap::read_direct(std::uint64_t address, std::uint64_t offset, std::uint64_t size) {
  const std::optional<Bytes> bytes = survey_.read(address, size, direct_name);
  if (!bytes || !survey_.has_signature(*bytes, "FHDB", address, direct_name)) return false;
  Fields fields(*bytes, survey_.space);
  if (!checksum_of_direct_holds(*bytes, address, direct_overhead_ - 4)) return false;
  if (!begins_well(fields, address, offset, direct_name)) return false;
  if (!survey_.claim(address, size, direct_name)) {
    survey_.find(structure_overlap, address, size,
                 fmt::format("the direct block at address {} stands twice in its heap", address));
    return false;
  }
  survey_.segment(2, address, size, std::string(direct_name), fmt::format("offset {}", offset));
  constexpr std::uint64_t taken = 2 * sizeof(Block);
  held_ += taken;
  if (survey_.hold(taken)) blocks_.push_back({offset, size, address});
  return true;
}

// FMT III.G, Indirect Block. Recursion is bounded: a block in the table of another has fewer rows.
bool FractalHeap::read_indirect(std::uint64_t address, std::uint64_t offset, unsigned rows) {
  const std::uint64_t entries = std::uint64_t{rows} * width_;
  const std::uint64_t length =
      5 + survey_.space.offset_size() + offset_width_ + entries * survey_.space.offset_size() + 4;
  const std::optional<Bytes> bytes = survey_.read(address, length, indirect_name);
  if (!bytes || !survey_.has_signature(*bytes, "FHIB", address, indirect_name) ||
      !survey_.has_checksum(*bytes, address, indirect_name))
    return false;
  Fields fields(*bytes, survey_.space);
  if (!begins_well(fields, address, offset, indirect_name)) return false;
  if (!survey_.claim(address, length, indirect_name)) {
    survey_.find(structure_loop, address, length,
                 fmt::format("the indirect block at address {} stands twice in its heap", address));
    return false;
  }
  survey_.segment(2, address, length, std::string(indirect_name),
                  fmt::format("offset {}, {} rows", offset, rows));
  const bool room = survey_.hold(8 * entries);
  const bool whole = room && read_children(fields, address, offset, rows);
  survey_.give_back(8 * entries);
  return whole;
}

bool FractalHeap::read_children(Fields fields, std::uint64_t address, std::uint64_t offset, unsigned rows) {
  const std::uint64_t entries = std::uint64_t{rows} * width_;
  bool whole = true;
  std::vector<std::uint64_t> children;
  for (std::uint64_t i = 0; i < entries; ++i) children.push_back(fields.address());
  std::uint64_t place = offset;
  for (std::uint64_t i = 0; i < entries && !survey_.stopped(); ++i) {
    const unsigned row = static_cast<unsigned>(i / width_);
    const std::uint64_t size = row_size(row);
    if (children[i] != undefined_address) {
      if (row < direct_rows_)
        whole = read_direct(children[i], place, size) && whole;
      else if (log2_of(size) < first_row_bits_ || log2_of(size) - first_row_bits_ + 1 >= rows)
        whole = bad(address, fmt::format("an indirect block of {} bytes in row {} of {}", size, row, rows));
      else
        whole = read_indirect(children[i], place, log2_of(size) - first_row_bits_ + 1) && whole;
    }
    place += size;
  }
  return whole;
}

std::uint64_t FractalHeap::place_of(Bytes id) const {
  if (id.size() < 1 + offset_width_ || ((id[0] >> 4) & 3) != 0) return 0;
  Fields fields(id.subspan(1), survey_.space);
  return fields.number(offset_width_);
}

std::optional<FractalHeap::Object> FractalHeap::object(Bytes id) {
  if (id.empty() || id.size() < id_size_ || (id[0] & 0xc0) != 0) {
    bad(address_,
        fmt::format("a heap ID of {} bytes that begins with {:#04x}", id.size(), id.empty() ? 0 : id[0]));
    return std::nullopt;
  }
  switch (static_cast<IdType>((id[0] >> 4) & 3)) {
  case IdType::managed: return managed(id);
  case IdType::huge: return huge(id);
  case IdType::tiny: return tiny(id);
  case IdType::reserved: break;
  }
  bad(address_, "a heap ID of an undefined type");
  return std::nullopt;
}

std::optional<FractalHeap::Object> FractalHeap::managed(Bytes id) {
  Fields fields(id.subspan(1), survey_.space);
  const std::uint64_t offset = fields.number(offset_width_), length = fields.number(length_width_);
  auto block = std::ranges::upper_bound(blocks_, offset, {}, &Block::offset);
  if (block != blocks_.begin()) --block;
  const bool inside =
      block != blocks_.end() && offset >= block->offset && offset - block->offset < block->size &&
      length <= block->size - (offset - block->offset) && offset - block->offset >= direct_overhead_;
  if (!inside && lost_blocks_) return std::nullopt;
  if (!fields.ok() || !inside || length == 0) {
    bad(address_, fmt::format("an object of {} bytes at offset {}, where no block of the heap holds it",
                              length, offset));
    return std::nullopt;
  }
  const std::uint64_t address = block->address + (offset - block->offset);
  const std::optional<Bytes> bytes = survey_.read(address, length, "object of a fractal heap");
  if (!bytes) return std::nullopt;
  return Object{*bytes, address};
}

bool FractalHeap::list_huge() {
  if (huge_) return true;
  huge_.emplace();
  HugeObjects sink(*this, *huge_);
  const std::uint16_t record =
      static_cast<std::uint16_t>(survey_.space.offset_size() + 2 * survey_.space.length_size());
  return walk_btree_v2(survey_, huge_tree_, huge_tree_type, record, sink);
}

std::optional<FractalHeap::Object> FractalHeap::huge(Bytes id) {
  Fields fields(id.subspan(1, id_size_ - 1u), survey_.space);
  Huge where{};
  if (survey_.space.offset_size() + survey_.space.length_size() <= id_size_ - 1u) { // the ID says it itself
    where.address = fields.address();
    where.size = fields.length();
  } else {
    const std::uint64_t number = fields.number(std::min(id_size_ - 1u, 8u));
    list_huge(); // what is wrong with it is a finding
    const auto found = huge_->find(number);
    if (found == huge_->end()) {
      bad(address_, fmt::format("no huge object of number {}", number));
      return std::nullopt;
    }
    where = found->second;
  }
  survey_.claim(where.address, where.size, "huge object of a fractal heap");
  const std::optional<Bytes> bytes = survey_.read(where.address, where.size, "huge object of a fractal heap");
  if (!bytes) return std::nullopt;
  return Object{*bytes, where.address};
}

// FMT III.G: with IDs that hold more than 16 bytes, the length takes 12 bits instead of four.
std::optional<FractalHeap::Object> FractalHeap::tiny(Bytes id) {
  const bool extended = id_size_ - 1u > longest_short_tiny + 1;
  const std::uint64_t head = extended ? 2 : 1;
  const std::uint64_t length = 1 + (extended ? ((id[0] & 0x0fu) << 8 | id[1]) : (id[0] & 0x0fu));
  if (length > id_size_ - head) {
    bad(address_, fmt::format("a tiny object of {} bytes in an ID of {}", length, id_size_));
    return std::nullopt;
  }
  return Object{id.subspan(head, length), 0};
}

} // namespace datavet::hdf5
