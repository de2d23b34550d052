#include "formats/jpeg2000/decode.h"

#include <fmt/format.h>

#include "formats/jpeg2000/boxes.h"
#include "formats/jpeg2000/codestream.h"
#include "formats/jpeg2000/jpeg2000.h"
#include "formats/jpeg2000/rules.h"

namespace datavet {

namespace {

using jpeg2000::Geometry;

/// grfmt_jpeg2000_openjpeg.cpp, readHeader() and readData(): what it does not refuse by kind.
bool is_ordinary(const Geometry &geometry) {
  return geometry.components != 2 && geometry.components <= 4 && geometry.bits >= 8 && geometry.bits <= 16 &&
         !geometry.any_signed && !geometry.subsampled && !geometry.shifted && !geometry.unusual_colour &&
         !geometry.high_throughput && !geometry.extended;
}

} // namespace

void jpeg2000_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence) {
  const OpencvAnswer answer = decode_by_opencv(jpeg2000_format, input.bytes, limits, evidence.facts);
  if (!answer.asked || answer.decoded) return;
  Evidence own;
  const Geometry geometry = jpeg2000::is_jp2(input.bytes)
                                ? jpeg2000::check_boxes(input.bytes, Depth::content, own)
                                : jpeg2000::check_codestream(input.bytes, 0, Depth::content, own);
  // An error of our own says more than "undecodable".
  if (own.findings.any_at_least(Severity::error)) return;
  evidence.findings.add(is_ordinary(geometry) ? jpeg2000::decode_failed : jpeg2000::decode_unsupported, 0, 0,
                        answer.complaint.empty()
                            ? "undecodable by OpenCV"
                            : fmt::format("undecodable by OpenCV: {}", answer.complaint));
}

void jpeg2000_warm_up() {
  // One white pixel: SOC, SIZ, COD, QCD, one tile-part, EOC.
  constexpr std::uint8_t picture[] = {
      0xff, 0x4f, 0xff, 0x51, 0,    41,   0,    0,    0, 0,  0, 1, 0, 0, 0, 1, // SIZ: 1 x 1
      0,    0,    0,    0,    0,    0,    0,    0,    0, 0,  0, 1, 0, 0, 0, 1, // one tile of 1 x 1
      0,    0,    0,    0,    0,    0,    0,    0,    0, 1,  7, 1, 1,          // one component of 8 bits
      0xff, 0x52, 0,    12,   0,    0,    0,    1,    0, 0,  4, 4, 0, 1,       // COD: one layer, no levels
      0xff, 0x5c, 0,    4,    0x40, 0x40,                                      // QCD
      0xff, 0x90, 0,    10,   0,    0,    0,    0,    0, 18, 0, 1,             // SOT: 18 bytes
      0xff, 0x93, 0xcf, 0xb4, 4,    0,    0xff, 0xd9,                          // SOD, one packet, EOC
  };
  warm_up_opencv(picture);
}

} // namespace datavet
