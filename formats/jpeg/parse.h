/// The walk over a JPEG's markers, from SOI to the bytes after EOI.
#pragma once

#include <datavet/options.h>

#include "formats/bytes/bytes.h"
#include "formats/evidence.h"
#include "formats/jpeg/structure.h"

namespace datavet::jpeg {

/// Judges the structure and describes it. Stops at the first error: what follows a broken segment has no
/// certain meaning. Structure::complete tells whether it came to the end.
Structure parse(Bytes sample, const CheckOptions &options, Evidence &evidence);

} // namespace datavet::jpeg
