#include "formats/any/kinds.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "formats/any/rules.h"

namespace datavet::any {

namespace {

using namespace std::string_view_literals;

/// Bytes that stand at a place, and what they mean.
struct Magic {
  std::size_t offset;
  std::string_view bytes;
  const Rule *rule;
  std::string_view what;
};

// Longer signatures before shorter ones that they begin with.
constexpr Magic magics[] = {
    {0, "version https://git-lfs.github.com/spec/"sv, &lfs_pointer, "a Git LFS pointer"sv},
    {0, "version https://hawser.github.com/spec/"sv, &lfs_pointer,
     "a Git LFS pointer (of the years before 2015)"sv},

    {0, "\x1f\x8b"sv, &compressed, "a gzip stream"sv},
    {0, "PK\x03\x04"sv, &compressed, "a zip archive (or NPZ, PyTorch, Office: all are zip)"sv},
    {0, "PK\x05\x06"sv, &compressed, "an empty zip archive"sv},
    {0, "PK\x07\x08"sv, &compressed, "a part of a split zip archive"sv},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     &compressed, "an xz stream"sv},
    {0, "\x28\xb5\x2f\xfd"sv, &compressed, "a Zstandard stream"sv},
    {0, "\x04\x22\x4d\x18"sv, &compressed, "an LZ4 stream"sv},
    {4, "1AY&SY"sv, &compressed, "a bzip2 stream"sv},
    {0, "7z\xbc\xaf\x27\x1c"sv, &compressed, "a 7z archive"sv},
    {0, "Rar!\x1a\x07"sv, &compressed, "a RAR archive"sv},
    {0, "\x1f\x9d"sv, &compressed, "a compress (.Z) stream"sv},
    {257, "ustar"sv, &compressed, "a tar archive"sv},

    {0, "GIF87a"sv, &other_kind, "a GIF image"sv},
    {0, "GIF89a"sv, &other_kind, "a GIF image"sv},
    {0, "%PDF-"sv, &other_kind, "a PDF document"sv},
    {0, "%!PS"sv, &other_kind, "a PostScript document"sv},
    {0, "\xc5\xd0\xd3\xc6"sv, &other_kind, "an EPS document"sv},
    {0, "8BPS"sv, &other_kind, "a Photoshop document"sv},
    {0, "\0\0\0\x0cJXL \r\n\x87\n"sv, &other_kind, "a JPEG XL image"sv},
    {0, "\xff\x0a"sv, &other_kind, "a JPEG XL codestream"sv},
    {0, "\x76\x2f\x31\x01"sv, &other_kind, "an OpenEXR image"sv},
    {0, "#?RADIANCE"sv, &other_kind, "a Radiance HDR image"sv},
    {0, "#?RGBE"sv, &other_kind, "a Radiance HDR image"sv},
    {0, "DDS |\0\0\0"sv, &other_kind, "a DirectDraw surface"sv},
    {0, "qoif"sv, &other_kind, "a QOI image"sv},
    {0, "farbfeld"sv, &other_kind, "a farbfeld image"sv},
    {0, "FLIF"sv, &other_kind, "a FLIF image"sv},
    {0, "BPG\xfb"sv, &other_kind, "a BPG image"sv},
    {0, "\xabKTX "sv, &other_kind, "a KTX texture"sv},
    {0, "\x59\xa6\x6a\x95"sv, &other_kind, "a Sun raster image"sv},
    {0, "II\xbc\x01"sv, &other_kind, "a JPEG XR image"sv},
    {0, "IIRO"sv, &other_kind, "an Olympus raw photograph"sv},
    {0, "FUJIFILMCCD-RAW"sv, &other_kind, "a Fujifilm raw photograph"sv},
    {0, "\x8aMNG\r\n\x1a\n"sv, &other_kind, "an MNG animation"sv},
    {0, "\x8bJNG\r\n\x1a\n"sv, &other_kind, "a JNG image"sv},
    {0, "\xd7\xcd\xc6\x9a"sv, &other_kind, "a Windows metafile"sv},
    {0, "SIMPLE  ="sv, &other_kind, "a FITS image"sv},
    {128, "DICM"sv, &other_kind, "a DICOM object"sv},
    {344, "n+1\0"sv, &other_kind, "a NIfTI volume"sv},
    {0, "\x93NUMPY"sv, &other_kind, "a NumPy array (NPY)"sv},
    {0, "MATLAB 5.0 MAT-file"sv, &other_kind, "a MATLAB file"sv},
    {0, "CDF\x01"sv, &other_kind, "a netCDF file"sv},
    {0, "CDF\x02"sv, &other_kind, "a netCDF file"sv},
    {0, "CDF\x05"sv, &other_kind, "a netCDF file"sv},
    {0, "\x0e\x03\x13\x01"sv, &other_kind, "an HDF4 file"sv},
    {0, "PAR1"sv, &other_kind, "a Parquet table"sv},
    {0, "ARROW1"sv, &other_kind, "an Arrow table"sv},
    {0, "Obj\x01"sv, &other_kind, "an Avro file"sv},
    {0, "ORC"sv, &other_kind, "an ORC table"sv},
    {0, "SEQ\x06"sv, &other_kind, "a Hadoop sequence file"sv},
    {0, "SQLite format 3\0"sv, &other_kind, "an SQLite database"sv},
    {0, "OggS"sv, &other_kind, "an Ogg stream"sv},
    {0, "fLaC"sv, &other_kind, "FLAC audio"sv},
    {0, "ID3"sv, &other_kind, "MP3 audio"sv},
    {0, "\x1a\x45\xdf\xa3"sv, &other_kind, "a Matroska or WebM video"sv},
    {0, "FLV\x01"sv, &other_kind, "a Flash video"sv},
    {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"sv, &other_kind, "a Windows Media file"sv},
    {0, "\0\0\x01\xba"sv, &other_kind, "an MPEG program stream"sv},
    {0, "\0\0\x01\xb3"sv, &other_kind, "an MPEG video stream"sv},
    {0, "RIFX"sv, &other_kind, "a big-endian RIFF file"sv},
    {0,
     "\x7f"
     "ELF"sv,
     &other_kind, "a program (ELF)"sv},
    {0, "\xca\xfe\xba\xbe"sv, &other_kind, "a Java class or a macOS program"sv},
    {0, "\xcf\xfa\xed\xfe"sv, &other_kind, "a macOS program"sv},
    {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, &other_kind, "an old Office document (or Thumbs.db)"sv},
    {0, "bplist00"sv, &other_kind, "an Apple property list"sv},
    {0, "\0\x05\x16\x07"sv, &other_kind, "macOS metadata (AppleDouble, \"._\" file)"sv},
    {0,
     "\0\0\0\x01"
     "Bud1"sv,
     &other_kind, "macOS folder settings (.DS_Store)"sv},
    {0, "glTF"sv, &other_kind, "a glTF model"sv},
    {0, "wOFF"sv, &other_kind, "a web font"sv},
    {0, "wOF2"sv, &other_kind, "a web font"sv},
};

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }

bool holds_at(Bytes head, std::size_t offset, std::string_view bytes) {
  return offset <= head.size() && as_text(head.subspan(offset)).starts_with(bytes);
}

std::string lower(std::string_view text) {
  std::string copy(text);
  for (char &letter : copy)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return copy;
}

/// The size that a Git LFS pointer names: "size 12345" on a line of its own.
std::string lfs_detail(std::string_view text) {
  std::size_t at = text.find("\nsize ");
  if (at == std::string_view::npos) return {};
  std::string_view digits = text.substr(at + 6);
  digits = digits.substr(0, std::min<std::size_t>(digits.find_first_not_of("0123456789"), 20));
  return digits.empty() ? std::string{} : fmt::format(" to {} bytes", digits);
}

/// ISO 14496-12, 4.3: a box "ftyp" whose major brand names the kind.
std::optional<Kind> iso_media(Bytes head) {
  if (!holds_at(head, 4, "ftyp"sv) || head.size() < 12) return std::nullopt;
  std::string_view brand = as_text(head).substr(8, 4);
  struct Brand {
    std::string_view name, what;
  };
  constexpr Brand brands[] = {
      {"avif", "an AVIF image"},          {"avis", "an AVIF image sequence"},
      {"heic", "an HEIC image"},          {"heix", "an HEIC image"},
      {"hevc", "an HEIC image sequence"}, {"heim", "an HEIC image"},
      {"heis", "an HEIC image"},          {"mif1", "an HEIF image"},
      {"msf1", "an HEIF image sequence"}, {"crx ", "a Canon raw photograph"},
      {"qt  ", "a QuickTime video"},      {"jxl ", "a JPEG XL image"},
      {"M4A ", "MPEG-4 audio"},
  };
  for (const Brand &known : brands)
    if (known.name == brand) return Kind{&other_kind, std::string(known.what)};
  return Kind{&other_kind, "an MP4 video"};
}

std::optional<Kind> riff(Bytes head) {
  if (!holds_at(head, 0, "RIFF"sv)) return std::nullopt;
  if (holds_at(head, 8, "WAVE"sv)) return Kind{&other_kind, "WAV audio"};
  if (holds_at(head, 8, "AVI "sv)) return Kind{&other_kind, "an AVI video"};
  return std::nullopt;
}

/// ICO and CUR have a weak signature: the first directory entry must be sound too.
std::optional<Kind> icon(Bytes head) {
  if (head.size() < 22 || head[0] != 0 || head[1] != 0 || head[3] != 0 || head[5] != 0 || head[4] == 0)
    return std::nullopt;
  const bool directory_follows = head[9] == 0 && head[20] == 0 && head[21] == 0;
  if (head[2] == 1 && directory_follows) return Kind{&other_kind, "a Windows icon"};
  if (head[2] == 2 && directory_follows) return Kind{&other_kind, "a Windows cursor"};
  return std::nullopt;
}

/// A pickle of protocol 2 to 5 begins with PROTO and, from 4 on, FRAME.
std::optional<Kind> pickle(Bytes head) {
  if (head.size() < 3 || head[0] != 0x80 || head[1] < 2 || head[1] > 5) return std::nullopt;
  constexpr std::uint8_t frame = 0x95;
  const bool opcode_follows =
      head[1] >= 4 ? head[2] == frame
                   : ("(]}cX\x8a\x8c."sv).find(static_cast<char>(head[2])) != std::string_view::npos;
  if (!opcode_follows) return std::nullopt;
  return Kind{&other_kind, fmt::format("a Python pickle (protocol {})", head[1])};
}

/// DOS and Windows programs: "MZ" alone is a weak signature, so the pointer to "PE" must hold.
std::optional<Kind> windows_program(Bytes head) {
  if (!holds_at(head, 0, "MZ"sv) || head.size() < 64) return std::nullopt;
  const std::size_t header = head[60] | static_cast<std::size_t>(head[61]) << 8;
  if (!holds_at(head, header, "PE\0\0"sv)) return std::nullopt;
  return Kind{&other_kind, "a Windows program"};
}

/// A text has no control character but white space, and each multi-byte character is UTF-8 (the
/// last one may be cut by the end of the head).
bool is_utf8_text(Bytes bytes) {
  std::size_t continuation = 0;
  for (std::uint8_t byte : bytes) {
    if (continuation > 0) {
      if ((byte & 0xc0) != 0x80) return false;
      --continuation;
    } else if (byte >= 0x80) {
      continuation = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
      if (byte < 0xc2 || byte > 0xf4) return false;
    } else if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f' &&
                byte != 0x1b) ||
               byte == 0x7f) {
      return false;
    }
  }
  return true;
}

std::optional<Kind> markup_in(std::string_view text) {
  const std::string start = lower(text.substr(0, 1024));
  if (start.size() < 2 || start[0] != '<') return std::nullopt;
  if (start.starts_with("<!doctype html") || start.starts_with("<html") || start.starts_with("<head") ||
      start.starts_with("<body"))
    return Kind{&markup, "an HTML page"};
  if (start.starts_with("<svg") || (start.starts_with("<?xml") && start.find("<svg") != std::string::npos))
    return Kind{&markup, "an SVG drawing"};
  if (start.starts_with("<?xml")) {
    if (start.find("<error>") != std::string::npos) return Kind{&markup, "an XML error message (as from S3)"};
    if (start.find("<html") != std::string::npos) return Kind{&markup, "an XHTML page"};
    return Kind{&markup, "an XML document"};
  }
  const bool tag = start[1] == '!' || start[1] == '?' || (start[1] >= 'a' && start[1] <= 'z');
  if (tag) return Kind{&markup, "HTML or XML text"};
  return std::nullopt;
}

/// A picture that was written as text: each form begins with the signature's own encoding.
std::optional<Kind> encoded_picture(std::string_view text) {
  struct Encoded {
    std::string_view prefix, what;
  };
  constexpr Encoded forms[] = {
      {"data:", "a data: URL (text)"},
      {"iVBORw0KGgo", "a PNG image in Base64 (text)"},
      {"/9j/", "a JPEG image in Base64 (text)"},
      {"UklGR", "a WebP image in Base64 (text)"},
      {"R0lGOD", "a GIF image in Base64 (text)"},
      {"89504e47", "a PNG image in hexadecimal (text)"},
      {"89504E47", "a PNG image in hexadecimal (text)"},
      {"ffd8ff", "a JPEG image in hexadecimal (text)"},
      {"FFD8FF", "a JPEG image in hexadecimal (text)"},
      {"b'\\x89PNG", "a PNG image as a Python literal (text)"},
      {"b'\\xff\\xd8", "a JPEG image as a Python literal (text)"},
  };
  for (const Encoded &form : forms)
    if (text.starts_with(form.prefix)) return Kind{&other_kind, std::string(form.what)};
  return std::nullopt;
}

std::optional<Kind> text_in(Bytes head) {
  if (holds_at(head, 0, "\xff\xfe"sv) || holds_at(head, 0, "\xfe\xff"sv)) {
    // UTF-16 has a zero in every second byte of Latin text; JPEG data after FF FE would not.
    const std::size_t high = head[0] == 0xff ? 3 : 2;
    if (head.size() >= 4 && head[high] == 0) return Kind{&other_kind, "UTF-16 text"};
    return std::nullopt;
  }
  if (holds_at(head, 0, "\xef\xbb\xbf"sv)) head = head.subspan(3);
  std::string_view text = as_text(head);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\f"), text.size()));
  if (std::optional<Kind> found = markup_in(text)) return found;
  if (!is_utf8_text(head)) return std::nullopt;
  if (text.empty()) return Kind{&other_kind, "white space only"};
  if (std::optional<Kind> found = encoded_picture(text)) return found;
  if (text.starts_with("#!")) return Kind{&other_kind, "a script"};
  if (text.starts_with("-----BEGIN ")) return Kind{&other_kind, "a PEM text (key or certificate)"};
  const bool json =
      text[0] == '{' || (text[0] == '[' && text.find_first_of("]{\",") != std::string_view::npos);
  return Kind{&other_kind, json ? "JSON text" : "plain text"};
}

} // namespace

std::optional<Kind> kind_of(Bytes head) {
  for (const Magic &magic : magics) {
    if (!holds_at(head, magic.offset, magic.bytes)) continue;
    if (magic.rule == &lfs_pointer)
      return Kind{magic.rule, std::string(magic.what) + lfs_detail(as_text(head))};
    return Kind{magic.rule, std::string(magic.what)};
  }
  for (auto *recognise : {iso_media, riff, icon, pickle, windows_program, text_in})
    if (std::optional<Kind> kind = recognise(head)) return kind;
  return std::nullopt;
}

namespace {

struct Mangled {
  std::string_view bytes, what;
};

// PNG's signature was made so that each of these accidents shows (PNG 3rd ed. 5.2); HDF5 copied it.
constexpr Mangled mangled[] = {
    {"\x89PNG\n\x1a\n"sv, "a PNG whose CR LF became LF: it was copied as text"},
    {"\x89PNG\r\r\n\x1a\r\n"sv, "a PNG whose LF became CR LF: it was copied as text"},
    {"\x89PNG\r\n\x1a\r\n"sv, "a PNG whose LF became CR LF: it was copied as text"},
    {"\x89PNG\n\n\x1a\n"sv, "a PNG whose CR became LF: it was copied as text"},
    {"\x89PNG\r\r\x1a\r"sv, "a PNG whose LF became CR: it was copied as text"},
    {"\x89PNG\r\n\n"sv, "a PNG whose control-Z was lost: it was copied as text"},
    {"\x09PNG\r\n\x1a\n"sv, "a PNG whose bytes lost their eighth bit (7-bit transfer)"},
    {"PNG\r\n\x1a\n"sv, "a PNG without its first byte"},
    {"\xef\xbf\xbdPNG"sv, "a PNG that was decoded and written again as UTF-8: bytes above 7f are lost"},
    {"\xc2\x89PNG"sv, "a PNG whose bytes were encoded as UTF-8"},
    {"?PNG\r\n\x1a\n"sv, "a PNG that was written as ASCII: bytes above 7f are lost"},
    {"\x50\x89\x47\x4e\x0a\x0d\x0a\x1a"sv, "a PNG whose bytes are swapped in pairs"},
    {"\x89HDF\n\x1a\n"sv, "an HDF5 file whose CR LF became LF: it was copied as text"},
    {"\x89HDF\r\r\n\x1a\r\n"sv, "an HDF5 file whose LF became CR LF: it was copied as text"},
    {"\x09HDF\r\n\x1a\n"sv, "an HDF5 file whose bytes lost their eighth bit (7-bit transfer)"},
    {"\xef\xbf\xbdHDF"sv,
     "an HDF5 file that was decoded and written again as UTF-8: bytes above 7f are lost"},
    {"\xc2\x89HDF"sv, "an HDF5 file whose bytes were encoded as UTF-8"},
    {"\x48\x89\x46\x44\x0a\x0d\x0a\x1a"sv, "an HDF5 file whose bytes are swapped in pairs"},
    {"\xc3\xbf\xc3\x98\xc3\xbf"sv, "a JPEG whose bytes were encoded as UTF-8"},
    {"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"sv,
     "binary data that was decoded and written again as UTF-8: bytes above 7f are lost"},
    {"\x7f\x58\x7f"sv, "a JPEG whose bytes lost their eighth bit (7-bit transfer)"},
    {"\xd8\xff\xe0\xff"sv, "a JPEG whose bytes are swapped in pairs"},
    {"\xd8\xff\xe1\xff"sv, "a JPEG whose bytes are swapped in pairs"},
    {"\xd8\xff\xdb\xff"sv, "a JPEG whose bytes are swapped in pairs"},
};

/// Long enough that all bytes but one, or a place further on, cannot match by chance.
struct Signature {
  std::string_view bytes, format;
};

constexpr Signature signatures[] = {
    {"\x89PNG\r\n\x1a\n"sv, "PNG"},
    {"\x89HDF\r\n\x1a\n"sv, "HDF5"},
    {"\xff\xd8\xff\xe0\0\x10JFIF\0"sv, "JPEG"},
    {"\0\0\0\x0cjP  \r\n\x87\n"sv, "JPEG 2000"},
};

std::size_t matching(std::string_view text, std::string_view signature) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(text.size(), signature.size()); ++i) count += text[i] == signature[i];
  return count;
}

} // namespace

std::optional<std::string> damaged_signature(Bytes head) {
  const std::string_view text = as_text(head);
  for (const Mangled &form : mangled)
    if (text.starts_with(form.bytes)) return std::string(form.what);
  for (const Signature &signature : signatures) {
    const std::size_t wrong = signature.bytes.size() - matching(text, signature.bytes);
    if (wrong > 0 && wrong <= 2 && text.size() >= signature.bytes.size())
      return fmt::format("a {} signature with {} of its {} bytes damaged", signature.format, wrong,
                         signature.bytes.size());
    if (std::size_t at = text.find(signature.bytes); at != std::string_view::npos && at > 0)
      return fmt::format("a {} signature stands at byte {} instead of at the start", signature.format, at);
  }
  return std::nullopt;
}

} // namespace datavet::any
