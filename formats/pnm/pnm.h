/// The Netpbm family: PBM, PGM, PPM (plain and raw), PAM, and PFM.
/// Our own check judges every byte, so OpenCV is asked at depth decode only.
#pragma once

#include "formats/format.h"

namespace datavet {

extern const Format pnm_format;

} // namespace datavet
