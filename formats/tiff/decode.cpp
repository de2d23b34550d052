#include "formats/tiff/decode.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>
#include <tiffio.h>

#include "formats/tiff/directory.h"
#include "formats/tiff/image.h"
#include "formats/tiff/rules.h"
#include "formats/tiff/tags.h"

namespace datavet {

namespace tiff {
namespace {

/// What libtiff says while it works on one file. Its handlers are global, so the one in use is too.
struct Messages {
  std::string error;   ///< the first
  std::string warning; ///< the first

  void clear() { *this = {}; }
};
thread_local Messages *messages_in_use = nullptr;

void keep_first(std::string &kept, const char *module, const char *format, va_list arguments) {
  if (!kept.empty()) return;
  char text[256];
  std::vsnprintf(text, sizeof text, format, arguments);
  kept = module != nullptr ? fmt::format("{}: {}", module, text) : text;
}

void on_error(const char *module, const char *format, va_list arguments) {
  if (messages_in_use != nullptr) keep_first(messages_in_use->error, module, format, arguments);
}

void on_warning(const char *module, const char *format, va_list arguments) {
  if (messages_in_use != nullptr) keep_first(messages_in_use->warning, module, format, arguments);
}

/// A sample in memory as libtiff reads files. It is mapped, so that strips are not copied.
struct MemoryFile {
  Bytes bytes;
  std::uint64_t at = 0;
};

MemoryFile &memory_file(thandle_t handle) { return *static_cast<MemoryFile *>(handle); }

tmsize_t read_memory(thandle_t handle, void *into, tmsize_t size) {
  MemoryFile &file = memory_file(handle);
  if (size <= 0 || file.at >= file.bytes.size()) return 0;
  const std::uint64_t count =
      std::min<std::uint64_t>(static_cast<std::uint64_t>(size), file.bytes.size() - file.at);
  std::memcpy(into, file.bytes.data() + file.at, count);
  file.at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_nothing(thandle_t, void *, tmsize_t) { return 0; }

toff_t seek_memory(thandle_t handle, toff_t offset, int whence) {
  MemoryFile &file = memory_file(handle);
  if (whence == SEEK_CUR) offset += file.at;
  if (whence == SEEK_END) offset += file.bytes.size();
  return file.at = offset;
}

int close_nothing(thandle_t) { return 0; }

toff_t size_of_memory(thandle_t handle) { return memory_file(handle).bytes.size(); }

int map_memory(thandle_t handle, void **base, toff_t *size) {
  const Bytes bytes = memory_file(handle).bytes;
  *base = const_cast<std::uint8_t *>(
      bytes.data()); // NOLINT: libtiff's interface; opened for reading, it only reads
  *size = bytes.size();
  return 1;
}

void unmap_nothing(thandle_t, void *, toff_t) {}

using Handle = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

class FileDecode {
public:
  FileDecode(Bytes bytes, const Limits &limits, Evidence &evidence)
      : memory_{bytes, 0}, limits_(limits), evidence_(evidence) {
    messages_in_use = &messages_;
    TIFFSetErrorHandler(on_error);
    TIFFSetWarningHandler(on_warning);
  }
  ~FileDecode() { messages_in_use = nullptr; }
  FileDecode(const FileDecode &) = delete;
  FileDecode &operator=(const FileDecode &) = delete;

  void run();

private:
  std::optional<std::uint64_t> first_directory();
  void decode_page(std::uint64_t page, const Directory &directory);
  void decode_pieces(std::uint64_t page, const Directory &directory, const Image &image);
  bool judge_piece(std::uint64_t page, std::uint32_t piece, bool decoded);
  void find(const Rule &rule, std::uint64_t at, std::uint64_t length, std::string detail) {
    at = std::min<std::uint64_t>(at, memory_.bytes.size());
    evidence_.findings.add(rule, at, std::min<std::uint64_t>(length, memory_.bytes.size() - at),
                           std::move(detail));
  }

  MemoryFile memory_;
  const Limits &limits_;
  Evidence &evidence_;
  Messages messages_;
  FileView view_;
  Handle tiff_{nullptr, TIFFClose};
  bool warned_ = false;
};

/// We walk the chain and libtiff reads each page of it: so that no page is missed, none is read twice, and
/// sizes are compared with the limits before libtiff allocates (4.5 has no limit of its own).
void FileDecode::run() {
  // "h": the header only, not the first directory.
  tiff_.reset(TIFFClientOpen("sample", "rh", &memory_, read_memory, write_nothing, seek_memory, close_nothing,
                             size_of_memory, map_memory, unmap_nothing));
  if (!tiff_) return find(decode_open, 0, 0, messages_.error);
  view_ = {memory_.bytes, TIFFIsBigEndian(tiff_.get()) != 0 ? ByteOrder::big : ByteOrder::little,
           TIFFIsBigTIFF(tiff_.get()) != 0};
  std::uint64_t at = view_.offset(view_.big ? 8 : 4).value_or(0);
  std::unordered_set<std::uint64_t> visited;
  for (std::uint64_t page = 0; at != 0 && visited.insert(at).second; ++page) {
    Evidence shape; // check() reports it
    const std::optional<Directory> directory = read_directory(view_, at, Kin::page, shape);
    if (!directory) return find(decode_open, at, 0, fmt::format("page {}: no directory at {}", page, at));
    const bool thumbnail =
        page > 0 && directory->find(jpeg_interchange) != nullptr && directory->find(image_length) == nullptr;
    if (!thumbnail) decode_page(page, *directory);
    at = directory->next;
  }
}

void FileDecode::decode_page(std::uint64_t page, const Directory &directory) {
  messages_.clear();
  if (TIFFSetSubDirectory(tiff_.get(), directory.at) == 0)
    return find(decode_open, directory.at, directory.size, fmt::format("page {}: {}", page, messages_.error));
  ++evidence_.facts.frames;
  Evidence shape; // check() reports it
  const std::optional<Image> image = read_image(view_, directory, shape);
  if (image && is_within_limits(*image, directory, limits_, evidence_))
    decode_pieces(page, directory, *image);
}

void FileDecode::decode_pieces(std::uint64_t page, const Directory &directory, const Image &image) {
  TIFF *tiff = tiff_.get();
  std::uint16_t compression = COMPRESSION_NONE;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
  if (TIFFIsCODECConfigured(compression) == 0)
    return find(decode_unsupported, directory.at, directory.size,
                fmt::format("page {}: libtiff has no codec for compression {}", page, compression));
  // As Pillow and OpenCV do: colours converted, chrominance not subsampled.
  if (compression == COMPRESSION_JPEG && image.photometric == Photometric::ycbcr)
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  messages_.clear();
  const std::uint64_t size = image.tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
  if (size == 0)
    return find(decode_error, directory.at, directory.size,
                fmt::format("page {}: {}", page, messages_.error.empty() ? "no size" : messages_.error));
  if (size > limits_.decoded_bytes)
    return find(image_limit, directory.at, directory.size,
                fmt::format("page {}: pieces of {} bytes", page, size));
  std::vector<std::uint8_t> pixels(size);
  const tmsize_t wanted = static_cast<tmsize_t>(size);
  const std::uint32_t count = image.tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  for (std::uint32_t i = 0; i < count; ++i) {
    messages_.clear();
    const tmsize_t got = image.tiled ? TIFFReadEncodedTile(tiff, i, pixels.data(), wanted)
                                     : TIFFReadEncodedStrip(tiff, i, pixels.data(), wanted);
    if (!judge_piece(page, i, got >= 0)) return;
  }
}

/// What libtiff made of a strip or tile; false = enough is known of this page.
bool FileDecode::judge_piece(std::uint64_t page, std::uint32_t piece, bool decoded) {
  if (decoded && messages_.error.empty() && messages_.warning.empty()) return true;
  const std::uint64_t at = TIFFGetStrileOffset(tiff_.get(), piece),
                      length = TIFFGetStrileByteCount(tiff_.get(), piece);
  const auto where = [&](std::string_view text) {
    return fmt::format("page {}, piece {}: {}", page, piece, text);
  };
  if (!decoded || !messages_.error.empty()) {
    find(decode_error, at, length, where(messages_.error.empty() ? "cannot be decoded" : messages_.error));
    return false;
  }
  // libjpeg's warnings of damaged data arrive as libtiff's: "JPEGLib: Corrupt JPEG data: ...".
  if (messages_.warning.starts_with("JPEGLib")) {
    find(decode_damage, at, length, where(messages_.warning));
    return false;
  }
  if (!std::exchange(warned_, true)) find(decode_warning, at, length, where(messages_.warning));
  return true;
}

} // namespace
} // namespace tiff

void tiff_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence) {
  tiff::FileDecode(input.bytes, limits, evidence).run();
}

void tiff_warm_up() {
  // libtiff registers its codecs and tags when a file is opened; nothing is loaded later.
  static constexpr std::uint8_t empty_file[] = {'I', 'I', 42, 0, 0, 0, 0, 0};
  Evidence ignored;
  tiff_decode({Bytes(empty_file), nullptr}, Limits{}, ignored);
}

std::string tiff_version() {
  // "LIBTIFF, Version 4.5.0\nCopyright ..."
  const std::string_view text = TIFFGetVersion();
  const std::size_t digit = text.find_first_of("0123456789");
  return std::string(text.substr(digit, text.find('\n') - digit));
}

} // namespace datavet
