#include "formats/jpeg/mpf.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "formats/jpeg/rules.h"
#include "formats/jpeg/tiff_block.h"

namespace datavet::jpeg {

namespace {

enum Tag : std::uint16_t { NumberOfImages = 0xB001, MPEntry = 0xB002 };
constexpr std::uint64_t entry_size = 16;

/// CIPA DC-007 5.2.3.3: attribute, size, offset from the index's header (0 = the first image), two numbers.
std::string trouble_with_images(const TiffBlock &index, const TiffEntry &list, Bytes from_index) {
  for (std::uint64_t i = 0; i * entry_size < list.size; ++i) {
    const std::uint64_t at = list.value_offset + i * entry_size;
    const std::uint64_t size = *index.u32(at + 4), offset = *index.u32(at + 8);
    if (offset == 0) continue;
    if (offset > from_index.size() || size > from_index.size() - offset)
      return fmt::format("image {}, {} bytes at {}, ends outside the file", i + 1, size, offset);
    if (size < 2 || from_index[offset] != 0xFF || from_index[offset + 1] != 0xD8)
      return fmt::format("image {} at {} does not start with SOI", i + 1, offset);
  }
  return {};
}

/// CIPA DC-007 5.2: a TIFF header and one IFD, which names the number and the list of the images.
std::string trouble_with_index(Bytes bytes, Bytes from_index) {
  const std::optional<TiffBlock> index = TiffBlock::open(bytes);
  if (!index) return "no TIFF header";
  const std::uint64_t ifd = index->first_ifd();
  const std::optional<std::uint16_t> count = index->u16(ifd);
  if (!count || !index->holds(ifd + 2, std::uint64_t{12} * *count)) return "its IFD ends outside";
  std::uint32_t images = 0;
  std::optional<TiffEntry> list;
  for (unsigned i = 0; i < *count; ++i) {
    const TiffEntry entry = tiff_entry_at(*index, ifd + 2 + std::uint64_t{12} * i);
    if (entry.tag == NumberOfImages) images = index->u32(entry.value_offset).value_or(0);
    if (entry.tag == MPEntry) list = entry;
  }
  if (!list || !index->holds(list->value_offset, list->size)) return "no list of images inside the index";
  if (list->size != entry_size * images)
    return fmt::format("{} images in a list of {} bytes", images, list->size);
  return trouble_with_images(*index, *list, from_index);
}

} // namespace

void judge_mpf(Bytes sample, std::uint64_t offset, std::uint64_t length, Evidence &evidence) {
  const std::string trouble = trouble_with_index(sample.subspan(offset, length), sample.subspan(offset));
  if (!trouble.empty()) evidence.findings.add(mpf_index, offset, length, trouble);
}

} // namespace datavet::jpeg
