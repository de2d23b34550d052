#include "formats/jpeg/exif.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "formats/jpeg/rules.h"
#include "formats/jpeg/tiff_block.h"

namespace datavet::jpeg {

namespace {

/// Walks the IFDs of one Exif block, each once, and remembers the first thing that is wrong.
class ExifWalk {
public:
  ExifWalk(const TiffBlock &block, std::uint64_t offset, Evidence &evidence)
      : block_(block), offset_(offset), evidence_(evidence) {}

  void walk() {
    // CIPA DC-008 4.5: IFD0 for the picture, IFD1 for its thumbnail, and what IFD0 points at.
    const std::uint32_t next = walk_ifd(block_.first_ifd(), "IFD0");
    if (next != 0) walk_ifd(next, "IFD1");
    if (thumbnail_length_ > 0 && !block_.holds(thumbnail_, thumbnail_length_))
      wrong(thumbnail_, 0,
            fmt::format("the thumbnail, {} bytes at {}, ends outside", thumbnail_length_, thumbnail_));
    if (wrongs_ == 0) return;
    if (wrongs_ > 1) first_detail_ += fmt::format("; {} more", wrongs_ - 1);
    evidence_.findings.add(exif_ifd, first_offset_, first_length_, first_detail_);
  }

private:
  enum Tag : std::uint16_t {
    Orientation = 0x0112,
    JPEGInterchangeFormat = 0x0201,
    JPEGInterchangeFormatLength = 0x0202,
    ExifIFDPointer = 0x8769,
    GPSInfoIFDPointer = 0x8825,
    InteroperabilityIFDPointer = 0xA005,
  };

  /// Returns the offset of the next IFD in the chain, 0 = none.
  std::uint32_t walk_ifd(std::uint32_t ifd, std::string_view name) {
    for (const Seen &seen : seen_) {
      if (seen.name != name && seen.offset != ifd) continue;
      wrong(ifd, 0, fmt::format("{} at {}: the {} was read before", name, ifd, seen.name));
      return 0;
    }
    seen_.push_back({name, ifd});
    const std::optional<std::uint16_t> count = block_.u16(ifd);
    const std::uint64_t entries = std::uint64_t{ifd} + 2;
    if (!count || !block_.holds(entries, std::uint64_t{12} * *count)) {
      wrong(ifd, 2, fmt::format("{} at {} with {} entries ends outside", name, ifd, count.value_or(0)));
      return 0;
    }
    for (unsigned i = 0; i < *count; ++i) read_entry(entries + std::uint64_t{12} * i, name);
    const std::optional<std::uint32_t> next = block_.u32(entries + std::uint64_t{12} * *count);
    if (!next && name == "IFD0") wrong(ifd, 2, fmt::format("{} has no link to the next", name));
    return next.value_or(0);
  }

  void read_entry(std::uint64_t at, std::string_view ifd) {
    const TiffEntry entry = tiff_entry_at(block_, at);
    if (entry.tag == 0 && entry.type == 0 && entry.count == 0) return; // reserved room, zeroed
    if (entry.type == 0 || entry.type > 13) {
      wrong(at, 12, fmt::format("{} tag 0x{:04x}: unknown type {}", ifd, entry.tag, entry.type));
      return;
    }
    if (!block_.holds(entry.value_offset, entry.size)) {
      wrong(at, 12,
            fmt::format("{} tag 0x{:04x}: its {} bytes at {} end outside", ifd, entry.tag, entry.size,
                        entry.value_offset));
      return;
    }
    switch (entry.tag) {
    case Orientation:
      if (ifd == "IFD0") read_orientation(entry, at);
      break;
    case JPEGInterchangeFormat:
      if (ifd == "IFD1") thumbnail_ = number(entry);
      break;
    case JPEGInterchangeFormatLength:
      if (ifd == "IFD1") thumbnail_length_ = number(entry);
      break;
    case ExifIFDPointer:
      if (ifd == "IFD0") walk_ifd(number(entry), "Exif IFD");
      break;
    case GPSInfoIFDPointer:
      if (ifd == "IFD0") walk_ifd(number(entry), "GPS IFD");
      break;
    case InteroperabilityIFDPointer:
      if (ifd == "Exif IFD") walk_ifd(number(entry), "Interoperability IFD");
      break;
    default: break;
    }
  }

  std::uint32_t number(const TiffEntry &entry) const {
    if (entry.type == 3) return block_.u16(entry.value_offset).value_or(0);
    return block_.u32(entry.value_offset).value_or(0);
  }

  void read_orientation(const TiffEntry &entry, std::uint64_t at) {
    const std::uint32_t value = entry.count == 0 ? 0 : number(entry);
    if (entry.type == 3 && entry.count == 1 && value >= 1 && value <= 8) {
      evidence_.facts.orientation = static_cast<std::uint8_t>(value);
      return;
    }
    evidence_.findings.add(exif_orientation, offset_ + at, 12,
                           fmt::format("type {}, {} values, {}", entry.type, entry.count, value));
  }

  void wrong(std::uint64_t at, std::uint64_t length, std::string detail) {
    if (wrongs_++ > 0) return;
    const std::uint64_t inside = std::min<std::uint64_t>(at, block_.bytes().size());
    first_offset_ = offset_ + inside;
    first_length_ = std::min<std::uint64_t>(length, block_.bytes().size() - inside);
    first_detail_ = std::move(detail);
  }

  const TiffBlock &block_;
  std::uint64_t offset_; ///< of the block, in the sample
  Evidence &evidence_;
  struct Seen {
    std::string_view name;
    std::uint32_t offset;
  };
  std::vector<Seen> seen_; ///< IFDs, at most one of each name: pointers must not lead round
  std::uint64_t thumbnail_ = 0, thumbnail_length_ = 0;
  std::uint64_t wrongs_ = 0, first_offset_ = 0, first_length_ = 0;
  std::string first_detail_;
};

} // namespace

void read_exif(Bytes tiff, std::uint64_t offset, Evidence &evidence) {
  const std::optional<TiffBlock> block = TiffBlock::open(tiff);
  if (!block || !block->holds(block->first_ifd(), 2)) {
    evidence.findings.add(exif_header, offset, std::min<std::uint64_t>(tiff.size(), 8),
                          !block ? "no TIFF header"
                                 : fmt::format("first IFD at {} of {}", block->first_ifd(), tiff.size()));
    return;
  }
  ExifWalk(*block, offset, evidence).walk();
}

} // namespace datavet::jpeg
