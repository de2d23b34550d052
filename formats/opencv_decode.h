/// The only place that calls OpenCV: what the formats of datavet-worker-opencv have in common.
#pragma once

#include <string>

#include "formats/format.h"

namespace datavet {

struct OpencvAnswer {
  bool asked = false;    ///< false: not our signature, over a limit, or more than OpenCV can be given
  bool decoded = false;  ///< a picture came back
  std::string complaint; ///< what OpenCV threw, if it did
};

/// Asks cv::imdecode. Only bytes that `format` recognises are given to it: Debian's OpenCV would
/// hand others to GDAL. The size that our own check reads in the header is held against the limits
/// first. Fills the facts with what came back.
OpencvAnswer decode_by_opencv(const Format &format, Bytes bytes, const Limits &limits, Facts &facts);

/// Decodes one picture so that all that OpenCV opens and loads lazily is there.
void warm_up_opencv(Bytes picture);

/// "4.6.0"
std::string opencv_version();

} // namespace datavet
