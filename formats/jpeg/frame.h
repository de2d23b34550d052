/// The frame header, SOFn.
#pragma once

#include <optional>

#include <datavet/options.h>

#include "formats/evidence.h"
#include "formats/jpeg/segment.h"
#include "formats/jpeg/structure.h"

namespace datavet::jpeg {

/// T.81 B.2.2. Nullopt when it added a finding that ends the reading: an error, a process or a size
/// beyond common loaders or beyond the limits. Fills the facts that the header alone gives.
std::optional<Frame> read_frame(const Segment &sof, const Limits &limits, Evidence &evidence);

/// The colour model as libjpeg deduces it (jdapimin.c, default_decompress_parms).
/// `adobe_transform`: of APP14, negative = no such segment.
Colour colour_of(const Frame &frame, bool jfif, int adobe_transform);

} // namespace datavet::jpeg
