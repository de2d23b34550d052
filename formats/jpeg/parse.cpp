#include "formats/jpeg/parse.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/bytes/byte_reader.h"
#include "formats/jpeg/entropy/scan_data.h"
#include "formats/jpeg/entropy/scan_report.h"
#include "formats/jpeg/entropy/segments.h"
#include "formats/jpeg/frame.h"
#include "formats/jpeg/markers.h"
#include "formats/jpeg/metadata.h"
#include "formats/jpeg/rules.h"
#include "formats/jpeg/scan.h"
#include "formats/jpeg/segment.h"
#include "formats/jpeg/tables.h"
#include "formats/jpeg/trailer.h"

namespace datavet::jpeg {

namespace {

class Walk {
public:
  Walk(Bytes sample, const CheckOptions &options, Evidence &evidence)
      : sample_(sample), options_(options), evidence_(evidence) {}

  Structure run() {
    if (read_signature()) {
      while (go_on_) read_marker();
      if (structure_.complete) judge_end();
    }
    return std::move(structure_);
  }

private:
  void stop(const Rule &rule, std::uint64_t offset, std::uint64_t length, std::string detail) {
    evidence_.findings.add(rule, offset, length, std::move(detail));
    go_on_ = false;
  }
  void go_on_if(bool no_error) { go_on_ = go_on_ && no_error; }

  /// Ask before making up names: nobody wants the outline of most files.
  bool outlined() const { return evidence_.outline != nullptr; }
  void outline(std::uint64_t offset, std::uint64_t length, std::string name, std::string detail = {},
               unsigned level = 0) {
    if (outlined()) evidence_.outline->add(level, offset, length, std::move(name), std::move(detail));
  }

  bool read_signature() {
    constexpr std::uint8_t signature_bytes[] = {0xFF, SOI, 0xFF};
    const std::uint64_t there = std::min<std::uint64_t>(sample_.size(), 3);
    if (!std::equal(sample_.begin(), sample_.begin() + static_cast<std::ptrdiff_t>(there), signature_bytes)) {
      evidence_.findings.add(signature, 0, there,
                             fmt::format("starts with {:02x}", fmt::join(sample_.first(there), " ")));
      return false;
    }
    if (there < 3) {
      evidence_.findings.add(eoi_missing, sample_.size(), 0, "the file ends after SOI");
      return false;
    }
    outline(0, 2, "SOI");
    at_ = 2;
    return true;
  }

  /// Reads from at_ to the next marker, and what belongs to that marker.
  void read_marker() {
    const std::uint64_t start = at_;
    // T.81 B.1.1.2: a marker is FF, perhaps several times, and a code that is neither 00 nor FF.
    while (at_ < sample_.size()) {
      while (at_ < sample_.size() && sample_[at_] != 0xFF) ++at_;
      while (at_ < sample_.size() && sample_[at_] == 0xFF) ++at_;
      if (at_ == sample_.size() || sample_[at_] != 0) break;
    }
    if (at_ == sample_.size()) return stop(eoi_missing, sample_.size(), 0, where_it_ended(start));
    marker_offset_ = at_ - 1;
    const std::uint8_t code = sample_[at_++];
    const Bytes skipped = sample_.subspan(start, marker_offset_ - start);
    const bool only_fill =
        std::all_of(skipped.begin(), skipped.end(), [](std::uint8_t byte) { return byte == 0xFF; });
    // After a scan such bytes are data that have lost their scan header.
    const bool only_padding = std::all_of(skipped.begin(), skipped.end(),
                                          [](std::uint8_t byte) { return byte == 0xFF || byte == 0; });
    if (!only_padding && !structure_.scans.empty())
      return stop(scans_headless, start, skipped.size(),
                  fmt::format("{} bytes before {}", skipped.size(), name_of_marker(code)));
    if (!only_fill && gaps_++ < told_of_each)
      evidence_.findings.add(extraneous, start, skipped.size(),
                             fmt::format("{} bytes before {}", skipped.size(), name_of_marker(code)));
    act_on(code);
  }

  std::string where_it_ended(std::uint64_t start) const {
    const std::string_view kind = structure_.scans.empty() ? "before the first scan" : "after a scan";
    return start < sample_.size()
               ? fmt::format("the last {} bytes hold no marker, {}", sample_.size() - start, kind)
               : fmt::format("the file ends {}", kind);
  }

  void act_on(std::uint8_t code) {
    switch (code) {
    case SOI:
      return stop(second_soi, marker_offset_, 2, structure_.scans.empty() ? "before a scan" : "after a scan");
    case EOI: return read_end();
    case TEM:
      // Before the first scan Pillow raises "no marker found".
      if (structure_.scans.empty())
        return stop(unknown_marker, marker_offset_, 2, "TEM before the first scan");
      return read_stray(code);
    default: break;
    }
    if (is_restart(code)) return read_stray(code);
    const bool has_meaning = is_frame_header(code) || is_application(code) || code == DHT || code == DAC ||
                             code == SOS || code == DQT || code == DNL || code == DRI || code == DHP ||
                             code == EXP || code == COM;
    if (!has_meaning) return stop(unknown_marker, marker_offset_, 2, name_of_marker(code));
    if (const std::optional<Segment> segment = take_segment(code)) {
      if (outlined() && !is_application(code) && code != SOS)
        outline(segment->offset, segment->size(), name_of_marker(code));
      read_segment(*segment);
    }
  }

  void read_stray(std::uint8_t code) {
    if (strays_++ < told_of_each)
      evidence_.findings.add(stray_marker, marker_offset_, 2, name_of_marker(code));
    if (outlined()) outline(marker_offset_, 2, name_of_marker(code));
  }

  /// T.81 B.1.1.4: two bytes of length, which count themselves.
  std::optional<Segment> take_segment(std::uint8_t code) {
    ByteReader reader(sample_, at_);
    const std::optional<be16> length = reader.read<be16>();
    if (!length) {
      stop(segment_truncated, marker_offset_, sample_.size() - marker_offset_,
           fmt::format("the file ends within the length of {}", name_of_marker(code)));
      return std::nullopt;
    }
    std::uint64_t parameters = length->value();
    if (parameters < 2) {
      // Libjpeg takes APPn, COM and DNL for empty then, and refuses the rest.
      if (!is_application(code) && code != COM && code != DNL) {
        stop(segment_length, marker_offset_, 4,
             fmt::format("length {} of {}", parameters, name_of_marker(code)));
        return std::nullopt;
      }
      evidence_.findings.add(segment_short, marker_offset_, 4,
                             fmt::format("length {} of {}", parameters, name_of_marker(code)));
      parameters = 2;
    }
    const std::optional<Bytes> taken = reader.take(parameters - 2);
    if (!taken) {
      stop(segment_truncated, marker_offset_, sample_.size() - marker_offset_,
           fmt::format("{} says {} bytes, {} are left", name_of_marker(code), parameters,
                       reader.remaining() + 2));
      return std::nullopt;
    }
    at_ = reader.offset();
    return Segment{code, marker_offset_, *taken};
  }

  void read_segment(const Segment &segment) {
    if (is_frame_header(segment.marker)) return read_frame_header(segment);
    if (is_application(segment.marker)) {
      const std::string_view kind = Metadata::kind_of(segment);
      if (outlined()) outline(segment.offset, segment.size(), name_of_marker(segment.marker), std::string(kind));
      return metadata_.read(segment, evidence_);
    }
    switch (segment.marker) {
    case DQT: return go_on_if(tables_.define_quantization(segment, evidence_));
    case DHT: return go_on_if(tables_.define_huffman(segment, evidence_));
    case DAC: return go_on_if(tables_.define_conditioning(segment, evidence_));
    case DRI: return go_on_if(tables_.define_restart_interval(segment, evidence_));
    case DNL: return read_lines(segment);
    case SOS: return read_one_scan(segment);
    case DHP:
    case EXP:
      return stop(sof_process, segment.offset, segment.size(),
                  name_of_marker(segment.marker) + ": hierarchical");
    default: return; // COM: free text
    }
  }

  void read_frame_header(const Segment &sof) {
    if (structure_.frame) return stop(sof_repeated, sof.offset, sof.size(), name_of_marker(sof.marker));
    structure_.frame = read_frame(sof, options_.limits, evidence_);
    go_on_if(structure_.frame.has_value());
    if (!structure_.frame) return;
    name_colour();
    if (structure_.frame->components.size() == 4)
      evidence_.findings.add(four_channels, sof.offset, sof.size(), std::string(name_of(structure_.colour)));
    if (options_.depth == Depth::header) go_on_ = false;
  }

  /// Known for certain at the first scan, when all segments that have a say have been read.
  void name_colour() {
    structure_.colour = metadata_.colour_of(*structure_.frame);
    evidence_.facts.colour = structure_.colour;
  }

  void read_one_scan(const Segment &sos) {
    if (!structure_.frame) return stop(sof_missing, sos.offset, sos.size(), "SOS before SOF");
    const Frame &frame = *structure_.frame;
    // Libjpeg expects EOI after a first scan that held all components of a sequential frame.
    if (!structure_.scans.empty() && !frame.progressive() &&
        structure_.scans[0].component_count == frame.components.size())
      return stop(sos_unexpected, sos.offset, sos.size(), "the first scan holds all components");
    if (structure_.scans.size() >= options_.limits.scans)
      return stop(scan_limit, sos.offset, sos.size(),
                  fmt::format("more than {} scans", options_.limits.scans));
    if (structure_.scans.empty()) {
      name_colour();
      metadata_.judge_colour(frame, evidence_);
    }
    std::optional<Scan> scan = read_scan(sos, tables_, structure_, evidence_);
    if (!scan || !script_.accept(*scan, frame, evidence_)) {
      go_on_ = false;
      return;
    }
    const std::optional<std::uint64_t> after =
        read_entropy(sample_, at_, options_.depth, structure_, *scan, evidence_);
    if (evidence_.outline != nullptr) {
      outline(sos.offset, sos.size(), "SOS", describe(*scan, frame));
      outline(scan->entropy.offset, scan->entropy.length, "entropy-coded data",
              fmt::format("{} MCUs in {} segments", scan->mcus, scan->segments), 1);
    }
    structure_.scans.push_back(*scan);
    if (!after) {
      go_on_ = false;
      return;
    }
    at_ = *after;
    if (at_ == sample_.size()) return stop(eoi_missing, sample_.size(), 0, where_it_was_cut());
    if (frame.height == 0) explain_zero_height();
  }

  std::string where_it_was_cut() const {
    const Scan &scan = structure_.scans.back();
    std::string text = fmt::format("the file ends in the data of scan {}, {} bytes of it",
                                   structure_.scans.size(), scan.entropy.length);
    if (options_.depth < Depth::content || structure_.frame->height == 0) return text;
    if (const std::optional<std::uint64_t> whole = whole_mcus_of_last_scan(sample_, structure_))
      text += "; " + describe_loss(structure_, structure_.scans.size() - 1, *whole, scan.mcus - *whole);
    return text;
  }

  static std::string describe(const Scan &scan, const Frame &frame) {
    std::string text = "components";
    for (const ScanComponent &component : scan.in_scan())
      text += fmt::format(" {}", frame.components[component.component].id);
    if (frame.progressive())
      text += fmt::format(", coefficients {}-{}, bits {} to {}", scan.spectral_start, scan.spectral_end,
                          scan.approximation_high, scan.approximation_low);
    return text;
  }

  /// T.81 B.2.5: the height may come in a DNL segment right after the first scan.
  void explain_zero_height() {
    ByteReader reader(sample_, at_ + 1);
    const bool lines_follow =
        reader.u8() == DNL && reader.skip(2) && reader.read<be16>().value_or(be16{}) != 0;
    const std::uint64_t place = structure_.frame->offset;
    if (lines_follow) return stop(sof_lines, place, 0, fmt::format("DNL at {}", at_));
    stop(sof_dimensions, place, 0,
         fmt::format("{} x 0, and no DNL after the first scan", structure_.frame->width));
  }

  void read_lines(const Segment &dnl) {
    ByteReader reader(dnl.parameters);
    const std::optional<be16> lines = reader.read<be16>();
    const bool right =
        structure_.scans.size() == 1 && lines && reader.at_end() && *lines == structure_.frame->height;
    if (!right)
      evidence_.findings.add(
          dnl_lines, dnl.offset, dnl.size(),
          fmt::format("DNL says {} after {} scans", lines ? lines->value() : 0, structure_.scans.size()));
  }

  void read_end() {
    outline(marker_offset_, 2, "EOI");
    if (!structure_.frame) return stop(sof_missing, marker_offset_, 2, "EOI before SOF");
    if (structure_.scans.empty()) return stop(sos_missing, marker_offset_, 2, "EOI before SOS");
    go_on_ = false;
    structure_.end = at_;
    structure_.complete = script_.judge_whole(*structure_.frame, marker_offset_, evidence_);
  }

  void judge_end() {
    tables_.judge_unused(evidence_);
    metadata_.judge_whole(sample_, evidence_);
    judge_trailer(sample_, structure_.end, metadata_.announces_more_images(), evidence_);
  }

  Bytes sample_;
  const CheckOptions &options_;
  Evidence &evidence_;
  Structure structure_;
  Tables tables_;
  ScanScript script_;
  Metadata metadata_;
  std::uint64_t at_ = 0;            ///< of the next byte to be read
  std::uint64_t marker_offset_ = 0; ///< of the FF of the marker read last
  std::uint64_t gaps_ = 0, strays_ = 0;
  static constexpr std::uint64_t told_of_each = 8; ///< a gigabyte of stray markers must not cost a minute
  bool go_on_ = true;
};

} // namespace

Structure parse(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  return Walk(sample, options, evidence).run();
}

} // namespace datavet::jpeg
