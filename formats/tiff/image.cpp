#include "formats/tiff/image.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/tiff/rules.h"
#include "formats/tiff/tags.h"

namespace datavet::tiff {

namespace {

/// Reads tags one by one and keeps in mind whether all of them could be used.
class TagReader {
public:
  TagReader(const FileView &file, const Directory &directory, Evidence &evidence)
      : file_(file), directory_(directory), evidence_(evidence) {}

  bool good() const { return good_; }
  const Entry *entry(std::uint16_t tag) const { return directory_.find(tag); }

  /// The one value of a tag that describes the pixels, in [low, high]; `otherwise` when there is no such tag.
  std::uint64_t one(std::uint16_t tag, std::uint64_t otherwise, std::uint64_t low, std::uint64_t high) {
    const Entry *found = entry(tag);
    if (found == nullptr) return otherwise;
    if (lost(*found)) return otherwise;
    if (found->count != 1) return bad(*found, fmt::format("{} values, not 1", found->count), otherwise);
    return checked(*found, 0, otherwise, low, high);
  }

  /// The value of a tag with one value for each sample, which must be equal; `rule` says what it is when not.
  std::uint64_t equal(std::uint16_t tag, std::uint64_t otherwise, std::uint64_t low, std::uint64_t high,
                      const Rule &unequal) {
    const Entry *found = entry(tag);
    if (found == nullptr) return otherwise;
    if (lost(*found)) return otherwise;
    if (found->count == 0) return bad(*found, "no value", otherwise);
    const std::uint64_t first = checked(*found, 0, otherwise, low, high);
    for (std::uint64_t i = 1; good_ && i < std::min(found->count, samples_); ++i)
      if (const std::uint64_t value = checked(*found, i, otherwise, low, high); good_ && value != first) {
        evidence_.findings.add(unequal, found->at, 0,
                               fmt::format("{}: {} and {}", found->name(), first, value));
        good_ = false;
      }
    return first;
  }

  /// Judges a tag that only describes: a warning when its value is not in [low, high].
  std::uint64_t hint(std::uint16_t tag, std::uint64_t otherwise, std::uint64_t low, std::uint64_t high) {
    const Entry *found = entry(tag);
    if (found == nullptr || !found->readable) return otherwise;
    const std::optional<std::uint64_t> value = integer(file_, *found);
    if (value && *value >= low && *value <= high) return *value;
    evidence_.findings.add(entry_hint, found->at, 0,
                           value ? fmt::format("{} is {}", found->name(), *value)
                                 : fmt::format("{}: {} values of type {}", found->name(), found->count,
                                               name_of_type(found->type)));
    return otherwise;
  }

  /// Judges a tag of numbers that Pillow calculates with: BYTE, ASCII and UNDEFINED are strings to it.
  void numeric(std::uint16_t tag) {
    const Entry *found = entry(tag);
    if (found != nullptr && (found->type == 1 || found->type == 2 || found->type == 7))
      bad(*found, fmt::format("type {}", name_of_type(found->type)), 0);
  }

  bool require(std::uint16_t tag) {
    if (entry(tag) != nullptr) return true;
    evidence_.findings.add(entry_required, directory_.at, directory_.size,
                           fmt::format("no {}", name_of_tag(tag)));
    return good_ = false;
  }

  void set_samples(std::uint64_t samples) { samples_ = samples; }

private:
  /// True when the values lie outside the file, which is reported already.
  bool lost(const Entry &found) {
    const bool outside = !found.readable && size_of_type(found.type) != 0;
    if (outside) good_ = false;
    return outside;
  }

  std::uint64_t checked(const Entry &found, std::uint64_t index, std::uint64_t otherwise, std::uint64_t low,
                        std::uint64_t high) {
    const std::optional<std::uint64_t> value = integer(file_, found, index);
    if (!value || found.type == 1) // Pillow makes a string of BYTEs and raises
      return bad(found, fmt::format("type {}", name_of_type(found.type)), otherwise);
    if (*value < low || *value > high) return bad(found, fmt::format("value {}", *value), otherwise);
    return *value;
  }

  std::uint64_t bad(const Entry &found, std::string what, std::uint64_t otherwise) {
    evidence_.findings.add(entry_value, found.at, file_.big ? 20 : 12,
                           fmt::format("{}: {}", found.name(), what));
    good_ = false;
    return otherwise;
  }

  const FileView &file_;
  const Directory &directory_;
  Evidence &evidence_;
  std::uint64_t samples_ = 1;
  bool good_ = true;
};

/// TIFF 6.0 section 8, Compression; false when the page cannot be judged further.
bool check_compression(const Image &image, const Directory &directory, Evidence &evidence) {
  if (is_common_compression(image.compression)) return true;
  const Entry *entry = directory.find(compression);
  const Rule &rule =
      is_registered_compression(image.compression) ? image_compression : image_unknown_compression;
  evidence.findings.add(rule, entry->at, 0, fmt::format("compression {}", image.compression));
  return &rule == &image_compression;
}

bool is_jpeg(const Image &image) {
  return image.compression == Compression::jpeg || image.compression == Compression::old_jpeg;
}

/// TIFF 6.0 sections 5, 6, 16, 20, 21, 23: without BitsPerSample an image has 1 bit, which none of these has.
bool needs_depth(const Image &image) {
  return image.photometric > Photometric::black_is_zero && image.photometric != Photometric::mask &&
         !is_jpeg(image);
}

/// TIFF 6.0 sections 4 to 6, 21 and 23: how many samples a colour space needs.
std::uint64_t samples_needed(std::uint64_t colour_space) {
  switch (colour_space) {
  case Photometric::rgb:
  case Photometric::ycbcr:
  case Photometric::log_luv: return 3;
  default: return 1; // CIELab may have one, CMYK as many as it has inks
  }
}

/// Samples that loaders expect of a colour space when ExtraSamples says nothing else; 0 = any number.
std::uint64_t samples_expected(const Image &image) {
  switch (*image.photometric) {
  case Photometric::white_is_zero:
  case Photometric::black_is_zero:
  case Photometric::palette: return 1;
  case Photometric::rgb: return image.samples == 4 ? 4 : 3; // Pillow and libtiff take a fourth for alpha
  default: return 0;
  }
}

void check_samples(const FileView &file, const Image &image, const Directory &directory, Evidence &evidence) {
  const Entry *depths = directory.find(bits_per_sample);
  if (depths != nullptr && depths->count > 1 && depths->count < image.samples)
    evidence.findings.add(image_samples, depths->at, 0,
                          fmt::format("{} bit depths for {} samples", depths->count, image.samples));
  else if (image.photometric && image.samples < samples_needed(*image.photometric) &&
           image.compression != Compression::old_jpeg) // old JPEG writers leave SamplesPerPixel out
    evidence.findings.add(image_samples, directory.at, 0,
                          fmt::format("{} samples a pixel, photometric {} needs {}", image.samples,
                                      *image.photometric, samples_needed(*image.photometric)));
  else if (image.photometric) {
    const Entry *extra = directory.find(extra_samples);
    const std::uint64_t expected = samples_expected(image), declared = extra == nullptr ? 0 : extra->count;
    if (expected != 0 && image.samples > expected + declared)
      evidence.findings.add(image_extra, extra == nullptr ? directory.at : extra->at, 0,
                            fmt::format("{} samples a pixel, photometric {}, {} ExtraSamples", image.samples,
                                        *image.photometric, declared));
  }
  if (image.photometric != Photometric::palette) return;
  const Entry *map = directory.find(colour_map);
  if (map == nullptr)
    evidence.findings.add(image_colour_map, directory.at, 0, "a palette image without ColorMap");
  else if (image.bits > 16 || map->count != std::uint64_t{3} << image.bits)
    evidence.findings.add(image_colour_map, map->at, file.big ? 20 : 12,
                          fmt::format("{} values for {} bits", map->count, image.bits));
}

/// TIFF 6.0 section 21: with subsampled chrominance, rows of a strip are stored in blocks.
bool is_subsampled(TagReader &tags, const Image &image) {
  if (image.photometric != Photometric::ycbcr || is_jpeg(image) || image.planar == 2) return false;
  const Entry *entry = tags.entry(ycbcr_subsampling);
  if (entry == nullptr) return true; // the default is 2, 2
  return tags.equal(ycbcr_subsampling, 2, 1, 4, entry_hint) != 1 || entry->count != 2;
}

void read_layout(TagReader &tags, Image &image) {
  image.tiled = tags.entry(tile_width) != nullptr || tags.entry(tile_offsets) != nullptr;
  if (image.tiled) {
    if (!tags.require(tile_width) || !tags.require(tile_length)) return;
    image.piece_width = tags.one(tile_width, 0, 1, 0xffffffff);
    image.piece_height = tags.one(tile_length, 0, 1, 0xffffffff);
  } else {
    image.piece_width = image.width;
    image.piece_height = std::min(image.height, tags.one(rows_per_strip, 0xffffffff, 1, 0xffffffff));
  }
}

} // namespace

std::uint64_t Image::rows_of(std::uint64_t piece) const {
  if (tiled) return piece_height;
  const std::uint64_t first_row = piece % pieces_down() * piece_height;
  return std::min(piece_height, height - first_row);
}

std::uint64_t Image::pieces() const {
  const std::uint64_t in_plane = pieces_across() * pieces_down(); // both below 2^32
  return in_plane > UINT64_MAX / planes() ? UINT64_MAX : in_plane * planes();
}

bool is_within_limits(const Image &image, const Directory &directory, const Limits &limits,
                      Evidence &evidence) {
  // No product overflows: width and height are below 2^32, samples below 2^16, bits at most 64.
  const std::uint64_t pixels = image.width * image.height;
  const std::uint64_t piece_pixels = image.piece_width * image.piece_height;
  const std::uint64_t bytes_of_pixel = (image.samples * image.bits + 7) / 8;
  if (pixels <= limits.pixels && std::max(pixels, piece_pixels) <= limits.decoded_bytes / bytes_of_pixel)
    return true;
  evidence.findings.add(image_limit, directory.at, directory.size,
                        fmt::format("{} x {} pixels of {} bits in pieces of {} x {}", image.width,
                                    image.height, image.samples * image.bits, image.piece_width,
                                    image.piece_height));
  return false;
}

std::optional<Image> read_image(const FileView &file, const Directory &directory, Evidence &evidence) {
  TagReader tags(file, directory, evidence);
  if (!tags.require(image_width) || !tags.require(image_length)) return std::nullopt;
  Image image;
  image.width = tags.one(image_width, 0, 1, 0xffffffff);
  image.height = tags.one(image_length, 0, 1, 0xffffffff);
  image.compression = tags.one(compression, 1, 0, 0xffff);
  const std::uint64_t default_samples = image.compression == Compression::old_jpeg ? 3 : 1;
  image.samples = tags.one(samples_per_pixel, default_samples, 1, 0xffff);
  tags.set_samples(image.samples);
  image.bits = tags.equal(bits_per_sample, is_jpeg(image) ? 8 : 1, 1, 64, image_depths);
  image.planar = tags.one(planar_configuration, 1, 1, 2);
  tags.one(fill_order, 1, 1, 2);
  tags.equal(sample_format, 1, 1, 6, image_depths);
  read_layout(tags, image);
  if (tags.entry(photometric) != nullptr) image.photometric = tags.one(photometric, 0, 0, 0xffff);
  if (!tags.good()) return std::nullopt;

  // TIFF 6.0 sections 3 to 6: required. Not of old JPEGs, whose writers leave most of it to the stream.
  if (!is_jpeg(image)) tags.require(photometric);
  if (needs_depth(image)) tags.require(bits_per_sample);
  if (!tags.good()) return std::nullopt;
  if (image.photometric && !is_registered_photometric(*image.photometric))
    evidence.findings.add(
        entry_value, directory.find(photometric)->at, file.big ? 20 : 12,
        fmt::format("{}: value {}", directory.find(photometric)->name(), *image.photometric));
  tags.numeric(x_resolution);
  tags.numeric(y_resolution);
  tags.hint(orientation, 1, 1, 8);
  tags.hint(resolution_unit, 2, 1, 3);
  image.ycbcr_subsampled = is_subsampled(tags, image);
  check_samples(file, image, directory, evidence);
  if (image.tiled && (image.piece_width % 16 != 0 || image.piece_height % 16 != 0))
    evidence.findings.add(tile_size, directory.find(tile_width)->at, 0,
                          fmt::format("tiles of {} x {}", image.piece_width, image.piece_height));
  if (!check_compression(image, directory, evidence)) return std::nullopt;
  return image;
}

} // namespace datavet::tiff
