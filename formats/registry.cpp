#include "formats/registry.h"

#include <algorithm>
#include <string>

#include "formats/any/any.h"
#include "formats/bmp/bmp.h"
#include "formats/gif/gif.h"
#include "formats/hdf5/hdf5.h"
#include "formats/jpeg/jpeg.h"
#include "formats/jpeg2000/jpeg2000.h"
#include "formats/png/png.h"
#include "formats/pnm/pnm.h"
#include "formats/tfrecord/tfrecord.h"
#include "formats/tiff/tiff.h"
#include "formats/webp/webp.h"

namespace datavet {

Registry registry() {
  // One row a format. Signatures exclude each other (a test holds that), so the order is only that
  // of how common they are.
  static constexpr const Format *formats[] = {
      &jpeg_format,     &png_format, &tfrecord_format, &hdf5_format, &webp_format,
      &tiff_format,     &bmp_format, &jpeg2000_format, &pnm_format,  &gif_format,
  };
  return formats;
}

const Format *format_named(Registry formats, std::string_view name) {
  auto found = std::find_if(formats.begin(), formats.end(),
                            [&](const Format *format) { return format->name == name; });
  return found == formats.end() ? nullptr : *found;
}

const Format *format_of_content(Registry formats, Bytes head) {
  auto found =
      std::find_if(formats.begin(), formats.end(), [&](const Format *format) { return format->sniff(head); });
  return found == formats.end() ? nullptr : *found;
}

namespace {

std::string lower_extension(std::string_view file_name) {
  std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  std::string extension(file_name.substr(dot + 1));
  for (char &letter : extension)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return extension;
}

} // namespace

const Format *format_of_name(Registry formats, std::string_view file_name) {
  const std::string extension = lower_extension(file_name);
  for (const Format *format : formats) {
    if (format->claims_name != nullptr && format->claims_name(file_name)) return format;
    if (!extension.empty() &&
        std::find(format->extensions.begin(), format->extensions.end(), extension) != format->extensions.end())
      return format;
  }
  return nullptr;
}

const Rule *rule_with_id(Registry formats, std::string_view id) {
  auto in = [&](std::span<const Rule *const> rules) -> const Rule * {
    auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule *rule) { return rule->id == id; });
    return found == rules.end() ? nullptr : *found;
  };
  if (const Rule *rule = in(any_rules())) return rule;
  for (const Format *format : formats)
    if (const Rule *rule = in(format->rules)) return rule;
  return nullptr;
}

} // namespace datavet
