#include "formats/png/signature.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/png/chunk.h"
#include "formats/png/rules.h"

namespace datavet::png {
namespace {

using namespace std::string_view_literals;

bool starts_with(Bytes bytes, std::string_view start) {
  return bytes.size() >= start.size() &&
         std::equal(start.begin(), start.end(), bytes.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

constexpr std::string_view whole_signature = "\x89PNG\r\n\x1a\n"sv;
constexpr std::string_view first_chunk = "\0\0\0\rIHDR"sv;

struct Breakage {
  std::string_view start, cause;
};
/// PNG 3rd ed. 5.2 (and its rationale) chose the bytes so that each of these shows.
constexpr Breakage known_breakages[] = {
    {"\x89PNG\n\x1a\n"sv, "CR LF became LF: a transfer in text mode"},
    {"\x89PNG\n\n\x1a\n"sv, "each CR became LF: a transfer in text mode"},
    {"\x89PNG\r\r\x1a\r"sv, "each LF became CR: a transfer in text mode"},
    {"\x89PNG\r\x1a\r"sv, "CR LF became CR: a transfer in text mode"},
    {"\x89PNG\r\r\n\x1a\r\n"sv, "each LF became CR LF: a transfer in text mode"},
    {"\x89PNG\r\n\x1a\r\n"sv, "a lone LF became CR LF: a transfer in text mode"},
    {"\tPNG\r\n"sv, "the high bits are lost: a transfer over seven bits"},
    {"\xef\xbf\xbdPNG"sv, "the bytes were taken for UTF-8 text: what was not UTF-8 is lost"},
    {"\xc2\x89PNG"sv, "the bytes were re-encoded from Latin-1 to UTF-8"},
    {"?PNG\r\n"sv, "the bytes were converted as text: what was not ASCII is lost"},
    {"PNG\r\n\x1a\n"sv, "the first byte is missing"},
};

std::string_view cause_of(Bytes sample) {
  for (const Breakage &breakage : known_breakages)
    if (starts_with(sample, breakage.start)) return breakage.cause;
  return "it is damaged";
}

bool first_chunk_is_in_place(Bytes sample) {
  return sample.size() > std::size(signature) &&
         starts_with(sample.subspan(std::size(signature)), first_chunk);
}

} // namespace

bool is_meant_as_png(Bytes head) {
  if (starts_with(head, "\x89PNG"sv) || first_chunk_is_in_place(head)) return true;
  return std::any_of(std::begin(known_breakages), std::end(known_breakages),
                     [&](const Breakage &breakage) { return starts_with(head, breakage.start); });
}

bool check_signature(Bytes sample, Evidence &evidence) {
  if (starts_with(sample, whole_signature)) return true;
  const Bytes head = sample.first(std::min(sample.size(), std::size(signature)));
  if (std::equal(head.begin(), head.end(), std::begin(signature))) {
    evidence.findings.add(
        truncated, sample.size(), 0,
        fmt::format("the file ends after {} of the 8 bytes of the signature", sample.size()));
    return false;
  }
  evidence.findings.add(bad_signature, 0, head.size(),
                        fmt::format("{:02x}: {}", fmt::join(head, " "), cause_of(sample)));
  // A single damaged byte leaves the chunks where they were; after a conversion nothing can be trusted.
  return first_chunk_is_in_place(sample);
}

} // namespace datavet::png
