#include "formats/tfrecord/pictures.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "formats/tfrecord/frame.h"

namespace datavet::tfrecord {

namespace {

template <std::size_t Size> bool has(Bytes value, std::size_t at, const char (&text)[Size]) {
  return value.size() >= at + Size - 1 && std::memcmp(value.data() + at, text, Size - 1) == 0;
}

/// BITMAPFILEHEADER with its reserved zeros, and the size of a header that exists.
bool begins_like_bmp(Bytes value) {
  if (value.size() < 18 || !has(value, 6, "\0\0\0\0")) return false;
  constexpr std::array<std::uint32_t, 7> header_sizes = {12, 40, 52, 56, 64, 108, 124};
  return std::find(header_sizes.begin(), header_sizes.end(), stored_at<std::uint32_t>(value, 14)) !=
         header_sizes.end();
}

} // namespace

bool begins_like_picture(Bytes value, std::string_view name) {
  if (value.size() < 4) return false;
  switch (value[0]) {
  case 0xff: return has(value, 0, "\xff\xd8\xff") || has(value, 0, "\xff\x4f\xff\x51");
  case 0x89: return has(value, 0, "\x89PNG\r\n\x1a\n");
  case 'G': return has(value, 0, "GIF87a") || has(value, 0, "GIF89a");
  case 'R': return has(value, 0, "RIFF") && has(value, 8, "WEBP");
  case 'I': return has(value, 0, "II*\0") || has(value, 0, "II+\0\x08\0\0\0");
  case 'M': return has(value, 0, "MM\0*") || has(value, 0, "MM\0+\0\x08\0\0");
  case 0: return has(value, 0, "\0\0\0\x0cjP  \r\n\x87\n");
  case 'B': return value[1] == 'M' && name.find("image") != std::string_view::npos && begins_like_bmp(value);
  default: return false;
  }
}

std::string_view format_named(std::string_view text) {
  struct Name {
    std::string_view text, format;
  };
  static constexpr Name names[] = {
      {"jpeg", "jpeg"}, {"jpg", "jpeg"},  {"png", "png"},  {"gif", "gif"},      {"bmp", "bmp"},
      {"webp", "webp"}, {"tiff", "tiff"}, {"tif", "tiff"}, {"jp2", "jpeg2000"}, {"jpeg2000", "jpeg2000"},
  };
  if (text.starts_with("image/")) text.remove_prefix(6);
  if (text.starts_with(".")) text.remove_prefix(1);
  const auto same = [](char left, char right) {
    return (left >= 'A' && left <= 'Z' ? left + 32 : left) == right;
  };
  for (const Name &name : names)
    if (std::equal(text.begin(), text.end(), name.text.begin(), name.text.end(), same)) return name.format;
  return {};
}

} // namespace datavet::tfrecord
