#include "formats/jpeg/jpeg.h"

#include <vector>

#include "formats/jpeg/entropy/scan_data.h"
#include "formats/jpeg/entropy/scan_report.h"
#include "formats/jpeg/parse.h"
#include "formats/jpeg/rules.h"

namespace datavet {

namespace {

/// T.81 B.2.1: SOI, and the first byte of another marker. The three bytes that every loader asks for.
bool sniff(Bytes head) { return head.size() >= 3 && head[0] == 0xFF && head[1] == 0xD8 && head[2] == 0xFF; }

void check_many(std::span<const SampleToCheck> samples, const CheckOptions &options) {
  std::vector<jpeg::Structure> structures;
  std::vector<jpeg::Picture> pictures;
  if (options.depth < Depth::content) {
    for (const SampleToCheck &sample : samples) jpeg::parse(sample.bytes, options, *sample.evidence);
    return;
  }
  structures.reserve(samples.size());
  std::vector<Evidence *> evidence;
  for (const SampleToCheck &sample : samples) {
    structures.push_back(jpeg::parse(sample.bytes, options, *sample.evidence));
    if (!structures.back().complete) continue;
    pictures.push_back({sample.bytes, &structures.back(), {}});
    evidence.push_back(sample.evidence);
  }
  jpeg::check_scan_data(pictures);
  for (std::size_t i = 0; i < pictures.size(); ++i) jpeg::report(pictures[i], *evidence[i]);
}

void check(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  const SampleToCheck one{sample, &evidence};
  check_many(std::span(&one, 1), options);
}

constexpr std::string_view extensions[] = {"jpg", "jpeg", "jpe", "jfif"};

} // namespace

constinit const Format jpeg_format{
    .name = "jpeg",
    .title = "JPEG",
    .layout = Layout::whole,
    .extensions = extensions,
    .rules = jpeg::all_rules,
    .sniff = sniff,
    .check = check,
    .check_many = check_many,
    .decoder_family = "images",
};

} // namespace datavet
