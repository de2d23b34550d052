#include "formats/jpeg/jpeg.h"

#include "formats/jpeg/parse.h"
#include "formats/jpeg/rules.h"

namespace datavet {

namespace {

/// T.81 B.2.1: SOI, and the first byte of another marker. The three bytes that every loader asks for.
bool sniff(Bytes head) { return head.size() >= 3 && head[0] == 0xFF && head[1] == 0xD8 && head[2] == 0xFF; }

void check(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  jpeg::parse(sample, options, evidence);
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
    .decoder_family = "images",
    .asks_decoder_from = Depth::content,
};

} // namespace datavet
