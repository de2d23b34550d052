// Fixed arrays: FMT VII.C. A header (FAHD) names one data block (FADB), which holds an element for every
// chunk that there can be: in one piece with a checksum, or, when they are many, in pages with a checksum
// each and a bit each that says whether the page was ever written.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "formats/hdf5/chunks/index_walk.h"

namespace datavet::hdf5 {

namespace {

class FixedArray {
public:
  explicit FixedArray(IndexWalk &walk) : walk_(walk) {}

  void run() {
    const unsigned offset = walk_.offset_size(), length = walk_.length_size();
    const std::uint64_t size = 12 + length + offset;
    header_ = walk_.dataset.storage.address;
    const std::optional<Bytes> bytes = walk_.read(header_, size, "fixed array header");
    if (!bytes) return;
    client_ = walk_.dataset.filters.empty() ? 0 : 1;
    if (!walk_.begins(*bytes, header_, "FAHD", client_) ||
        !walk_.checksum_holds(*bytes, header_, "fixed array header"))
      return;
    const std::uint8_t *at = bytes->data();
    const unsigned element_bytes = at[6], page_bits = at[7];
    elements_ = little_endian(at + 8, length);
    block_ = stored_address(at + 8 + length, offset);
    element_ = ArrayElement::make(walk_, header_, element_bytes);
    if (!element_) return;
    if (page_bits > 63 || elements_ < walk_.grid.numbers())
      return walk_.complain(
          index_structure, header_, size,
          fmt::format("a fixed array of {} elements in pages of 2^{}, the dataset has {} chunks", elements_,
                      page_bits, walk_.grid.count()));
    if (block_ == undefined_address) return; // no chunk was ever written
    page_ = std::uint64_t{1} << page_bits;
    if (elements_ > page_)
      list_pages();
    else
      list_block();
  }

private:
  std::uint64_t head() const { return 6 + walk_.offset_size(); }

  // Signature, version, client, address of the header.
  bool begins(Bytes block) {
    if (!walk_.begins(block, block_, "FADB", client_)) return false;
    if (stored_address(block.data() + 6, walk_.offset_size()) == header_) return true;
    walk_.complain(index_signature, block_, block.size(), "a fixed array data block of another header");
    return false;
  }

  void list_block() {
    const std::uint64_t size =
        head() + elements_ * element_->size() + 4; // elements_ <= page_: but up to 2^63
    if (elements_ > AddressSpace::most) return too_large();
    const std::optional<Bytes> block = walk_.read(block_, size, "fixed array data block");
    if (!block || !begins(*block) || !walk_.checksum_holds(*block, block_, "fixed array data block")) return;
    list_elements(walk_, *element_, block->subspan(head()), 0, elements_);
  }

  void list_pages() {
    const std::uint64_t pages = (elements_ - 1) / page_ + 1, bitmap = (pages - 1) / 8 + 1;
    const std::uint64_t size = head() + bitmap + 4;
    if (pages > 8 * AddressSpace::most || page_ > AddressSpace::most) return too_large();
    const std::optional<Bytes> block = walk_.read(block_, size, "fixed array data block");
    if (!block || !begins(*block) || !walk_.checksum_holds(*block, block_, "fixed array data block")) return;
    const std::vector<std::uint8_t> written(block->begin() + static_cast<std::ptrdiff_t>(head()),
                                            block->begin() + static_cast<std::ptrdiff_t>(head() + bitmap));
    std::uint64_t at = block_ + size;
    for (std::uint64_t page = 0; page < pages; ++page) {
      const std::uint64_t count = std::min(page_, elements_ - page * page_),
                          bytes = count * element_->size() + 4;
      if ((written[page / 8] & (0x80 >> (page % 8))) != 0)
        list_page(at, bytes, page * page_, count); // H5VM_bit_get
      at += bytes;
    }
  }

  void list_page(std::uint64_t at, std::uint64_t bytes, std::uint64_t first, std::uint64_t count) {
    set_rows(walk_, first, count);
    const std::optional<Bytes> page = walk_.read(at, bytes, "fixed array page");
    if (page && walk_.checksum_holds(*page, at, "fixed array page"))
      list_elements(walk_, *element_, *page, first, count);
  }

  void too_large() {
    if (!walk_.space.holds(block_, elements_)) // each has more than one byte
      walk_.complain(index_outside, block_, 0, fmt::format("a fixed array of {} elements", elements_));
    else
      walk_.complain(index_limit, block_, 0, fmt::format("a fixed array of {} elements", elements_));
  }

  IndexWalk &walk_;
  unsigned client_ = 0;
  std::uint64_t header_ = 0, block_ = 0, elements_ = 0, page_ = 0;
  std::optional<ArrayElement> element_;
};

} // namespace

void walk_fixed_array(IndexWalk &walk) { FixedArray(walk).run(); }

} // namespace datavet::hdf5
