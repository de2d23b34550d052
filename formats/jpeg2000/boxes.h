/// The boxes of a JP2 or JPX file (T.800 annex I) around the codestream.
#pragma once

#include "formats/jpeg2000/codestream.h"

namespace datavet::jpeg2000 {

/// True when `bytes` begin with the JP2 signature box.
bool is_jp2(Bytes bytes);

/// Judges the boxes of a file that is_jp2(), and the first codestream in it.
Geometry check_boxes(Bytes sample, Depth depth, Evidence &evidence);

} // namespace datavet::jpeg2000
