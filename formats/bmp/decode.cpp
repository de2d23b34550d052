#include "formats/bmp/decode.h"

#include <fmt/format.h>

#include "formats/bmp/bmp.h"
#include "formats/bmp/rules.h"

namespace datavet {

namespace {

/// True when our own check has said already that OpenCV refuses this sample, and why.
bool is_explained(Bytes sample, const Limits &limits) {
  Evidence own;
  bmp_format.check(sample, {Depth::content, limits}, own);
  for (const Finding &finding : own.findings.list())
    if (finding.rule->severity == Severity::error || finding.rule == &bmp::partly_refused ||
        finding.rule == &bmp::no_file_header)
      return true;
  return false;
}

} // namespace

void bmp_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence) {
  const OpencvAnswer answer = decode_by_opencv(bmp_format, input.bytes, limits, evidence.facts);
  if (!answer.asked || answer.decoded || is_explained(input.bytes, limits)) return;
  evidence.findings.add(bmp::decode_refused, 0, 0,
                        answer.complaint.empty()
                            ? "undecodable by OpenCV"
                            : fmt::format("undecodable by OpenCV: {}", answer.complaint));
}

void bmp_warm_up() {
  // One white pixel, 24 bits, in a file of 58 bytes.
  constexpr std::uint8_t picture[] = {
      'B', 'M', 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,   1,   0,   24,
      0,   0,   0,  0, 0, 4, 0, 0, 0, 0, 0,  0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 0,
  };
  static_assert(sizeof picture == 58);
  warm_up_opencv(picture);
}

} // namespace datavet
