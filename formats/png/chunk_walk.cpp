#include "formats/png/chunk_walk.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/any/zero_run.h"
#include "formats/checksum/crc32.h"
#include "formats/png/ancillary_chunks.h"
#include "formats/png/critical_chunks.h"
#include "formats/png/rules.h"
#include "formats/png/signature.h"

namespace datavet::png {
namespace {

/// IEND has no data, so all its bytes are known (PNG 3rd ed. 11.2.4).
constexpr std::array<std::uint8_t, chunk_frame> whole_iend = {0,   0,   0,    0,    'I',  'E',
                                                              'N', 'D', 0xae, 0x42, 0x60, 0x82};

bool is_critical_of_png(std::uint32_t type) {
  return type == ihdr || type == plte || type == idat || type == iend;
}
bool is_registered(std::uint32_t type) { return is_critical_of_png(type) || is_registered_ancillary(type); }

/// A hole in the data, in words: compressed data holds no such run of zeros, a lost disk block does.
std::string zero_run_in(const Chunk &chunk) {
  const std::optional<ZeroRun> run = ZeroRuns(chunk.data).next();
  if (!run) return {};
  return fmt::format("; {} bytes from offset {} are zero: a hole, as a lost disk block leaves it",
                     run->size(), chunk.data_offset() + run->begin);
}

/// What `datavet check` shows beside a chunk.
std::string describe(const Chunk &chunk, const Facts &facts) {
  switch (chunk.type) {
  case ihdr:
    return fmt::format("{} x {}, {}-bit {}{}", facts.width, facts.height, facts.bits, name_of(facts.colour),
                       facts.progressive ? ", interlaced" : "");
  case plte: return fmt::format("{} entries", chunk.data.size() / 3);
  case type_of("tEXt"):
  case type_of("zTXt"):
  case type_of("iTXt"):
  case type_of("iCCP"): {
    const auto end = std::find(chunk.data.begin(), chunk.data.end(), std::uint8_t{0});
    const std::ptrdiff_t length = std::min<std::ptrdiff_t>(79, end - chunk.data.begin());
    return std::string(chunk.data.begin(), chunk.data.begin() + length);
  }
  default: return {};
  }
}

class ChunkWalk {
public:
  explicit ChunkWalk(Inspection &inspection) : in_(inspection), at_(std::size(signature)) {}

  void run() {
    if (in_.evidence.outline != nullptr) in_.evidence.outline->add(0, 0, at_, "signature");
    while (step()) continue;
    if (!in_.reaches(Depth::structure)) return add_cut({});
    finish_animation(in_);
    finish_image();
  }

private:
  bool step();
  bool judge_type(std::uint32_t type, std::uint32_t length);
  bool judge_length(std::uint32_t type, std::uint32_t length);
  bool judge_crc(const Chunk &chunk);
  void judge(const Chunk &chunk);
  void judge_trailing();
  void cut(std::string detail);
  void add_cut(const std::string &lost);
  void finish_image();
  bool header_is_plausible(std::uint64_t offset) const;

  std::uint64_t remaining() const { return in_.sample.size() - at_; }
  void doubt_everything() { in_.chunks_doubtful = in_.image_doubtful = true; }

  struct BadIdat {
    std::uint64_t offset, length;
    std::string detail;
  };

  Inspection &in_;
  std::uint64_t at_;
  bool first_ = true;               ///< nothing but the signature came before
  bool after_bad_crc_ = false;      ///< of the chunk just before: its length may be what is damaged
  std::optional<std::string> cut_;  ///< the file ends here, in words
  std::optional<BadIdat> bad_idat_; ///< the first IDAT with a wrong CRC
};

/// One chunk; false after the last.
bool ChunkWalk::step() {
  if (remaining() < sizeof(ChunkHeader)) {
    if (after_bad_crc_)
      doubt_everything();
    else if (remaining() == 0)
      cut("it ends after a chunk, without IEND");
    else
      cut(fmt::format("it ends inside the header of a chunk at {}", at_));
    return false;
  }
  ChunkHeader header;
  std::memcpy(&header, in_.sample.data() + at_, sizeof header);
  if (after_bad_crc_ && !is_registered(header.type) &&
      (!is_chunk_type(header.type) || header.length > remaining() - sizeof header)) {
    doubt_everything(); // no chunk begins here: the length of the one before was damaged, which its CRC told
    return false;
  }
  if (!judge_type(header.type, header.length) || !judge_length(header.type, header.length)) return false;
  const Chunk chunk = {at_, header.type, in_.sample.subspan(at_ + sizeof header, header.length)};
  if (chunk.type != idat && in_.idat_seen) in_.idat_ended = true;
  after_bad_crc_ = !judge_crc(chunk);
  if (!after_bad_crc_ && is_chunk_type(chunk.type)) judge(chunk);
  if (in_.evidence.outline != nullptr)
    in_.evidence.outline->add(0, chunk.offset, chunk.size(), name_of_type(chunk.type),
                              describe(chunk, in_.evidence.facts));
  at_ += chunk.size();
  first_ = false;
  if (chunk.type == iend) {
    if (after_bad_crc_) in_.chunks_doubtful = true;
    judge_trailing();
    return false;
  }
  return in_.reaches(Depth::structure);
}

/// PNG 3rd ed. 5.3, 5.4. False when the chunk after this one cannot be found.
bool ChunkWalk::judge_type(std::uint32_t type, std::uint32_t length) {
  if (is_chunk_type(type)) {
    if (first_ && type != ihdr)
      in_.report(ihdr_first, at_ + 4, 4,
                 fmt::format("the first chunk is {}{}", name_of_type(type),
                             type == type_of("CgBI") ? ", Xcode's private variant of PNG" : ""));
    return true;
  }
  in_.report(chunk_type, at_ + 4, 4, fmt::format("type {}", name_of_type(type)));
  doubt_everything();
  return length <= longest_chunk && remaining() - sizeof(ChunkHeader) >= length + sizeof(be32) &&
         header_is_plausible(at_ + length + chunk_frame);
}

bool ChunkWalk::header_is_plausible(std::uint64_t offset) const {
  if (in_.sample.size() - offset < sizeof(ChunkHeader)) return false;
  ChunkHeader header;
  std::memcpy(&header, in_.sample.data() + offset, sizeof header);
  return is_chunk_type(header.type) && header.length <= longest_chunk;
}

/// False when the chunk does not end inside the file.
bool ChunkWalk::judge_length(std::uint32_t type, std::uint32_t length) {
  const std::uint64_t available = remaining() - sizeof(ChunkHeader);
  if (length <= longest_chunk && available >= length + sizeof(be32)) return true;
  const std::string name = name_of_type(type);
  if (type != idat && in_.idat_seen) in_.idat_ended = true;
  const Bytes tail = in_.sample.last(std::min<std::size_t>(in_.sample.size(), whole_iend.size()));
  if (length > longest_chunk)
    in_.report(chunk_length, at_, 4, fmt::format("{}: length {} exceeds 2^31-1", name, length));
  else if (available >= whole_iend.size() &&
           std::equal(tail.begin(), tail.end(), whole_iend.begin(), whole_iend.end()))
    in_.report(
        chunk_length, at_, 4,
        fmt::format("{}: length {}, {} bytes are left, and they end with IEND", name, length, available));
  else {
    const std::uint64_t present = std::min<std::uint64_t>(length, available);
    if (type == idat) judge_idat_place(in_, at_, present);
    cut(fmt::format("it ends inside {} at {}, after {} of {} bytes of data", name, at_, present, length));
  }
  doubt_everything();
  return false;
}

bool ChunkWalk::judge_crc(const Chunk &chunk) {
  if (!in_.reaches(Depth::checksum)) return true;
  be32 stored;
  std::memcpy(&stored, chunk.data.data() + chunk.data.size(), sizeof stored);
  const std::uint32_t computed = crc32(in_.sample.subspan(chunk.offset + 4, 4 + chunk.data.size()));
  if (stored == computed) return true;
  if (!is_chunk_type(chunk.type)) return false; // its type told the damage
  std::string detail = fmt::format("{}: stored {:08x}, computed {:08x}{}", name_of_type(chunk.type),
                                   stored.value(), computed, zero_run_in(chunk));
  if (first_ && chunk.type != ihdr) return false; // likewise
  if (is_ancillary(chunk.type)) {
    in_.report(ancillary_crc, chunk, std::move(detail));
    note_ancillary(in_, chunk.type);
    if (chunk.type == actl || chunk.type == fctl || chunk.type == fdat) in_.animation.doubtful = true;
    if (!is_registered(chunk.type)) doubt_everything(); // it may have been anything
    return false;
  }
  if (chunk.type == idat) {
    judge_idat_place(in_, chunk.offset, chunk.data.size());
    in_.image_doubtful = true;
    if (!bad_idat_) {
      bad_idat_ = BadIdat{chunk.offset, chunk.size(), std::move(detail)};
      return false;
    }
  }
  in_.report(critical_crc, chunk, std::move(detail));
  if (chunk.type == ihdr) in_.ihdr_seen = true;
  if (chunk.type == plte) in_.plte_seen = true;
  if (!is_critical_of_png(chunk.type)) doubt_everything();
  return false;
}

void ChunkWalk::judge(const Chunk &chunk) {
  if (has_reserved_bit(chunk.type)) in_.report(reserved_bit, chunk.offset + 4, 4, name_of_type(chunk.type));
  if (is_ancillary(chunk.type)) return judge_ancillary(in_, chunk);
  switch (chunk.type) {
  case ihdr:
    if (in_.ihdr_seen) return in_.report(ihdr_repeated, chunk, "a second IHDR");
    in_.ihdr_seen = true;
    return judge_ihdr(in_, chunk);
  case plte: return judge_plte(in_, chunk);
  case idat: return judge_idat_place(in_, chunk.offset, chunk.data.size());
  case iend: return judge_iend(in_, chunk);
  default: break;
  }
  if (first_) return; // png.ihdr.first named it
  in_.report(unknown_critical, chunk, name_of_type(chunk.type));
}

void ChunkWalk::judge_trailing() {
  if (remaining() == 0) return;
  const Bytes rest = in_.sample.subspan(at_);
  const bool blank = std::all_of(rest.begin(), rest.end(),
                                 [](std::uint8_t byte) { return byte == 0 || byte == '\n' || byte == '\r'; });
  in_.report(blank ? padding : trailing, at_, rest.size(),
             fmt::format("{} bytes follow IEND, beginning with {:02x}", rest.size(),
                         fmt::join(rest.first(std::min<std::size_t>(rest.size(), 8)), " ")));
}

void ChunkWalk::cut(std::string detail) {
  cut_ = std::move(detail);
  doubt_everything();
}

void ChunkWalk::add_cut(const std::string &lost) {
  if (cut_) in_.report(truncated, in_.sample.size(), 0, *cut_ + lost);
}

/// What damage to the file has cost the picture, in words.
std::string consequence_of(const ImageReport &found) {
  if (found.rule == nullptr) return "; the picture itself is whole";
  if (!found.lost.empty()) return "; " + found.lost;
  if (found.rule == &zlib_adler) return "; no row is lost, but the Adler-32 says that pixels are wrong";
  return "; no row is lost, but: " + found.detail;
}

/// The image data, now that all of it is known; and, with it, what damage to it has cost.
void ChunkWalk::finish_image() {
  const bool damaged = bad_idat_ || cut_;
  std::string consequence;
  if (in_.reaches(Depth::content) && in_.geometry && in_.image.chunks > 0) {
    const ImageReport found = inspect_image_data(in_.image, *in_.geometry, in_.watched_palette_entries());
    if (!in_.image_doubtful) in_.report_image(in_.image, found, {});
    if (damaged) consequence = consequence_of(found);
  } else if (in_.reaches(Depth::content) && in_.geometry && cut_) {
    consequence = "; the whole picture is lost";
  }
  if (bad_idat_)
    in_.report(critical_crc, bad_idat_->offset, bad_idat_->length,
               bad_idat_->detail + (cut_ ? "" : consequence));
  add_cut(consequence);
}

} // namespace

std::string name_of_type(std::uint32_t type) {
  std::string name;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const std::uint32_t byte = type >> shift & 0xff;
    if (is_letter(byte))
      name += static_cast<char>(byte);
    else
      name += fmt::format("\\x{:02x}", byte);
  }
  return name;
}

void walk_chunks(Inspection &inspection) { ChunkWalk(inspection).run(); }

} // namespace datavet::png
