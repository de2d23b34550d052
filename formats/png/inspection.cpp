#include "formats/png/inspection.h"

#include <fmt/format.h>

#include "formats/png/rules.h"

namespace datavet::png {

void Inspection::report_image(const DataRun &run, const ImageReport &found, const std::string &whose) {
  if (found.rule != nullptr) return report(*found.rule, found.offset, found.length, whose + found.detail);
  if (found.surplus > 0)
    report(idat_surplus, found.surplus_offset, 0,
           fmt::format("{}{} bytes follow the end of the zlib stream", whose, found.surplus));
  if (!found.overrun.empty()) report(palette_index, run.begin, run.end - run.begin, whose + found.overrun);
}

unsigned Inspection::watched_palette_entries() const {
  if (!header || header->colour != colour_palette || header->width > widest_for_libpng) return 0;
  return palette_entries < 1u << header->depth ? palette_entries : 0;
}

} // namespace datavet::png
