#include "formats/tiff/tiff.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "formats/any/any.h"
#include "formats/tiff/deflate.h"
#include "formats/tiff/directory.h"
#include "formats/tiff/image.h"
#include "formats/tiff/rules.h"
#include "formats/tiff/tags.h"

namespace datavet {

namespace tiff {
namespace {

/// The check of one file: header, chain of pages, and the directories below them.
class FileCheck {
public:
  FileCheck(Bytes sample, const CheckOptions &options, Evidence &evidence)
      : options_(options), evidence_(evidence), work_(8 * sample.size() + 65536), stored_(4 * sample.size()),
        inflation_(std::max<std::uint64_t>(options.limits.decoded_bytes, 64 * sample.size())) {
    file_.bytes = sample;
  }

  void run();

private:
  std::optional<std::uint64_t> read_header();
  void check_pages(std::uint64_t first);
  bool check_page(const Directory &directory, bool first);
  void check_pieces(const Directory &directory, const Image &image, bool within_limits);
  std::vector<Piece> unseen(const std::vector<Piece> &pieces);
  void check_contents(const Image &image, const std::vector<Piece> &pieces);
  void check_children(const Directory &directory, unsigned level);
  void note_facts(const Image &image, const Directory &directory);
  void outline_directory(const Directory &directory, unsigned level, std::string_view name);
  bool spend(std::uint64_t bytes, std::uint64_t at);

  bool deep() const { return options_.depth >= Depth::structure; }

  FileView file_;
  const CheckOptions &options_;
  Evidence &evidence_;
  std::unordered_set<std::uint64_t> visited_;
  std::uint64_t
      work_; ///< bytes of directories and tables that may still be read: a real file reads each once
  bool exhausted_ = false;  ///< they are spent, and that is reported
  std::uint64_t stored_;    ///< bytes of strips and tiles that may still be read
  std::uint64_t inflation_; ///< bytes that may still be inflated
  std::unordered_map<std::uint64_t, std::uint64_t> seen_pieces_; ///< offset to size
  bool overlaps_ = false;
};

void FileCheck::run() {
  if (const std::optional<std::uint64_t> first = read_header()) check_pages(*first);
}

/// TIFF 6.0 section 2; BigTIFF: version 43, bytes in an offset (8), a reserved 0, an 8-byte offset.
std::optional<std::uint64_t> FileCheck::read_header() {
  const Bytes bytes = file_.bytes;
  if (bytes.size() < 8) {
    evidence_.findings.add(ifd_outside, bytes.size(), 0,
                           fmt::format("{} bytes, the header has 8", bytes.size()));
    return std::nullopt;
  }
  const bool little = bytes[0] == 'I' && bytes[1] == 'I', large = bytes[0] == 'M' && bytes[1] == 'M';
  file_.order = large ? ByteOrder::big : ByteOrder::little;
  const std::uint64_t version = *file_.u16(2);
  file_.big = version == 43;
  if ((!little && !large) || (version != 42 && version != 43)) {
    evidence_.findings.add(tiff::header, 0, 4,
                           fmt::format("byte order {:02x}{:02x}, version {}", bytes[0], bytes[1], version));
    return std::nullopt;
  }
  if (file_.big && (*file_.u16(4) != 8 || *file_.u16(6) != 0)) {
    evidence_.findings.add(
        tiff::header, 4, 4,
        fmt::format("BigTIFF with offsets of {} bytes, reserved {}", *file_.u16(4), *file_.u16(6)));
    return std::nullopt;
  }
  const std::uint64_t field = file_.big ? 8 : 4;
  const std::optional<std::uint64_t> first = file_.offset(field);
  if (!first) {
    evidence_.findings.add(ifd_outside, bytes.size(), 0,
                           fmt::format("{} bytes, the header has 16", bytes.size()));
    return std::nullopt;
  }
  if (evidence_.outline != nullptr)
    evidence_.outline->add(0, 0, 2 * field, "header",
                           fmt::format("{}, {} endian, first directory at {}", file_.big ? "BigTIFF" : "TIFF",
                                       large ? "big" : "little", *first));
  if (*first == 0) {
    evidence_.findings.add(ifd_missing, field, field, "the offset of the first directory is 0");
    return std::nullopt;
  }
  return first;
}

void FileCheck::check_pages(std::uint64_t first) {
  std::uint64_t at = first;
  bool is_first = true;
  while (at != 0) {
    if (!visited_.insert(at).second) {
      evidence_.findings.add(ifd_loop, at, 0,
                             fmt::format("page {} is the directory at {} again", visited_.size(), at));
      return;
    }
    const std::optional<Directory> directory = read_directory(file_, at, Kin::page, evidence_);
    if (!directory || !spend(directory->size, at)) return;
    outline_directory(*directory, 0, fmt::format("page {}", visited_.size() - 1));
    if (!check_page(*directory, is_first) || !deep() || exhausted_) return;
    is_first = false;
    at = directory->next;
  }
}

/// Judges a directory of the chain; false when the rest of the file is not to be examined.
bool FileCheck::check_page(const Directory &directory, bool first) {
  if (first && directory.find(dng_version) != nullptr) {
    evidence_.findings.add(image_raw, directory.find(dng_version)->at, 0, "DNGVersion: a digital negative");
    return false;
  }
  // Exif 2.3 4.6.2: the second directory may be a thumbnail, a JPEG file without dimensions of its own.
  const bool thumbnail =
      !first && directory.find(jpeg_interchange) != nullptr && directory.find(image_length) == nullptr;
  if (!thumbnail) {
    const std::optional<Image> image = read_image(file_, directory, evidence_);
    if (image) {
      if (first) note_facts(*image, directory);
      ++evidence_.facts.frames;
      if (image->photometric == Photometric::colour_filter_array ||
          image->photometric == Photometric::linear_raw)
        evidence_.findings.add(image_raw, directory.find(photometric)->at, 0, "a colour filter array");
      const bool small = is_within_limits(*image, directory, options_.limits, evidence_);
      if (deep()) check_pieces(directory, *image, small);
    }
  }
  if (deep()) check_children(directory, 1);
  return true;
}

void FileCheck::check_pieces(const Directory &directory, const Image &image, bool within_limits) {
  const Entry *offsets = piece_tables(directory, image).offsets;
  if (offsets != nullptr && offsets->readable && !spend(offsets->count * 8, offsets->at)) return;
  const std::vector<Piece> pieces = read_pieces(file_, directory, image, evidence_);
  const std::string_view kind = image.tiled ? "tile" : "strip";
  if (evidence_.outline != nullptr)
    for (const Piece &piece : pieces)
      evidence_.outline->add(1, piece.offset, piece.size, std::string(kind),
                             fmt::format("{} rows", piece.rows));
  if (within_limits && options_.depth >= Depth::checksum) check_contents(image, unseen(pieces));
}

/// Those whose bytes were not judged yet: equal tiles, and equal pages, may share a place in the file.
std::vector<Piece> FileCheck::unseen(const std::vector<Piece> &pieces) {
  std::vector<Piece> fresh;
  for (const Piece &piece : pieces) {
    std::uint64_t &seen = seen_pieces_[piece.offset];
    if (piece.size <= seen) continue;
    seen = piece.size;
    if (piece.size > stored_) {
      if (!std::exchange(overlaps_, true))
        evidence_.findings.add(strips_overlap, piece.offset, piece.size, "strips and tiles overlap");
      break;
    }
    stored_ -= piece.size;
    fresh.push_back(piece);
  }
  return fresh;
}

void FileCheck::check_contents(const Image &image, const std::vector<Piece> &pieces) {
  if (image.compression == Compression::adobe_deflate || image.compression == Compression::deflate)
    check_deflate(file_, image, pieces, inflation_, evidence_);
  if (options_.depth >= Depth::content && image.compression != Compression::none)
    for (const Piece &piece : pieces)
      find_zero_run(file_.bytes.subspan(piece.offset, piece.size), piece.offset, evidence_);
}

/// TIFF Technical Note 1 (SubIFDs), Exif 2.3 4.6.3: directories that no chain holds. Lightly: their shape
/// only.
void FileCheck::check_children(const Directory &directory, unsigned level) {
  for (const std::uint16_t tag : {sub_ifds, exif_ifd, gps_ifd, interoperability_ifd}) {
    const Entry *entry = directory.find(tag);
    if (entry == nullptr || !entry->readable) continue;
    if (level > options_.limits.nesting) {
      evidence_.findings.add(ifd_nesting, entry->at, 0, fmt::format("{} at level {}", entry->name(), level));
      return;
    }
    for (std::uint64_t i = 0; i < entry->count; ++i) {
      const std::optional<std::uint64_t> at = integer(file_, *entry, i);
      if (!at) break;
      if (*at == 0 || !visited_.insert(*at).second) continue; // 0: left out; a repetition was judged before
      const std::optional<Directory> child = read_directory(file_, *at, Kin::child, evidence_);
      if (!child) return; // one report of a lost table
      if (!spend(child->size, *at)) return;
      outline_directory(*child, level, name_of_tag(tag));
      check_children(*child, level + 1);
    }
  }
}

bool FileCheck::spend(std::uint64_t bytes, std::uint64_t at) {
  if (bytes > work_ && !std::exchange(exhausted_, true))
    evidence_.findings.add(ifd_overlap, at, 0, "directories and tables take more bytes than the file has");
  if (exhausted_) return false;
  work_ -= bytes;
  return true;
}

Colour colour_of(const Image &image) {
  switch (image.photometric.value_or(Photometric::black_is_zero)) {
  case Photometric::white_is_zero:
  case Photometric::black_is_zero: return image.samples == 2 ? Colour::grey_alpha : Colour::grey;
  case Photometric::rgb: return image.samples == 4 ? Colour::rgba : Colour::rgb;
  case Photometric::palette: return Colour::palette;
  case Photometric::separated: return Colour::cmyk;
  case Photometric::ycbcr: return Colour::ycbcr;
  default: return Colour::unknown;
  }
}

void FileCheck::note_facts(const Image &image, const Directory &directory) {
  Facts &facts = evidence_.facts;
  facts.width = static_cast<std::uint32_t>(image.width);
  facts.height = static_cast<std::uint32_t>(image.height);
  facts.channels = static_cast<std::uint16_t>(image.samples);
  facts.bits = static_cast<std::uint16_t>(image.bits);
  facts.colour = colour_of(image);
  facts.decoded_bytes = (image.width * image.samples * image.bits + 7) / 8 * image.height;
  if (const Entry *entry = directory.find(orientation))
    if (const std::optional<std::uint64_t> value = integer(file_, *entry);
        value && *value >= 1 && *value <= 8)
      facts.orientation = static_cast<std::uint8_t>(*value);
}

void FileCheck::outline_directory(const Directory &directory, unsigned level, std::string_view name) {
  if (evidence_.outline == nullptr) return;
  evidence_.outline->add(level, directory.at, directory.size, std::string(name),
                         fmt::format("{} entries", directory.entries.size()));
  for (const Entry &entry : directory.entries) {
    const std::optional<std::uint64_t> value = integer(file_, entry);
    evidence_.outline->add(level + 1, entry.at, file_.big ? 20 : 12, entry.name(),
                           fmt::format("{} x {}{}", entry.count, name_of_type(entry.type),
                                       value ? fmt::format(": {}", *value) : ""));
  }
}

} // namespace
} // namespace tiff

namespace {

constexpr std::string_view tiff_extensions[] = {"tif", "tiff"};

bool sniff_tiff(Bytes head) {
  if (head.size() < 4) return false;
  const bool little = head[0] == 'I' && head[1] == 'I' && (head[2] == 42 || head[2] == 43) && head[3] == 0;
  const bool large = head[0] == 'M' && head[1] == 'M' && head[2] == 0 && (head[3] == 42 || head[3] == 43);
  const bool canon_raw = head.size() >= 10 && head[8] == 'C' && head[9] == 'R'; // CR2: TIFF in name only
  return (little || large) && !canon_raw;
}

void check_tiff(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  tiff::FileCheck(sample, options, evidence).run();
}

} // namespace

const Format tiff_format = {
    .name = "tiff",
    .title = "TIFF and BigTIFF",
    .layout = Layout::whole,
    .extensions = tiff_extensions,
    .rules = tiff::all_rules,
    .sniff = sniff_tiff,
    .check = check_tiff,
    .decoder_family = "images",
    .asks_decoder_from = Depth::content,
};

} // namespace datavet
