#include "formats/pnm/decode.h"

#include <fmt/format.h>

#include "formats/pnm/header.h"
#include "formats/pnm/pnm.h"
#include "formats/pnm/rules.h"

namespace datavet {

namespace {

/// OpenCV copies a PFM into a temporary file before it decodes it, which no sandbox allows. Our own
/// check knows all there is to know of a row of floats.
bool needs_a_file(Bytes bytes) { return bytes.size() >= 2 && (bytes[1] == 'F' || bytes[1] == 'f'); }

/// True when our own check has said already what is wrong.
bool is_explained(Bytes sample, const Limits &limits) {
  Evidence own;
  pnm_format.check(sample, {Depth::content, limits}, own);
  return own.findings.any_at_least(Severity::warning);
}

} // namespace

void pnm_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence) {
  if (needs_a_file(input.bytes)) return;
  const OpencvAnswer answer = decode_by_opencv(pnm_format, input.bytes, limits, evidence.facts);
  if (!answer.asked || answer.decoded || is_explained(input.bytes, limits)) return;
  evidence.findings.add(pnm::decode_refused, 0, 0,
                        answer.complaint.empty()
                            ? "undecodable by OpenCV"
                            : fmt::format("undecodable by OpenCV: {}", answer.complaint));
}

void pnm_warm_up() {
  constexpr std::uint8_t grey[] = {'P', '5', '\n', '1', ' ', '1', '\n', '2', '5', '5', '\n', 128};
  warm_up_opencv(grey);
}

} // namespace datavet
