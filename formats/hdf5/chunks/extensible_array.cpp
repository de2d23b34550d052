// Extensible arrays: FMT VII.D. A header (EAHD) names an index block (EAIB), which holds the first few
// elements, the addresses of the first data blocks (EADB), and those of secondary blocks (EASB), which hold
// addresses of more data blocks. Data blocks grow by powers of two: super block s has 2^(s/2) of them with
// min * 2^((s+1)/2) elements each. Large ones lie in pages with a checksum each; the secondary block says
// which pages were ever written.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "formats/hdf5/chunks/index_walk.h"

namespace datavet::hdf5 {

namespace {

constexpr unsigned sum_bytes = 4;

class ExtensibleArray {
public:
  explicit ExtensibleArray(IndexWalk &walk) : walk_(walk), offset_(walk.offset_size()) {}

  void run() {
    if (!read_header() || index_block_ == undefined_address) return;
    list_index_block();
  }

private:
  /// The data blocks of one super block. H5EA__hdr_init.
  struct SuperBlock {
    std::uint64_t blocks = 0, elements = 0; ///< elements of each block
    std::uint64_t first = 0;                ///< number of the first element, behind those of the index block
    std::uint64_t first_block = 0;          ///< number of the first data block
  };

  bool read_header() {
    const unsigned length = walk_.length_size();
    const std::uint64_t size = 12 + 6 * length + offset_ + sum_bytes;
    header_ = walk_.dataset.storage.address;
    client_ = walk_.dataset.filters.empty() ? 0 : 1;
    const std::optional<Bytes> bytes = walk_.read(header_, size, "extensible array header");
    if (!bytes || !walk_.begins(*bytes, header_, "EAHD", client_) ||
        !walk_.checksum_holds(*bytes, header_, "extensible array header"))
      return false;
    const std::uint8_t *at = bytes->data();
    const unsigned element_bytes = at[6];
    most_bits_ = at[7];
    in_index_ = at[8];
    least_elements_ = at[9];
    least_pointers_ = at[10];
    page_bits_ = at[11];
    used_ =
        little_endian(at + 12 + 4 * length, length); // Max Index Set: one more than the largest number set
    index_block_ = stored_address(at + 12 + 6 * length, offset_);
    element_ = ArrayElement::make(walk_, header_, element_bytes);
    if (!element_) return false;
    if (measure()) return true;
    walk_.complain(
        index_structure, header_, size,
        fmt::format(
            "an extensible array of up to 2^{} elements, {} in the index block, blocks of {} and more, "
            "{} pointers and more, pages of 2^{}",
            most_bits_, in_index_, least_elements_, least_pointers_, page_bits_));
    return false;
  }

  // H5EA__hdr_create and the assertions of H5EA__hdr_init: powers of two that fit into each other.
  bool measure() {
    const auto power_of_two = [](unsigned number) { return number != 0 && (number & (number - 1)) == 0; };
    if (most_bits_ == 0 || most_bits_ > 64 || page_bits_ == 0 || page_bits_ > most_bits_ || in_index_ == 0 ||
        !power_of_two(least_elements_) || !power_of_two(least_pointers_) || least_pointers_ < 2 ||
        log2_floor(least_elements_) > most_bits_)
      return false;
    const unsigned count = 1 + most_bits_ - log2_floor(least_elements_);
    std::uint64_t first = 0, first_block = 0;
    for (unsigned i = 0; i < count; ++i) {
      SuperBlock super;
      super.blocks = std::uint64_t{1} << (i / 2);
      super.elements = saturating_product(std::uint64_t{1} << ((i + 1) / 2), least_elements_);
      super.first = first;
      super.first_block = first_block;
      first_block += super.blocks;
      super_blocks_.push_back(super);
      const std::uint64_t all = saturating_product(super.blocks, super.elements);
      first = all > countless - first ? countless : first + all;
    }
    in_index_supers_ = 2 * log2_floor(least_pointers_);
    return in_index_supers_ <= count;
  }

  unsigned place_bytes() const { return (most_bits_ + 7) / 8; } // of the block offset in blocks
  bool is_paged(const SuperBlock &super) const { return super.elements > (std::uint64_t{1} << page_bits_); }

  // Signature, version, client, address of the header, and where blocks have one their place in the array.
  bool begins(Bytes block, std::uint64_t address, std::string_view name) {
    if (!walk_.begins(block, address, name, client_)) return false;
    if (stored_address(block.data() + 6, offset_) == header_) return true;
    walk_.complain(index_signature, address, block.size(), fmt::format("{} of another header", name));
    return false;
  }
  /// `also`: what libhdf5 stores instead in data blocks that the index block names. H5EA__lookup_elmt counts
  /// the blocks from the start of the index block there, not of the super block.
  bool stands_at(Bytes block, std::uint64_t address, std::uint64_t place, std::uint64_t also) {
    const std::uint64_t stored = little_endian(block.data() + 6 + offset_, place_bytes());
    if (stored == place || stored == also) return true;
    walk_.complain(index_structure, address, block.size(),
                   fmt::format("a block of elements from {}, expected from {}", stored, place));
    return false;
  }

  void list_index_block() {
    // Bounded: at most 255 elements, 2 * 254 + 64 addresses.
    const std::uint64_t direct = 2 * (std::uint64_t{least_pointers_} - 1);
    const std::uint64_t indirect = super_blocks_.size() - in_index_supers_;
    const std::uint64_t elements_at = 6 + offset_, blocks_at = elements_at + in_index_ * element_->size();
    const std::uint64_t size = blocks_at + (direct + indirect) * offset_ + sum_bytes;
    const std::optional<Bytes> bytes = walk_.read(index_block_, size, "extensible array index block");
    if (!bytes || !begins(*bytes, index_block_, "EAIB") ||
        !walk_.checksum_holds(*bytes, index_block_, "extensible array index block"))
      return;
    const std::vector<std::uint8_t> block(bytes->begin(), bytes->end()); // the bytes go with the next read
    list_elements(walk_, *element_, Bytes(block).subspan(elements_at), 0,
                  std::min<std::uint64_t>(in_index_, used_));

    const std::uint8_t *pointer = block.data() + blocks_at;
    for (unsigned s = 0; s < in_index_supers_; ++s)
      for (std::uint64_t b = 0; b < super_blocks_[s].blocks; ++b, pointer += offset_)
        list_data_block(stored_address(pointer, offset_), super_blocks_[s], b, nullptr);
    for (std::size_t s = in_index_supers_; s < super_blocks_.size(); ++s, pointer += offset_)
      list_secondary_block(stored_address(pointer, offset_), super_blocks_[s]);
  }

  // True when elements from there on were ever set.
  bool is_used(std::uint64_t first) const {
    return first != countless && used_ > in_index_ && first < used_ - in_index_;
  }

  void list_secondary_block(std::uint64_t address, const SuperBlock &super) {
    if (address == undefined_address || !is_used(super.first)) return;
    set_rows(walk_, in_index_ + super.first, 1);
    walk_.end_row = countless;
    const std::uint64_t bitmap = is_paged(super) ? saturating_product(super.blocks, bitmap_bytes(super)) : 0;
    const std::uint64_t pointers = saturating_product(super.blocks, offset_);
    const std::uint64_t bitmap_at = 6 + offset_ + place_bytes();
    if (bitmap > AddressSpace::most || pointers > AddressSpace::most)
      return too_large(address, std::max(bitmap, pointers), "extensible array secondary block");
    const std::optional<Bytes> bytes =
        walk_.read(address, bitmap_at + bitmap + pointers + sum_bytes, "extensible array secondary block");
    if (!bytes || !begins(*bytes, address, "EASB") ||
        !walk_.checksum_holds(*bytes, address, "extensible array secondary block") ||
        !stands_at(*bytes, address, super.first, super.first))
      return;
    const std::vector<std::uint8_t> block(bytes->begin(), bytes->end());
    for (std::uint64_t b = 0; b < super.blocks; ++b)
      list_data_block(stored_address(block.data() + bitmap_at + bitmap + b * offset_, offset_), super, b,
                      block.data() + bitmap_at);
  }

  std::uint64_t pages(const SuperBlock &super) const { return super.elements >> page_bits_; }
  std::uint64_t bitmap_bytes(const SuperBlock &super) const {
    return (pages(super) + 7) / 8;
  } // of one data block

  /// `written`: the bitmap of the secondary block, null for data blocks that the index block names.
  void list_data_block(std::uint64_t address, const SuperBlock &super, std::uint64_t number,
                       const std::uint8_t *written) {
    const std::uint64_t place = super.first + number * super.elements;
    if (address == undefined_address || !is_used(place)) return;
    set_rows(walk_, in_index_ + place, std::min(super.elements, used_ - in_index_ - place));
    if (super.elements > AddressSpace::most * 8)
      return too_large(address, super.elements, "extensible array data block");
    const std::uint64_t head = 6 + offset_ + place_bytes();
    const bool paged = is_paged(super);
    const std::uint64_t size = head + (paged ? 0 : super.elements * element_->size()) + sum_bytes;
    const std::optional<Bytes> bytes = walk_.read(address, size, "extensible array data block");
    if (!bytes || !begins(*bytes, address, "EADB") ||
        !walk_.checksum_holds(*bytes, address, "extensible array data block") ||
        !stands_at(*bytes, address, place,
                   written != nullptr ? place : super.first + (super.first_block + number) * super.elements))
      return;
    if (!paged) return list(bytes->subspan(head), place, super.elements);
    if (written == nullptr) // libhdf5 has no pages there either
      return walk_.complain(index_structure, address, size,
                            "pages in a data block that the index block names");
    const std::uint64_t page = std::uint64_t{1} << page_bits_,
                        page_size = page * element_->size() + sum_bytes;
    for (std::uint64_t p = 0; p < pages(super); ++p) {
      const std::uint64_t bit =
          number * pages(super) + p; // H5EA__lookup_elmt: counted over the whole super block
      if (!is_used(place + p * page)) return;
      if ((written[bit / 8] & (0x80 >> (bit % 8))) == 0) continue; // H5VM_bit_get
      list_page(address + size + p * page_size, page_size, place + p * page, page);
    }
  }

  void list_page(std::uint64_t at, std::uint64_t size, std::uint64_t first, std::uint64_t count) {
    set_rows(walk_, in_index_ + first, std::min(count, used_ - in_index_ - first));
    const std::optional<Bytes> bytes = walk_.read(at, size, "extensible array page");
    if (bytes && walk_.checksum_holds(*bytes, at, "extensible array page")) list(*bytes, first, count);
  }

  void list(Bytes elements, std::uint64_t first, std::uint64_t count) {
    list_elements(walk_, *element_, elements, in_index_ + first, std::min(count, used_ - in_index_ - first));
  }

  void too_large(std::uint64_t address, std::uint64_t least, std::string_view what) {
    const bool inside = walk_.space.holds(address, least);
    walk_.complain(inside ? index_limit : index_outside, address, 0,
                   fmt::format("{} of {} bytes and more at address {}", what, least, address));
  }

  IndexWalk &walk_;
  const unsigned offset_;
  std::uint64_t header_ = 0, index_block_ = 0, used_ = 0;
  unsigned client_ = 0, most_bits_ = 0, in_index_ = 0, least_elements_ = 0, least_pointers_ = 0,
           page_bits_ = 0;
  unsigned in_index_supers_ = 0; ///< super blocks whose data blocks the index block names itself
  std::vector<SuperBlock> super_blocks_;
  std::optional<ArrayElement> element_;
};

} // namespace

void walk_extensible_array(IndexWalk &walk) { ExtensibleArray(walk).run(); }

} // namespace datavet::hdf5
