#include "formats/checksum/crc_variant.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace datavet {

const CrcVariant &choose_variant(std::span<const CrcVariant> variants, std::string_view wish) {
  const auto wished = std::ranges::find_if(
      variants, [wish](const CrcVariant &variant) { return variant.name == wish && variant.available(); });
  if (wished != variants.end()) return *wished;
  return *std::ranges::find_if(variants, [](const CrcVariant &variant) { return variant.available(); });
}

std::string_view wished_variant() {
  static const std::string wish = [] {
    const char *value = std::getenv("DATAVET_CPU"); // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
    return std::string(value != nullptr ? value : "");
  }();
  return wish;
}

} // namespace datavet
