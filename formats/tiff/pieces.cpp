// The strips (TIFF 6.0 section 8) or tiles (section 15) of a page.
#include <algorithm>

#include <fmt/format.h>

#include "formats/tiff/image.h"
#include "formats/tiff/rules.h"
#include "formats/tiff/tags.h"

namespace datavet::tiff {

namespace {

/// True for an entry whose values lie outside the file, which is reported already.
bool is_lost(const Entry *entry) {
  return entry != nullptr && !entry->readable && size_of_type(entry->type) != 0;
}

/// Judges the strips or tiles of one page. Of each kind of trouble the first is reported, and how many there
/// are.
class PieceCheck {
public:
  PieceCheck(const FileView &file, const Directory &directory, const Image &image, Evidence &evidence)
      : file_(file), image_(image), evidence_(evidence), tables_(piece_tables(directory, image)),
        directory_(directory) {}

  std::vector<Piece> run();

private:
  struct First {
    std::uint64_t count = 0, piece = 0, offset = 0, size = 0;
    void note(std::uint64_t number, std::uint64_t at, std::uint64_t bytes) {
      if (count++ == 0) piece = number, offset = at, size = bytes;
    }
  };

  bool check_tables(std::uint64_t wanted);
  void check_ratio(const std::vector<Piece> &pieces);
  void judge(std::uint64_t number, std::uint64_t offset, std::optional<std::uint64_t> stored,
             std::vector<Piece> &pieces);
  void report(const First &first, const Rule &rule, std::string_view what);
  std::string_view kind() const { return image_.tiled ? "tile" : "strip"; }

  const FileView &file_;
  const Image &image_;
  Evidence &evidence_;
  PieceTables tables_;
  const Directory &directory_;
  First outside_, empty_, sparse_, size_;
};

std::vector<Piece> PieceCheck::run() {
  std::vector<Piece> pieces;
  const std::uint64_t wanted = image_.pieces();
  if (!check_tables(wanted)) return pieces;
  // Pillow decodes every uncompressed strip or tile that has an offset, those past the last row too.
  const bool raw = image_.compression == Compression::none;
  const std::uint64_t count = raw ? tables_.offsets->count : std::min(wanted, tables_.offsets->count);
  for (std::uint64_t i = 0; i < count; ++i)
    if (const std::optional<std::uint64_t> offset = integer(file_, *tables_.offsets, i))
      judge(i, *offset, tables_.sizes != nullptr ? integer(file_, *tables_.sizes, i) : std::nullopt, pieces);
  check_ratio(pieces);
  report(outside_, strips_outside, fmt::format("lies outside of a file of {} bytes", file_.bytes.size()));
  report(empty_, strips_empty, "has a byte count of 0");
  report(sparse_, strips_sparse, "is left out");
  report(size_, strips_size, "has another size than its rows");
  return pieces;
}

bool PieceCheck::check_tables(std::uint64_t wanted) {
  if (tables_.offsets == nullptr) {
    evidence_.findings.add(entry_required, directory_.at, directory_.size,
                           fmt::format("no {}", name_of_tag(image_.tiled ? tile_offsets : strip_offsets)));
    return false;
  }
  if (is_lost(tables_.offsets) || is_lost(tables_.sizes)) return false; // reported
  for (const Entry *table : {tables_.offsets, tables_.sizes})
    if (table != nullptr && table->count > 0 && !integer(file_, *table, 0)) {
      evidence_.findings.add(entry_value, table->at, 0,
                             fmt::format("{}: type {}", table->name(), name_of_type(table->type)));
      return false;
    }
  if (tables_.offsets->count < wanted)
    evidence_.findings.add(
        strips_count, tables_.offsets->at, 0,
        fmt::format("{} {} offsets, the image has {}", tables_.offsets->count, kind(), wanted));
  else if (tables_.offsets->count > wanted)
    evidence_.findings.add(
        strips_excess, tables_.offsets->at, 0,
        fmt::format("{} {} offsets, the image has {}", tables_.offsets->count, kind(), wanted));
  if (tables_.sizes == nullptr)
    evidence_.findings.add(
        strips_no_counts, directory_.at, directory_.size,
        fmt::format("no {}", name_of_tag(image_.tiled ? tile_byte_counts : strip_byte_counts)));
  else if (tables_.sizes->count < std::min(wanted, tables_.offsets->count))
    evidence_.findings.add(
        strips_count, tables_.sizes->at, 0,
        fmt::format("{} {} byte counts, the image has {}", tables_.sizes->count, kind(), wanted));
  return true;
}

void PieceCheck::judge(std::uint64_t number, std::uint64_t offset, std::optional<std::uint64_t> stored,
                       std::vector<Piece> &pieces) {
  const std::uint64_t rows = image_.rows_of(number);
  const bool raw = image_.compression == Compression::none && !image_.ycbcr_subsampled;
  const std::uint64_t row_bytes = image_.row_bytes(); // below 2^54
  const std::uint64_t raw_size = !raw ? 0 : rows > UINT64_MAX / row_bytes ? UINT64_MAX : rows * row_bytes;
  // libtiff BYTECOUNTLOOKSBAD: for a single strip it takes the byte count from the rows, or up to the file's
  // end.
  const bool single = !image_.tiled && image_.pieces() == 1;
  if (stored == 0u && !single) return (offset == 0 ? sparse_ : empty_).note(number, offset, 0);
  const std::uint64_t size = raw ? raw_size : stored.value_or(0);
  if (!file_.holds(offset, size) || offset == file_.bytes.size()) return outside_.note(number, offset, size);
  if (raw && stored && *stored != raw_size) size_.note(number, offset, *stored);
  if (!raw && !file_.holds(offset, stored.value_or(0))) return outside_.note(number, offset, size);
  const std::uint64_t rest = file_.bytes.size() - offset;
  pieces.push_back({offset, raw ? raw_size : stored.value_or(0) != 0 ? *stored : rest, rows});
}

/// How many bytes a byte can stand for at most.
std::uint64_t largest_ratio(std::uint64_t compression) {
  switch (compression) {
  case Compression::none: return 1;
  case Compression::packbits: return 64; // 2 bytes for 128
  case Compression::adobe_deflate:
  case Compression::deflate: return 1032; // 258 bytes for 2 bits
  case Compression::lzw: return 2560;     // a string of 3,837 bytes for 12 bits
  case Compression::old_jpeg:
  case Compression::jpeg: return 2048; // a block of 64 samples, subsampled, for 1 bit
  default: return 0;                   // CCITT: a row for a bit; others: not known
  }
}

void PieceCheck::check_ratio(const std::vector<Piece> &pieces) {
  if (outside_.count + empty_.count + sparse_.count > 0 || pieces.size() < image_.pieces())
    return; // not all are known
  const std::uint64_t ratio = largest_ratio(image_.compression);
  if (ratio == 0 || image_.ycbcr_subsampled) return;
  std::uint64_t rows = 0, stored = 0; // of all pieces; row_bytes() is below 2^54, rows below 2^32 times 2^32
  for (const Piece &piece : pieces) rows += piece.rows, stored += piece.size;
  // Old JPEG data may lie outside of all strips.
  if (image_.compression == Compression::old_jpeg) stored = file_.bytes.size();
  if (rows <= (stored + 8) * ratio / image_.row_bytes() + 1) return;
  evidence_.findings.add(strips_ratio, directory_.at, directory_.size,
                         fmt::format("{} rows of {} bytes in {} bytes of compression {}", rows,
                                     image_.row_bytes(), stored, image_.compression));
}

void PieceCheck::report(const First &first, const Rule &rule, std::string_view what) {
  if (first.count == 0) return;
  const std::uint64_t at = std::min<std::uint64_t>(first.offset, file_.bytes.size());
  const std::uint64_t length = std::min<std::uint64_t>(first.size, file_.bytes.size() - at);
  evidence_.findings.add(
      rule, at, length,
      fmt::format("{} {} (offset {}, {} bytes) {}{}", kind(), first.piece, first.offset, first.size, what,
                  first.count > 1 ? fmt::format("; {} of {} are so", first.count, image_.pieces()) : ""));
}

} // namespace

PieceTables piece_tables(const Directory &directory, const Image &image) {
  // libtiff takes one for the other: some writers of tiles use the tags of strips (libtiff's own test
  // picture quad-tile.tif does).
  const bool tile_tags = image.tiled && directory.find(tile_offsets) != nullptr;
  return {directory.find(tile_tags ? tile_offsets : strip_offsets),
          directory.find(tile_tags ? tile_byte_counts : strip_byte_counts)};
}

std::vector<Piece> read_pieces(const FileView &file, const Directory &directory, const Image &image,
                               Evidence &evidence) {
  return PieceCheck(file, directory, image, evidence).run();
}

} // namespace datavet::tiff
