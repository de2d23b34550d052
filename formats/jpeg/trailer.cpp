#include "formats/jpeg/trailer.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "formats/jpeg/rules.h"

namespace datavet::jpeg {

namespace {

using namespace std::string_view_literals;

bool holds(Bytes bytes, std::uint64_t at, std::string_view text) {
  return at <= bytes.size() && text.size() <= bytes.size() - at &&
         std::equal(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

/// What cameras put after EOI on purpose; "" = unknown.
std::string_view known_trailer(Bytes trailer, bool more_images_announced) {
  const auto not_zero =
      std::find_if(trailer.begin(), trailer.end(), [](std::uint8_t byte) { return byte != 0; });
  // Cameras align the further images of an MPF file with zeros.
  const std::uint64_t start = static_cast<std::uint64_t>(not_zero - trailer.begin());
  if (more_images_announced && holds(trailer, start, "\xFF\xD8\xFF"sv)) return "further images (MPF)";
  if (holds(trailer, 4, "ftyp"sv)) return "a film (motion photo)";
  if (trailer.size() >= 4 && holds(trailer, trailer.size() - 4, "SEFT"sv)) return "a Samsung trailer";
  return {};
}

} // namespace

void judge_trailer(Bytes sample, std::uint64_t end, bool more_images_announced, Evidence &evidence) {
  const Bytes trailer = sample.subspan(end);
  if (trailer.empty()) return;
  // Writers to sectors pad with zeros, tape and flash with ones, careless scripts with line ends.
  const bool padding = std::all_of(trailer.begin(), trailer.end(), [](std::uint8_t byte) {
    return byte == 0 || byte == 0xFF || byte == '\n' || byte == '\r' || byte == ' ';
  });
  if (padding) {
    evidence.findings.add(trailing_padding, end, trailer.size(),
                          fmt::format("{} bytes of padding", trailer.size()));
    return;
  }
  const std::string_view known = known_trailer(trailer, more_images_announced);
  if (!known.empty())
    evidence.findings.add(trailing_known, end, trailer.size(),
                          fmt::format("{} bytes: {}", trailer.size(), known));
  else
    evidence.findings.add(trailing_data, end, trailer.size(),
                          fmt::format("{} bytes after EOI", trailer.size()));
}

} // namespace datavet::jpeg
