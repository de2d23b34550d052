#include "formats/webp/webp.h"

#include <fmt/format.h>

#include "formats/any/any.h"
#include "formats/webp/chunk.h"
#include "formats/webp/frame_header.h"
#include "formats/webp/rules.h"

namespace datavet {

namespace webp {
namespace {

constexpr std::uint64_t riff_header_size = 12;

constexpr bool is_image(const Chunk &chunk) {
  return chunk.name == fourcc("VP8 ") || chunk.name == fourcc("VP8L");
}

/// Chunks that mean something in a file with VP8X only.
constexpr bool is_for_extended_files(const Chunk &chunk) {
  for (const std::uint32_t name :
       {fourcc("VP8 "), fourcc("VP8L"), fourcc("VP8X"), fourcc("ALPH"), fourcc("ANIM"), fourcc("ANMF"),
        fourcc("ICCP"), fourcc("EXIF"), fourcc("XMP ")})
    if (chunk.name == name) return true;
  return false;
}

std::uint32_t u24(Bytes bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16);
}

/// RFC 9649 2.7 figure 7: the bits of the first byte of VP8X.
enum Flag : unsigned {
  animation_flag = 0x02,
  xmp_flag = 0x04,
  exif_flag = 0x08,
  alpha_flag = 0x10,
  icc_flag = 0x20
};
constexpr unsigned all_flags = animation_flag | xmp_flag | exif_flag | alpha_flag | icc_flag;

/// Where an ANMF chunk places its image on the canvas.
struct Frame {
  std::uint64_t x, y;
  std::uint32_t width, height;
};

/// The check of one file: what was seen so far, from chunk to chunk.
class FileCheck {
public:
  FileCheck(Bytes sample, const CheckOptions &options, Evidence &evidence)
      : sample_(sample), options_(options), evidence_(evidence) {}

  void run();

private:
  bool check_riff_header();
  void check_simple(const Chunk &first, ChunkWalk &walk);
  void check_extended(const Chunk &first, ChunkWalk &walk);
  bool check_vp8x(const Chunk &vp8x);
  void check_top_level(const Chunk &chunk);
  void check_anim(const Chunk &anim);
  void check_anmf(const Chunk &anmf);
  bool check_bounds(const Frame &frame, const Chunk &chunk);
  void check_frame_contents(const Chunk &anmf, const Frame &frame);
  void check_flags(const Chunk &vp8x);
  void check_still_image(const Chunk &image);
  void check_limits(std::uint32_t width, std::uint32_t height, std::uint64_t offset);
  void check_metadata(const Chunk &chunk, unsigned flag);
  void check_unknown(const Chunk &chunk);
  void check_trailing();
  std::optional<FrameHeader> check_image(const Chunk &image);

  bool deep() const { return options_.depth >= Depth::structure; }
  void find(const Rule &rule, const Chunk &chunk, std::string detail) {
    evidence_.findings.add(rule, chunk.offset, 8 + chunk.payload.size(), std::move(detail));
  }
  void segment(unsigned level, const Chunk &chunk, std::string detail = {}) {
    if (evidence_.outline != nullptr)
      evidence_.outline->add(level, chunk.offset, 8 + chunk.payload.size(), chunk.name_text(),
                             std::move(detail));
  }

  Bytes sample_;
  const CheckOptions &options_;
  Evidence &evidence_;

  std::uint64_t riff_end_ = 0; ///< as declared; past the end of a truncated file
  bool cut_ = false;           ///< the file ends before its RIFF chunk, and that is reported
  unsigned flags_ = 0;         ///< of VP8X
  unsigned seen_ = 0;          ///< flags whose chunks were seen
  bool anim_seen_ = false;
  bool image_seen_ = false;    ///< a still image or a frame
  std::optional<Chunk> alpha_; ///< ALPH that waits for its VP8
  bool alpha_lost_ = false;    ///< one waited in vain, and that is reported
};

void FileCheck::run() {
  if (!check_riff_header()) return;
  const std::uint64_t end = std::min<std::uint64_t>(riff_end_, sample_.size());
  ChunkWalk walk(sample_.subspan(riff_header_size, end - riff_header_size), riff_header_size, cut_);
  std::optional<Chunk> first = walk.next(evidence_);
  if (first) {
    if (first->name == fourcc("VP8X"))
      check_extended(*first, walk);
    else if (is_image(*first))
      check_simple(*first, walk);
    else
      find(first_chunk, *first, fmt::format("the first chunk is '{}'", first->name_text()));
  }
  if (deep() && !walk.broken()) check_trailing();
}

/// RFC 9649 2.4: 'RIFF', the size of what follows, 'WEBP'.
bool FileCheck::check_riff_header() {
  if (sample_.size() < riff_header_size) {
    evidence_.findings.add(riff_truncated, sample_.size(), 0,
                           fmt::format("{} bytes, the header has {}", sample_.size(), riff_header_size));
    return false;
  }
  if (*ByteReader(sample_).read<be32>() != fourcc("RIFF") ||
      *ByteReader(sample_, 8).read<be32>() != fourcc("WEBP")) {
    evidence_.findings.add(riff_signature, 0, riff_header_size, "no 'RIFF' or no 'WEBP'");
    return false;
  }
  const std::uint32_t size = *ByteReader(sample_, 4).read<le32>();
  if (evidence_.outline != nullptr)
    evidence_.outline->add(0, 0, riff_header_size, "RIFF", fmt::format("{} bytes, WEBP", size));
  // libwebp ParseRIFF(): at least 'WEBP' and a chunk header, at most MAX_CHUNK_PAYLOAD.
  if (size < 4 + 8 || size > 0xffffffffu - 8 - 1) {
    evidence_.findings.add(riff_size, 4, 4, fmt::format("{} bytes", size));
    return false;
  }
  riff_end_ = 8 + std::uint64_t{size};
  cut_ = riff_end_ > sample_.size();
  if (cut_)
    evidence_.findings.add(
        riff_truncated, sample_.size(), 0,
        fmt::format("the RIFF header announces {} bytes, the file has {}", riff_end_, sample_.size()));
  return true;
}

/// RFC 9649 2.5 and 2.6: one image, then nothing that readers need.
void FileCheck::check_simple(const Chunk &first, ChunkWalk &walk) {
  std::optional<FrameHeader> header = check_image(first);
  segment(1, first, header ? fmt::format("{} x {}", header->width, header->height) : "");
  if (header) {
    evidence_.facts.width = header->width;
    evidence_.facts.height = header->height;
    evidence_.facts.channels = header->alpha ? 4 : 3;
    evidence_.facts.colour = header->alpha ? Colour::rgba : Colour::rgb;
    evidence_.facts.bits = 8;
    evidence_.facts.frames = 1;
    check_limits(header->width, header->height, first.payload_offset());
  }
  // The demuxer looks at the header of one chunk more, and refuses the file when that does not fit. Whatever
  // follows is ignored, well formed or not.
  for (bool looked_at = true; deep() && !cut_ && walk.remaining() > 0; looked_at = false) {
    const std::uint64_t at = walk.offset(), left = walk.remaining();
    Evidence ignored;
    std::optional<Chunk> chunk = walk.next(looked_at ? evidence_ : ignored);
    if (!chunk && looked_at) return;
    if (!chunk || !chunk->is_named_in_ascii()) {
      evidence_.findings.add(simple_extra, at, left,
                             fmt::format("{} bytes after the image are no chunks", left));
      return;
    }
    segment(1, *chunk);
    if (is_for_extended_files(*chunk))
      find(simple_extra, *chunk, fmt::format("chunk '{}' after the image", chunk->name_text()));
    else
      check_unknown(*chunk);
  }
}

/// RFC 9649 2.7: VP8X [ICCP] (ALPH VP8 | VP8L | ANIM ANMF...) [EXIF] [XMP], unknown chunks anywhere.
void FileCheck::check_extended(const Chunk &first, ChunkWalk &walk) {
  if (!check_vp8x(first) || !deep()) return;
  while (std::optional<Chunk> chunk = walk.next(evidence_)) check_top_level(*chunk);
  if (walk.broken() || cut_) return;
  if (alpha_) find(alph_order, *alpha_, "no VP8 image follows the transparency");
  if (!image_seen_ && !alpha_ && !alpha_lost_) find(image_missing, first, "no VP8, VP8L or ANMF chunk");
  check_flags(first);
}

bool FileCheck::check_vp8x(const Chunk &vp8x) {
  if (vp8x.payload.size() != 10) {
    find(vp8x_size, vp8x, fmt::format("{} bytes", vp8x.payload.size()));
    return false;
  }
  flags_ = vp8x.payload[0];
  const std::uint32_t width = u24(vp8x.payload, 4) + 1, height = u24(vp8x.payload, 7) + 1;
  const bool animated = (flags_ & animation_flag) != 0, alpha = (flags_ & alpha_flag) != 0;
  segment(
      1, vp8x,
      fmt::format("canvas {} x {}{}{}", width, height, animated ? ", animated" : "", alpha ? ", alpha" : ""));
  Facts &facts = evidence_.facts;
  facts.width = width;
  facts.height = height;
  facts.bits = 8;
  facts.channels = alpha ? 4 : 3;
  facts.colour = alpha ? Colour::rgba : Colour::rgb;
  facts.frames = animated ? 0 : 1;
  if ((flags_ & ~all_flags) != 0)
    evidence_.findings.add(vp8x_flags, vp8x.payload_offset(), 1, fmt::format("flags 0x{:02x}", flags_));
  if (std::uint32_t reserved = u24(vp8x.payload, 1); reserved != 0)
    evidence_.findings.add(vp8x_reserved, vp8x.payload_offset() + 1, 3, fmt::format("0x{:06x}", reserved));
  if (std::uint64_t{width} * height >= 0xffffffffu) {
    evidence_.findings.add(vp8x_canvas, vp8x.payload_offset() + 4, 6,
                           fmt::format("{} x {} pixels", width, height));
    return false;
  }
  check_limits(width, height, vp8x.payload_offset() + 4); // nothing is allocated here: the walk goes on
  return true;
}

void FileCheck::check_top_level(const Chunk &chunk) {
  if (alpha_ && chunk.name != fourcc("VP8 ")) { // the demuxer wants them together
    find(alph_order, *alpha_, fmt::format("chunk '{}' follows the transparency, not VP8", chunk.name_text()));
    alpha_.reset();
    alpha_lost_ = true;
  }
  if (is_image(chunk))
    check_still_image(chunk);
  else if (chunk.name == fourcc("ALPH")) {
    segment(1, chunk);
    if (image_seen_)
      find(alph_order, chunk, "transparency after the image");
    else
      alpha_ = chunk;
  } else if (chunk.name == fourcc("VP8X"))
    find(vp8x_second, chunk, "VP8X again");
  else if (chunk.name == fourcc("ANIM"))
    check_anim(chunk);
  else if (chunk.name == fourcc("ANMF"))
    check_anmf(chunk);
  else if (chunk.name == fourcc("ICCP"))
    check_metadata(chunk, icc_flag);
  else if (chunk.name == fourcc("EXIF"))
    check_metadata(chunk, exif_flag);
  else if (chunk.name == fourcc("XMP "))
    check_metadata(chunk, xmp_flag);
  else
    check_unknown(chunk);
}

void FileCheck::check_still_image(const Chunk &image) {
  std::optional<Chunk> alpha = std::exchange(alpha_, std::nullopt);
  const bool first = !std::exchange(image_seen_, true);
  if (anim_seen_ || (flags_ & animation_flag) != 0) {
    find(vp8x_animation, image,
         fmt::format("chunk '{}' outside of a frame of an animation", image.name_text()));
    return;
  }
  if (!first) {
    find(image_second, image, fmt::format("a further image: chunk '{}'", image.name_text()));
    return;
  }
  std::optional<FrameHeader> header = check_image(image);
  segment(1, image, header ? fmt::format("{} x {}", header->width, header->height) : "");
  if (!header) return;
  const Facts &facts = evidence_.facts;
  if (header->width != facts.width || header->height != facts.height)
    find(image_canvas, image,
         fmt::format("image {} x {}, canvas {} x {}", header->width, header->height, facts.width,
                     facts.height));
  if (alpha) check_alpha(*alpha, *header, evidence_);
  if (alpha || header->alpha) seen_ |= alpha_flag;
}

void FileCheck::check_anim(const Chunk &anim) {
  segment(1, anim);
  if (anim_seen_)
    find(chunk_duplicate, anim, "ANIM again");
  else if (image_seen_)
    find(anim_missing, anim, "ANIM after the first frame");
  if (anim.payload.size() != 6) find(anim_size, anim, fmt::format("{} bytes", anim.payload.size()));
  anim_seen_ = true;
}

/// RFC 9649 2.7.1.1: x / 2, y / 2, width - 1, height - 1, duration (24 bits each), 6 reserved bits, blending
/// and disposal, then the frame's chunks.
void FileCheck::check_anmf(const Chunk &anmf) {
  const bool first = !std::exchange(image_seen_, true);
  if (first && !anim_seen_) find(anim_missing, anmf, "a frame without ANIM before it");
  if (first && (flags_ & animation_flag) == 0)
    find(vp8x_animation, anmf, "a frame, but VP8X does not announce an animation");
  if (anmf.payload.size() < 16) {
    find(anmf_size, anmf, fmt::format("{} bytes", anmf.payload.size()));
    return;
  }
  ++evidence_.facts.frames;
  const std::uint64_t x = 2 * std::uint64_t{u24(anmf.payload, 0)},
                      y = 2 * std::uint64_t{u24(anmf.payload, 3)};
  const std::uint32_t width = u24(anmf.payload, 6) + 1, height = u24(anmf.payload, 9) + 1;
  segment(1, anmf, fmt::format("{} x {} at {}, {}, {} ms", width, height, x, y, u24(anmf.payload, 12)));
  if (unsigned reserved = anmf.payload[15] >> 2; reserved != 0)
    evidence_.findings.add(anmf_reserved, anmf.payload_offset() + 15, 1,
                           fmt::format("0x{:02x}", anmf.payload[15]));
  const Frame frame{x, y, width, height};
  if (check_bounds(frame, anmf)) check_frame_contents(anmf, frame);
}

bool FileCheck::check_bounds(const Frame &frame, const Chunk &chunk) {
  const Facts &facts = evidence_.facts;
  if (frame.x + frame.width <= facts.width && frame.y + frame.height <= facts.height) return true;
  find(anmf_bounds, chunk,
       fmt::format("{} x {} at {}, {} on a canvas of {} x {}", frame.width, frame.height, frame.x, frame.y,
                   facts.width, facts.height));
  return false;
}

void FileCheck::check_frame_contents(const Chunk &anmf, const Frame &frame) {
  ChunkWalk walk(anmf.payload.subspan(16), anmf.payload_offset() + 16, false);
  std::optional<Chunk> alpha;
  bool image_found = false;
  while (std::optional<Chunk> chunk = walk.next(evidence_)) {
    if (chunk->name == fourcc("ALPH")) {
      segment(2, *chunk);
      if (alpha || image_found)
        find(alph_order, *chunk, image_found ? "transparency after the image" : "ALPH again");
      alpha = chunk;
    } else if (is_image(*chunk)) {
      if (image_found) {
        find(image_second, *chunk, "a further image in a frame");
        return;
      }
      image_found = true;
      if (alpha && chunk->name == fourcc("VP8L")) find(alph_order, *alpha, "ALPH with a VP8L image");
      std::optional<FrameHeader> header = check_image(*chunk);
      segment(2, *chunk, header ? fmt::format("{} x {}", header->width, header->height) : "");
      if (!header) return;
      // The demuxer takes the size of the image for that of the frame.
      const bool differs = header->width != frame.width || header->height != frame.height;
      if (differs && !check_bounds({frame.x, frame.y, header->width, header->height}, *chunk)) return;
      if (differs)
        find(anmf_frame, *chunk,
             fmt::format("image {} x {}, frame {} x {}", header->width, header->height, frame.width,
                         frame.height));
      if (alpha) check_alpha(*alpha, *header, evidence_);
      if (alpha || header->alpha) seen_ |= alpha_flag;
    } else {
      check_unknown(*chunk);
    }
  }
  if (!image_found && !walk.broken()) find(image_missing, anmf, "a frame without VP8 or VP8L");
}

void FileCheck::check_flags(const Chunk &vp8x) {
  const auto differ = [&](unsigned flag, std::string_view what) {
    if (((flags_ ^ seen_) & flag) == 0) return;
    evidence_.findings.add(vp8x_metadata, vp8x.payload_offset(), 1,
                           (seen_ & flag) != 0
                               ? fmt::format("a chunk for {} that VP8X does not announce", what)
                               : fmt::format("VP8X announces {}, no chunk holds it", what));
  };
  differ(icc_flag, "an ICC profile");
  differ(exif_flag, "Exif");
  differ(xmp_flag, "XMP");
  // The other way round is legal: 'Set if any of the frames contain transparency information' is a
  // promise that encoders make before they know.
  if ((seen_ & alpha_flag) != 0 && (flags_ & alpha_flag) == 0)
    evidence_.findings.add(vp8x_alpha, vp8x.payload_offset(), 1, "transparency is stored, but not announced");
  if ((flags_ & animation_flag) != 0 && image_seen_ && !evidence_.findings.any_at_least(Severity::error))
    evidence_.findings.add(anim_loaders, vp8x.offset, 18,
                           fmt::format("an animation of {} frames", evidence_.facts.frames));
}

void FileCheck::check_limits(std::uint32_t width, std::uint32_t height, std::uint64_t offset) {
  const std::uint64_t pixels = std::uint64_t{width} * height;
  evidence_.facts.decoded_bytes = pixels * evidence_.facts.channels;
  // libwebp decodes to four channels whenever Pillow or OpenCV asks.
  if (pixels > options_.limits.pixels || pixels > options_.limits.decoded_bytes / 4)
    evidence_.findings.add(image_limit, offset, 0,
                           fmt::format("{} x {} pixels, {} bytes decoded", width, height, pixels * 4));
}

void FileCheck::check_metadata(const Chunk &chunk, unsigned flag) {
  segment(1, chunk);
  if ((seen_ & flag) != 0)
    find(chunk_duplicate, chunk, fmt::format("'{}' again", chunk.name_text()));
  else if (flag == icc_flag && image_seen_)
    find(chunk_order, chunk, "the colour profile follows the image");
  seen_ |= flag;
}

void FileCheck::check_unknown(const Chunk &chunk) {
  if (chunk.is_named_in_ascii())
    find(chunk_unknown, chunk, fmt::format("chunk '{}'", chunk.name_text()));
  else
    find(chunk_name, chunk, fmt::format("chunk '{}'", chunk.name_text()));
}

void FileCheck::check_trailing() {
  if (cut_ || riff_end_ >= sample_.size()) return;
  // A RIFF chunk of odd size has its own padding byte.
  const std::uint64_t trailing = sample_.size() - riff_end_;
  if (riff_end_ % 2 != 0 && trailing == 1 && sample_[riff_end_] == 0) return;
  evidence_.findings.add(riff_trailing, riff_end_, trailing,
                         fmt::format("{} bytes after the RIFF chunk", trailing));
}

std::optional<FrameHeader> FileCheck::check_image(const Chunk &image) {
  std::optional<FrameHeader> header = read_frame_header(image, deep(), evidence_);
  if (header && options_.depth >= Depth::content)
    find_zero_run(image.payload, image.payload_offset(), evidence_);
  return header;
}

} // namespace
} // namespace webp

namespace {

constexpr std::string_view webp_extensions[] = {"webp"};

bool sniff_webp(Bytes head) {
  ByteReader reader(head);
  const std::optional<be32> riff = reader.read<be32>();
  reader.skip(4);
  const std::optional<be32> form = reader.read<be32>();
  return riff && form && *riff == webp::fourcc("RIFF") && *form == webp::fourcc("WEBP");
}

void check_webp(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  webp::FileCheck(sample, options, evidence).run();
}

} // namespace

const Format webp_format = {
    .name = "webp",
    .title = "WebP",
    .layout = Layout::whole,
    .extensions = webp_extensions,
    .rules = webp::all_rules,
    .sniff = sniff_webp,
    .check = check_webp,
    .decoder_family = "images",
    .asks_decoder_from = Depth::content,
};

} // namespace datavet
