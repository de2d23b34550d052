#include "formats/jpeg2000/boxes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "formats/jpeg2000/rules.h"

namespace datavet::jpeg2000 {

namespace {

constexpr std::uint8_t signature_box[] = {0, 0, 0, 12, 'j', 'P', ' ', ' ', 0x0d, 0x0a, 0x87, 0x0a};

constexpr std::uint32_t type_of(std::string_view name) {
  std::uint32_t type = 0;
  for (char letter : name) type = type << 8 | static_cast<std::uint8_t>(letter);
  return type;
}

std::string name_of(std::uint32_t type) {
  std::string name;
  for (int shift = 24; shift >= 0; shift -= 8) name += static_cast<char>(type >> shift & 0xff);
  return name;
}

struct Box {
  std::uint64_t at = 0; ///< of its length field, in the sample
  std::uint32_t type = 0;
  std::uint64_t body_at = 0; ///< in the sample
  Bytes body;
  bool cut = false;    ///< the file ends before the box does
  bool to_end = false; ///< LBox = 0: as long as the file
};

/// T.800 I.5.3.1, the body of "ihdr".
struct ImageHeader {
  be32 height, width;
  be16 components;
  std::uint8_t bits, compression, unknown_colour, has_rights;
};
static_assert(sizeof(ImageHeader) == 14);

class Checker {
public:
  Checker(Bytes sample, Depth depth, Evidence &evidence)
      : sample_(sample), depth_(depth), evidence_(evidence) {}

  Geometry check() {
    ByteReader reader(sample_);
    outline(0, 0, sizeof signature_box, "jP");
    reader.skip(sizeof signature_box);
    bool first = true;
    while (!reader.at_end()) {
      std::optional<Box> box = read_box(0, reader);
      if (!box || !read_top_level(*box, first)) return geometry_;
      // Nothing after the codestream matters for recognition, dimensions and limits.
      if (depth_ == Depth::header && geometry_.known) return geometry_;
      first = false;
    }
    if (!has_codestream_ && has_fragments_)
      report(unsupported, 0, 0, "a JPX file whose codestream is in fragments (ftbl)");
    else if (!has_codestream_)
      report(box_missing, sample_.size(), 0, has_header_ ? "no codestream (jp2c)" : "no JP2 header (jp2h)");
    return geometry_;
  }

private:
  bool report(const Rule &rule, std::uint64_t at, std::uint64_t length, std::string detail) {
    evidence_.findings.add(rule, at, length, std::move(detail));
    return false;
  }

  void outline(unsigned level, std::uint64_t at, std::uint64_t length, std::string name) {
    if (evidence_.outline != nullptr) evidence_.outline->add(level, at, length, std::move(name));
  }

  /// T.800 I.4: LBox, TBox, XLBox when LBox is 1. What `reader` reads begins at `base` of the sample: 0 = top
  /// level.
  std::optional<Box> read_box(std::uint64_t base, ByteReader &reader) {
    Box box;
    box.at = base + reader.offset();
    const std::uint64_t available = reader.remaining();
    auto cut = [&]() {
      report(base == 0 ? box_truncated : box_length, base == 0 ? sample_.size() : box.at, 0,
             "the file ends inside the header of a box");
      return std::nullopt;
    };
    std::optional<be32> length = reader.read<be32>(), type = reader.read<be32>();
    if (!length || !type) return cut();
    box.type = *type;
    std::uint64_t size = *length, header = 8;
    if (size == 1) {
      std::optional<be64> long_size = reader.read<be64>();
      if (!long_size) return cut();
      size = *long_size;
      header = 16;
    }
    box.to_end = size == 0;
    if (box.to_end) size = available;
    if (size < header || (box.to_end && base != 0)) {
      report(box_length, box.at, 4, fmt::format("box \"{}\" of {} bytes", name_of(box.type), size));
      return std::nullopt;
    }
    box.body_at = base + reader.offset();
    box.cut = size > available;
    box.body = box.cut ? reader.rest() : *reader.take(size - header);
    if (box.cut && base != 0) {
      report(box_length, box.at, 4,
             fmt::format("box \"{}\" of {} bytes in a box with {} left", name_of(box.type), size, available));
      return std::nullopt;
    }
    outline(base == 0 ? 0 : 1, box.at, std::min(size, available), name_of(box.type));
    return box;
  }

  bool read_top_level(const Box &box, bool first) {
    // T.800 I.2.2: the file type box immediately follows the signature box.
    if (first && box.type != type_of("ftyp"))
      return report(box_order, box.at, 8,
                    fmt::format("box \"{}\" where \"ftyp\" should be", name_of(box.type)));
    if (box.type == type_of("jp2c")) return read_codestream(box);
    if (box.cut) {
      report(box_truncated, sample_.size(), 0,
             fmt::format("the file ends inside box \"{}\"", name_of(box.type)));
      return false;
    }
    if (box.type == type_of("ftyp")) return read_file_type(box);
    if (box.type == type_of("jp2h") && !has_header_) return read_header(box);
    has_fragments_ |= box.type == type_of("ftbl"); // T.801 M.11.3
    return true;
  }

  /// T.800 I.5.2: brand, version, then compatible brands.
  bool read_file_type(const Box &box) {
    if (box.body.size() < 12 || box.body.size() % 4 != 0)
      return report(box_length, box.at, 4, fmt::format("a file type of {} bytes", box.body.size()));
    ByteReader list(box.body, 8);
    while (std::optional<be32> compatible = list.read<be32>())
      for (std::string_view known : {"jp2 ", "jpx ", "jpxb", "jpm ", "jph "})
        if (*compatible == type_of(known)) return true;
    report(brand, box.body_at, box.body.size(), "no brand of JPEG 2000 in the list");
    return true;
  }

  /// T.800 I.5.3: a superbox; the image header is the first box in it.
  bool read_header(const Box &box) {
    has_header_ = true;
    ByteReader reader(box.body);
    bool has_colour = false, first = true;
    while (!reader.at_end()) {
      std::optional<Box> inner = read_box(box.body_at, reader);
      if (!inner) return false;
      if (first && inner->type != type_of("ihdr"))
        return report(box_order, inner->at, 8,
                      fmt::format("box \"{}\" where \"ihdr\" should be", name_of(inner->type)));
      first = false;
      has_colour |= inner->type == type_of("colr");
      if (!read_in_header(*inner)) return false;
    }
    if (first) return report(box_missing, box.at, 8, "no image header (ihdr)");
    // T.801 M.11.7: a JPX file may keep it elsewhere, and loaders then assume sRGB or grey.
    if (!has_colour) report(colour, box.at, 8, "no colour specification (colr)");
    if (has_palette_ != has_mapping_)
      return report(palette, box.at, 8,
                    has_palette_ ? "a palette (pclr) without a mapping (cmap)"
                                 : "a mapping (cmap) without a palette (pclr)");
    return true;
  }

  bool read_in_header(const Box &box) {
    if (box.type == type_of("ihdr")) return read_image_header(box);
    if (box.type == type_of("colr")) return read_colour(box);
    if (box.type == type_of("pclr")) return read_palette(box);
    if (box.type == type_of("cmap")) return read_mapping(box);
    if (box.type == type_of("bpcc") && box.body.size() != image_.components)
      return report(
          box_length, box.at, 4,
          fmt::format("{} bit depths for {} components", box.body.size(), image_.components.value()));
    return true;
  }

  bool read_image_header(const Box &box) {
    std::optional<ImageHeader> image = ByteReader(box.body).read<ImageHeader>();
    if (!image || box.body.size() != sizeof(ImageHeader))
      return report(image_header, box.at, 4, fmt::format("an image header of {} bytes", box.body.size()));
    image_ = *image;
    // Table I.5: compression type 7 is the only one.
    if (image->height == 0 || image->width == 0 || image->components == 0 || image->components > 16384 ||
        image->compression != 7)
      return report(image_header, box.body_at, box.body.size(),
                    fmt::format("{} x {}, {} components, compression {}", image->width.value(),
                                image->height.value(), image->components.value(), image->compression));
    return true;
  }

  /// T.800 I.5.3.3: METH, PREC, APPROX, then EnumCS or an ICC profile.
  bool read_colour(const Box &box) {
    if (box.body.size() < 3)
      return report(box_length, box.at, 4, fmt::format("a colour box of {} bytes", box.body.size()));
    const std::uint8_t method = box.body[0];
    if (method == 1) {
      std::optional<be32> space = ByteReader(box.body, 3).read<be32>();
      if (!space) return report(box_length, box.at, 4, "a colour box without its colour space");
      if (evidence_.facts.colour == Colour::unknown) name_colour(*space);
      unusual_colour_ |= *space < 16 || *space > 18;
      // T.801 table M.25 goes up to 24 (with holes); the vendors' range begins at 2^31.
      if (*space > 24 && *space < 0x80000000)
        report(colour, box.body_at + 3, 4, fmt::format("colour space {}", space->value()));
    } else if (method == 0 || method > 5) {
      report(colour, box.body_at, 1, fmt::format("colour method {}", method));
    }
    return true;
  }

  void name_colour(std::uint32_t space) {
    Colour &named = evidence_.facts.colour;
    if (space == 12) named = Colour::cmyk;
    if (space == 16) named = image_.components == 4 ? Colour::rgba : Colour::rgb;
    if (space == 17) named = image_.components == 2 ? Colour::grey_alpha : Colour::grey;
    if (space == 18) named = Colour::ycbcr;
  }

  /// T.800 I.5.3.4: NE, NPC, B for each column, then NE x NPC values of whole bytes.
  bool read_palette(const Box &box) {
    has_palette_ = true;
    ByteReader reader(box.body);
    std::optional<be16> entries = reader.read<be16>();
    std::optional<std::uint8_t> columns = reader.u8();
    if (!entries || !columns || *entries == 0 || *entries > 1024 || *columns == 0)
      return report(palette, box.at, 8, "a palette without entries or columns");
    std::uint64_t entry_bytes = 0;
    for (std::uint32_t i = 0; i < *columns; ++i) {
      std::optional<std::uint8_t> depth = reader.u8();
      if (!depth) return report(palette, box.at, 8, "the palette ends inside its bit depths");
      entry_bytes += ((*depth & 0x7fu) + 8) / 8;
    }
    if (reader.remaining() != *entries * entry_bytes)
      return report(
          palette, box.at, 8,
          fmt::format("{} bytes for {} entries of {}", reader.remaining(), entries->value(), entry_bytes));
    columns_ = *columns;
    return true;
  }

  /// T.800 I.5.3.5: CMP (2), MTYP, PCOL for each channel.
  bool read_mapping(const Box &box) {
    has_mapping_ = true;
    if (box.body.empty() || box.body.size() % 4 != 0)
      return report(palette, box.at, 8, fmt::format("a component mapping of {} bytes", box.body.size()));
    ByteReader reader(box.body);
    while (!reader.at_end()) {
      const std::uint32_t component = *reader.read<be16>();
      const std::uint8_t type = *reader.u8(), column = *reader.u8();
      if (component >= image_.components || type > 1 || (type == 1 && has_palette_ && column >= columns_))
        return report(palette, box.body_at + reader.offset() - 4, 4,
                      fmt::format("component {}, type {}, column {}", component, type, column));
    }
    return true;
  }

  bool read_codestream(const Box &box) {
    if (!has_header_)
      return report(box_order, box.at, 8, "the codestream stands before the JP2 header (jp2h)");
    if (has_codestream_) return true; // JPX may hold several; loaders read the first
    has_codestream_ = true;
    const bool sound_so_far = !evidence_.findings.any_at_least(Severity::error);
    geometry_ = check_codestream(box.body, box.body_at, depth_, evidence_);
    // The codestream's own finding says more, if there is one.
    if (box.cut && sound_so_far && !evidence_.findings.any_at_least(Severity::error) &&
        depth_ > Depth::header)
      return report(box_truncated, sample_.size(), 0, "the file ends inside box \"jp2c\"");
    geometry_.unusual_colour = unusual_colour_;
    if (geometry_.known) compare_headers();
    return !box.cut;
  }

  void compare_headers() {
    if (geometry_.width == image_.width && geometry_.height == image_.height &&
        geometry_.components == image_.components)
      return;
    report(header_mismatch, 0, 0,
           fmt::format("ihdr: {} x {}, {} components; SIZ: {} x {}, {} components", image_.width.value(),
                       image_.height.value(), image_.components.value(), geometry_.width, geometry_.height,
                       geometry_.components));
  }

  Bytes sample_;
  Depth depth_;
  Evidence &evidence_;
  Geometry geometry_;
  ImageHeader image_{};
  std::uint32_t columns_ = 0;
  bool has_header_ = false, has_codestream_ = false, has_palette_ = false, has_mapping_ = false;
  bool has_fragments_ = false, unusual_colour_ = false;
};

} // namespace

bool is_jp2(Bytes bytes) {
  return bytes.size() >= sizeof signature_box &&
         std::equal(std::begin(signature_box), std::end(signature_box), bytes.begin());
}

Geometry check_boxes(Bytes sample, Depth depth, Evidence &evidence) {
  return Checker(sample, depth, evidence).check();
}

} // namespace datavet::jpeg2000
