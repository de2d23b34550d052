/// The samples after a header.
#pragma once

#include <optional>

#include <datavet/options.h>

#include "formats/evidence.h"
#include "formats/pnm/header.h"

namespace datavet::pnm {

/// Judges the samples of the image whose header stands at `image_at` of the sample; `header.raster_at`
/// counts from there. Returns where the samples end in the sample, or nothing when that is not known.
std::optional<std::uint64_t> check_raster(const Header &header, Bytes sample, std::uint64_t image_at,
                                          Depth depth, Evidence &evidence);

} // namespace datavet::pnm
