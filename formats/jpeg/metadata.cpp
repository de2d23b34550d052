#include "formats/jpeg/metadata.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "formats/bytes/utf8.h"
#include "formats/jpeg/exif.h"
#include "formats/jpeg/frame.h"
#include "formats/jpeg/markers.h"
#include "formats/jpeg/mpf.h"
#include "formats/jpeg/rules.h"

namespace datavet::jpeg {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view jfif_id = "JFIF"sv;
constexpr std::string_view exif_id = "Exif\0"sv; // Pillow does not ask for the second zero
constexpr std::string_view xmp_id = "http://ns.adobe.com/xap/1.0/\0"sv;
constexpr std::string_view icc_id = "ICC_PROFILE\0"sv;
constexpr std::string_view mpf_id = "MPF\0"sv;
constexpr std::string_view photoshop_id = "Photoshop 3.0\0"sv;
constexpr std::string_view adobe_id = "Adobe"sv;

bool starts_with(Bytes bytes, std::string_view id) {
  return bytes.size() >= id.size() &&
         std::equal(id.begin(), id.end(), bytes.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

void too_short(const Segment &app, std::string_view kind, Evidence &evidence) {
  evidence.findings.add(metadata_short, app.offset, app.size(),
                        fmt::format("{} segment with {} bytes of parameters", kind, app.parameters.size()));
}

/// A resource is "8BIM" or another signature, a code, a Pascal string of even size, a length, and data of
/// even size. Moves over one; false = it ends outside.
bool skip_resource(ByteReader &reader) {
  if (!reader.skip(6)) return false;
  const std::optional<std::uint8_t> name = reader.u8();
  if (!name || !reader.skip(*name % 2 == 0 ? *name + 1u : *name)) return false;
  const std::optional<be32> size = reader.read<be32>();
  if (!size || !reader.skip(*size)) return false;
  if (*size % 2 != 0) reader.skip(1);
  return true;
}

/// True where Pillow reads past the end: it takes the length of a resource's name for granted.
bool ends_after_resource_code(Bytes resources) {
  ByteReader reader(resources);
  do {
    if (reader.remaining() == 6 && starts_with(*reader.take(6), "8BIM"sv)) return true;
  } while (starts_with(resources.subspan(reader.offset()), "8BIM"sv) && skip_resource(reader));
  return false;
}

} // namespace

std::string_view Metadata::kind_of(const Segment &app) {
  switch (app.marker) {
  case APP0: return starts_with(app.parameters, jfif_id) ? "JFIF" : "";
  case APP1:
    if (starts_with(app.parameters, exif_id)) return "Exif";
    return starts_with(app.parameters, xmp_id) ? "XMP" : "";
  case APP2:
    if (starts_with(app.parameters, icc_id)) return "ICC profile";
    return starts_with(app.parameters, mpf_id) ? "MPF" : "";
  case APP13: return starts_with(app.parameters, photoshop_id) ? "Photoshop" : "";
  case APP14: return starts_with(app.parameters, adobe_id) ? "Adobe" : "";
  default: return "";
  }
}

void Metadata::read(const Segment &app, Evidence &evidence) {
  const std::string_view kind = kind_of(app);
  if (kind == "JFIF") read_jfif(app, evidence);
  if (kind == "Exif") read_app1_exif(app, evidence);
  if (kind == "ICC profile") read_icc(app, evidence);
  if (kind == "MPF" && mpf_.size == 0) mpf_ = {app.offset, app.size()};
  if (kind == "Photoshop") read_photoshop(app, evidence);
  if (kind == "Adobe") read_adobe(app, evidence);
  if (kind == "XMP") {
    const Bytes text = app.parameters.subspan(xmp_id.size());
    if (const std::uint64_t valid = valid_utf8_prefix(text); valid < text.size())
      evidence.findings.add(xmp_encoding, app.parameters_offset() + xmp_id.size() + valid, 1,
                            fmt::format("byte 0x{:02x} of the XMP packet is not UTF-8", text[valid]));
  }
}

// T.871 10.1: identifier, version, units, densities, thumbnail.
void Metadata::read_jfif(const Segment &app, Evidence &evidence) {
  const Bytes fields = app.parameters;
  if (fields.size() < 7) return too_short(app, "JFIF", evidence);
  std::string trouble;
  if (fields.size() < 14) {
    trouble = fmt::format("{} bytes instead of 14", fields.size());
  } else {
    jfif_ = jfif_ || fields[4] == 0;
    const std::uint64_t thumbnail = std::uint64_t{3} * fields[12] * fields[13];
    if (fields[5] != 1)
      trouble = fmt::format("version {}.{:02}", fields[5], fields[6]);
    else if (fields[7] > 2)
      trouble = fmt::format("density in unit {}", fields[7]);
    else if (fields.size() - 14 < thumbnail)
      trouble = fmt::format("a thumbnail of {} x {} in {} bytes", fields[12], fields[13], fields.size() - 14);
  }
  if (!trouble.empty()) evidence.findings.add(jfif_fields, app.offset, app.size(), trouble);
}

// Adobe TN 5116 section 18: identifier, version, flags0, flags1, transform.
void Metadata::read_adobe(const Segment &app, Evidence &evidence) {
  if (app.parameters.size() < 7) return too_short(app, "Adobe", evidence);
  if (app.parameters.size() < 12) {
    evidence.findings.add(adobe_fields, app.offset, app.size(),
                          fmt::format("{} bytes instead of 12", app.parameters.size()));
    return;
  }
  adobe_ = {app.offset, app.size()};
  adobe_transform_ = app.parameters[11];
}

void Metadata::read_app1_exif(const Segment &app, Evidence &evidence) {
  if (exif_.size > 0) return; // loaders read the first one
  exif_ = {app.offset, app.size()};
  const Bytes after = app.parameters.subspan(exif_id.size());
  if (after.empty() || after[0] != 0) {
    evidence.findings.add(exif_header, app.parameters_offset(), app.parameters.size(), "no \"Exif\\0\\0\"");
    return;
  }
  const Bytes tiff = after.subspan(1);
  if (tiff.empty()) return; // an empty block, which Pillow knows
  // Pillow unpacks the offset of the first IFD as soon as the four bytes before it please it.
  if (tiff.size() >= 4 && tiff.size() < 8 && (starts_with(tiff, "II*\0"sv) || starts_with(tiff, "MM\0*"sv)))
    return too_short(app, "Exif", evidence);
  read_exif(tiff, app.parameters_offset() + exif_id.size() + 1, evidence);
}

// ICC.1 annex B.4: identifier, number of this chunk, number of chunks, data.
void Metadata::read_icc(const Segment &app, Evidence &evidence) {
  if (app.parameters.size() < 14) return too_short(app, "ICC", evidence);
  const unsigned number = app.parameters[12], count = app.parameters[13];
  const Bytes data = app.parameters.subspan(14);
  if (icc_.chunks++ == 0) {
    icc_.first = {app.offset, app.size()};
    icc_.count = count;
  }
  icc_.count_differs |= count != icc_.count;
  icc_.number_wrong |= number == 0 || number > count || icc_.seen[number];
  icc_.seen[number] = true;
  icc_.bytes += data.size();
  if (number != 1) return;
  // ICC.1 7.2: a header of 128 bytes, its first field the size of the profile, "acsp" at 36.
  ByteReader reader(data);
  icc_.header_wrong = data.size() < 128 || !starts_with(data.subspan(36), "acsp"sv);
  icc_.declared_size = icc_.header_wrong ? 0 : reader.read<be32>()->value();
}

// Adobe Photoshop File Formats, Image Resource Blocks. A large set is split over several segments anywhere,
// so only a lone one is judged; but Pillow takes each as a whole.
void Metadata::read_photoshop(const Segment &app, Evidence &evidence) {
  if (ends_after_resource_code(app.parameters.subspan(photoshop_id.size())))
    return too_short(app, "Photoshop", evidence);
  if (photoshop_segments_++ == 0) photoshop_ = {app.offset, app.size()};
}

Colour Metadata::colour_of(const Frame &frame) const {
  return jpeg::colour_of(frame, jfif_, adobe_transform_);
}

void Metadata::judge_colour(const Frame &frame, Evidence &evidence) const {
  if (adobe_transform_ < 0) return;
  const std::size_t components = frame.components.size();
  const bool fits = components == 3   ? adobe_transform_ <= 1
                    : components == 4 ? adobe_transform_ == 0 || adobe_transform_ == 2
                                      : adobe_transform_ <= 2;
  if (!fits)
    evidence.findings.add(adobe_fields, adobe_.offset, adobe_.size,
                          fmt::format("transform {} with {} components", adobe_transform_, components));
}

void Metadata::judge_icc(Evidence &evidence) const {
  if (icc_.chunks == 0) return;
  if (icc_.count_differs || icc_.number_wrong || icc_.chunks != icc_.count) {
    evidence.findings.add(icc_sequence, icc_.first.offset, icc_.first.size,
                          fmt::format("{} chunks found, {} announced{}{}", icc_.chunks, icc_.count,
                                      icc_.count_differs ? ", not by all alike" : "",
                                      icc_.number_wrong ? ", numbers wrong or double" : ""));
    return;
  }
  if (icc_.header_wrong || icc_.declared_size != icc_.bytes)
    evidence.findings.add(icc_profile, icc_.first.offset, icc_.first.size,
                          icc_.header_wrong ? std::string("no ICC profile header")
                                            : fmt::format("the profile says {} bytes, {} are there",
                                                          icc_.declared_size, icc_.bytes));
}

void Metadata::judge_photoshop(Bytes sample, Evidence &evidence) const {
  if (photoshop_segments_ != 1) return;
  const Bytes resources =
      sample.subspan(photoshop_.offset + 4, photoshop_.size - 4).subspan(photoshop_id.size());
  ByteReader reader(resources);
  // Other signatures than 8BIM occur ("MeSa", "PHUT", "AgHg", "DCSR"). Zeros may pad the end.
  while (reader.remaining() >= 4 && *reader.peek<std::uint8_t>() != 0) {
    const std::uint64_t start = reader.offset();
    if (skip_resource(reader)) continue;
    evidence.findings.add(
        photoshop_resources, photoshop_.offset + 4 + photoshop_id.size() + start, resources.size() - start,
        fmt::format("a resource does not end in the {} bytes that are left", resources.size() - start));
    return;
  }
}

void Metadata::judge_whole(Bytes sample, Evidence &evidence) const {
  judge_icc(evidence);
  judge_photoshop(sample, evidence);
  if (mpf_.size > 0)
    judge_mpf(sample, mpf_.offset + 4 + mpf_id.size(), mpf_.size - 4 - mpf_id.size(), evidence);
}

} // namespace datavet::jpeg
