#include "formats/png/text_chunks.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <libdeflate.h>

#include "formats/bytes/endian.h"
#include "formats/bytes/utf8.h"
#include "formats/png/rules.h"
#include "formats/png/workspace.h"

namespace datavet::png {
namespace {

// Pillow's MAX_TEXT_CHUNK, for profiles too, and MAX_TEXT_MEMORY: it raises above them.
constexpr std::uint64_t pillow_text_chunk = std::uint64_t{1} << 20;
constexpr std::uint64_t pillow_text_memory = std::uint64_t{64} << 20;

std::optional<std::size_t> find_nul(Bytes bytes, std::size_t from) {
  const auto found =
      std::find(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end(), std::uint8_t{0});
  if (found == bytes.end()) return std::nullopt;
  return static_cast<std::size_t>(found - bytes.begin());
}

/// PNG 3rd ed. 11.3.3.1: printable Latin-1 (32-126, 161-255), no leading, trailing or consecutive spaces.
std::string_view fault_of_keyword(Bytes keyword) {
  if (keyword.empty()) return "it is empty";
  if (keyword.size() > 79) return "it is longer than 79 bytes";
  if (keyword.front() == ' ' || keyword.back() == ' ') return "a space at its beginning or end";
  for (std::size_t i = 0; i < keyword.size(); ++i) {
    if (keyword[i] < 32 || (keyword[i] > 126 && keyword[i] < 161))
      return "a character that is not printable Latin-1";
    if (i > 0 && keyword[i] == ' ' && keyword[i - 1] == ' ') return "two spaces in a row";
  }
  return {};
}

/// The inflated bytes, valid until the next use of the workspace; nothing after a finding.
std::optional<Bytes> inflate_metadata(Inspection &inspection, const Chunk &chunk, Bytes compressed) {
  const std::uint64_t limit = std::min(inspection.options.limits.metadata_bytes, pillow_text_chunk);
  const std::span<std::uint8_t> room = workspace().raw.room(limit);
  std::size_t produced = 0;
  const libdeflate_result result = libdeflate_zlib_decompress(
      workspace().deflate(), compressed.data(), compressed.size(), room.data(), room.size(), &produced);
  const std::string name = result == LIBDEFLATE_SUCCESS ? std::string{} : name_of_type(chunk.type);
  switch (result) {
  case LIBDEFLATE_SUCCESS: return room.first(produced);
  case LIBDEFLATE_INSUFFICIENT_SPACE:
    inspection.report(limit < pillow_text_chunk ? metadata_limit : metadata_bomb, chunk,
                      fmt::format("{} of {} bytes inflates to more than {}", name, chunk.data.size(), limit));
    return std::nullopt;
  default:
    inspection.report(metadata_zlib, chunk,
                      fmt::format("{}: {} compressed bytes do not inflate", name, compressed.size()));
    return std::nullopt;
  }
}

/// Pillow adds up all text and raises once, at the chunk that is too much.
void count_text(Inspection &inspection, const Chunk &chunk, std::uint64_t bytes) {
  const bool too_much_before = inspection.text_bytes > pillow_text_memory;
  inspection.text_bytes += bytes;
  if (!too_much_before && inspection.text_bytes > pillow_text_memory)
    inspection.report(metadata_bomb, chunk,
                      fmt::format("all text together exceeds {} bytes", pillow_text_memory));
}

void bad_text(Inspection &inspection, const Chunk &chunk, std::string_view detail) {
  inspection.report(text_content, chunk, fmt::format("{}: {}", name_of_type(chunk.type), detail));
}

} // namespace

std::optional<std::size_t> judge_keyword(Inspection &inspection, const Chunk &chunk) {
  const std::optional<std::size_t> end = find_nul(chunk.data, 0);
  if (!end) {
    inspection.report(text_keyword, chunk,
                      fmt::format("{}: no NUL ends the keyword", name_of_type(chunk.type)));
    return std::nullopt;
  }
  if (std::string_view fault = fault_of_keyword(chunk.data.first(*end)); !fault.empty())
    inspection.report(text_keyword, chunk, fmt::format("{}: {}", name_of_type(chunk.type), fault));
  return *end + 1;
}

void judge_text(Inspection &inspection, const Chunk &chunk) {
  const std::optional<std::size_t> text = judge_keyword(inspection, chunk);
  if (!text || !inspection.reaches(Depth::content)) return;
  count_text(inspection, chunk, chunk.data.size() - *text);
  if (find_nul(chunk.data, *text)) bad_text(inspection, chunk, "a NUL in the text");
}

void judge_ztxt(Inspection &inspection, const Chunk &chunk) {
  const std::optional<std::size_t> method = judge_keyword(inspection, chunk);
  if (!method) return;
  if (*method >= chunk.data.size()) return bad_text(inspection, chunk, "nothing follows the keyword");
  if (chunk.data[*method] != 0)
    return inspection.report(metadata_method, chunk,
                             fmt::format("zTXt has compression method {}", chunk.data[*method]));
  if (!inspection.reaches(Depth::content)) return;
  if (std::optional<Bytes> text = inflate_metadata(inspection, chunk, chunk.data.subspan(*method + 1)))
    count_text(inspection, chunk, text->size());
}

/// PNG 3rd ed. 11.3.3.4: keyword NUL, compression flag, compression method, language NUL, translated keyword
/// NUL, text.
void judge_itxt(Inspection &inspection, const Chunk &chunk) {
  const Bytes data = chunk.data;
  const std::optional<std::size_t> flag = judge_keyword(inspection, chunk);
  if (!flag) return;
  if (data.size() - *flag < 2) return bad_text(inspection, chunk, "it ends before its compression method");
  const bool compressed = data[*flag] != 0;
  if (data[*flag] > 1 || data[*flag + 1] != 0)
    return bad_text(inspection, chunk,
                    fmt::format("compression flag {}, method {}", data[*flag], data[*flag + 1]));
  const std::optional<std::size_t> language_end = find_nul(data, *flag + 2);
  const std::optional<std::size_t> translation_end =
      language_end ? find_nul(data, *language_end + 1) : std::nullopt;
  if (!translation_end) return bad_text(inspection, chunk, "it ends before its text");
  if (!inspection.reaches(Depth::content)) return;
  const Bytes translation = data.subspan(*language_end + 1, *translation_end - *language_end - 1);
  std::optional<Bytes> text = data.subspan(*translation_end + 1);
  if (compressed) text = inflate_metadata(inspection, chunk, *text);
  if (!text) return;
  count_text(inspection, chunk, text->size());
  if (!is_utf8(translation) || !is_utf8(*text)) bad_text(inspection, chunk, "not UTF-8");
}

void judge_iccp(Inspection &inspection, const Chunk &chunk) {
  if (!find_nul(chunk.data, 0))
    return inspection.report(metadata_method, chunk, "no NUL ends the name of the profile");
  const std::size_t method = *judge_keyword(inspection, chunk);
  if (method >= chunk.data.size()) return inspection.report(metadata_zlib, chunk, "iCCP ends after the name");
  if (chunk.data[method] != 0)
    return inspection.report(metadata_zlib, chunk,
                             fmt::format("iCCP has compression method {}", chunk.data[method]));
  if (!inspection.reaches(Depth::content)) return;
  const std::optional<Bytes> profile = inflate_metadata(inspection, chunk, chunk.data.subspan(method + 1));
  if (!profile) return;
  // ICC.1:2010 7.2: a header of 128 bytes and the tag count; size at 0, signature at 36.
  constexpr std::size_t shortest = 132, at_signature = 36;
  if (profile->size() < shortest)
    return inspection.report(icc_profile, chunk, fmt::format("{} bytes are too few", profile->size()));
  be32 size;
  std::memcpy(&size, profile->data(), sizeof size);
  if (size != profile->size())
    return inspection.report(
        icc_profile, chunk,
        fmt::format("its header says {} bytes, it has {}", size.value(), profile->size()));
  if (std::memcmp(profile->data() + at_signature, "acsp", 4) != 0)
    inspection.report(icc_profile, chunk, "no signature acsp");
}

} // namespace datavet::png
