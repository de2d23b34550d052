#include "pipeline/report/escape.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace datavet {

namespace {

struct CodePoint {
  std::uint32_t value;
  std::size_t length; ///< bytes; 0 = not UTF-8
};

/// Unicode 15, table 3-7: well-formed UTF-8 byte sequences.
CodePoint first_code_point(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const std::uint8_t lead = at(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes.size() < length) return {0, 0};
  std::uint32_t value = lead & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return {0, 0};
    value = value << 6 | (at(i) & 0x3fu);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {0, 0};
  return {value, length};
}

/// Controls, and characters that reorder, hide or break the line they stand in.
bool changes_the_terminal(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0x061c || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
         (c >= 0xe0000 && c <= 0xe007f);
}

constexpr char base64_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::string for_terminal(std::string_view bytes, std::size_t most) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size();) {
    if (text.size() >= most) return text + "...";
    CodePoint c = first_code_point(bytes.substr(at));
    if (c.length == 0) {
      text += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(bytes[at]));
      ++at;
      continue;
    }
    if (!changes_the_terminal(c.value))
      text += bytes.substr(at, c.length);
    else if (c.value < 0x100)
      text += fmt::format("\\x{:02x}", c.value);
    else
      text += fmt::format("\\u{{{:04x}}}", c.value);
    at += c.length;
  }
  return text;
}

std::string for_csv(std::string_view bytes) {
  std::string cell = for_terminal(bytes);
  if (!cell.empty() && std::string_view("=+-@\t\r").find(bytes[0]) != std::string_view::npos) cell.insert(0, 1, '\'');
  if (cell.find_first_of(",\"\n\r;") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (char letter : cell) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + '"';
}

std::string for_shell(std::string_view bytes) {
  bool plain = !bytes.empty(), printable = true;
  for (char letter : bytes) {
    const bool word = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                      (letter >= '0' && letter <= '9') || std::string_view("_-./,:=@%+").find(letter) != std::string_view::npos;
    plain &= word;
    printable &= letter >= 0x20 && letter < 0x7f;
  }
  if (plain) return std::string(bytes);
  std::string quoted = printable ? "'" : "$'";
  for (char letter : bytes) {
    if (letter == '\'')
      quoted += printable ? "'\\''" : "\\'";
    else if (!printable && (letter == '\\' || letter < 0x20 || letter >= 0x7f))
      quoted += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(letter));
    else
      quoted += letter;
  }
  return quoted + "'";
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    CodePoint c = first_code_point(bytes);
    if (c.length == 0) return false;
    bytes.remove_prefix(c.length);
  }
  return true;
}

std::string base64(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < count ? static_cast<std::uint8_t>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= count ? base64_letters[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

bool from_base64(std::string_view text, std::string &bytes) {
  if (text.size() % 4 != 0) return false;
  bytes.clear();
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t group = 0;
    std::size_t pad = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const char letter = text[at + i];
      const std::size_t value = std::string_view(base64_letters, 64).find(letter);
      if (letter == '=' && at + 4 == text.size() && i >= 2) ++pad;
      else if (value == std::string_view::npos || pad > 0) return false;
      group = group << 6 | (letter == '=' ? 0u : static_cast<std::uint32_t>(value));
    }
    for (std::size_t i = 0; i < 3 - pad; ++i) bytes += static_cast<char>(group >> (16 - 8 * i) & 0xff);
  }
  return true;
}

} // namespace datavet
