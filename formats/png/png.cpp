#include "formats/png/png.h"

#include "formats/png/chunk_walk.h"
#include "formats/png/inspection.h"
#include "formats/png/rules.h"
#include "formats/png/signature.h"

namespace datavet {
namespace {

constexpr std::string_view extensions[] = {"png", "apng"};

bool sniff(Bytes head) { return png::is_meant_as_png(head); }

void check(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  if (!png::check_signature(sample, evidence)) return;
  png::Inspection inspection(sample, options, evidence);
  png::walk_chunks(inspection);
}

} // namespace

constexpr Format png_format = {
    .name = "png",
    .title = "PNG and APNG",
    .layout = Layout::whole,
    .extensions = extensions,
    .rules = png::all_rules,
    .sniff = sniff,
    .check = check,
    .decoder_family = "images",
    .asks_decoder_from = Depth::decode,
};

} // namespace datavet
