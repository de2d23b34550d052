#include "pipeline/report/json_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "pipeline/report/escape.h"

namespace datavet {

using Json = nlohmann::ordered_json;

namespace {

/// ASCII only: control characters, C1, U+2028, bidirectional overrides and all else travel as \uXXXX.
std::string text_of(const Json &json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

/// Bytes that are not UTF-8 are shown with U+FFFD, and travel whole in "<key>_b64".
void put_bytes(Json &json, const std::string &key, std::string_view bytes) {
  json[key] = bytes;
  if (!is_utf8(bytes)) json[key + "_b64"] = base64(bytes);
}

constexpr std::size_t part_kept = 200;
constexpr std::size_t detail_kept = 300; // 64 of them stay under the 64 KiB of a line

Json to_json(const Finding &finding) {
  Json json = {{"rule", finding.rule->id},
               {"fault", name_of(finding.rule->fault)},
               {"severity", name_of(finding.rule->severity)},
               {"offset", finding.offset},
               {"length", finding.length},
               {"detail", for_terminal(finding.detail, detail_kept)}};
  if (!finding.part.empty()) json["part"] = for_terminal(finding.part, part_kept);
  if (finding.rows.count != 0) {
    json["first_row"] = finding.rows.first;
    json["rows"] = finding.rows.count;
  }
  return json;
}

void put_facts(Json &json, const Facts &facts) {
  if (facts.width != 0) json["width"] = facts.width;
  if (facts.height != 0) json["height"] = facts.height;
  if (facts.channels != 0) json["channels"] = facts.channels;
  if (facts.bits != 0) json["bits"] = facts.bits;
  if (facts.frames > 1) json["frames"] = facts.frames;
  if (facts.colour != Colour::unknown) json["colour"] = name_of(facts.colour);
  if (facts.progressive) json["progressive"] = true;
  if (facts.orientation > 1) json["orientation"] = facts.orientation;
  if (facts.decoded_bytes != 0) json["decoded_bytes"] = facts.decoded_bytes;
  if (facts.objects != 0) json["objects"] = facts.objects;
  if (facts.datasets != 0) json["datasets"] = facts.datasets;
}

Json to_json(const FileStamp &stamp) {
  return {{"device", stamp.device}, {"inode", stamp.inode}, {"size", stamp.size},
          {"mtime_ns", stamp.mtime_ns}, {"ctime_ns", stamp.ctime_ns}};
}

} // namespace

Result<void> JsonReport::begin(const RunInfo &run) {
  Json json{{"type", "run"}, {"schema", "datavet-report/1"}, {"version", run.version}};
  Json roots = Json::array(), lossless = Json::array();
  bool lossy = false;
  for (const std::string &root : run.roots) {
    roots.push_back(root);
    lossless.push_back(base64(root));
    lossy |= !is_utf8(root);
  }
  json["roots"] = std::move(roots);
  if (lossy) json["roots_b64"] = std::move(lossless);
  json["depth"] = name_of(run.depth);
  json["started"] = run.started;
  several_roots_ = run.roots.size() > 1;
  if (shape_ == JsonShape::lines) return output_->write(text_of(json) + "\n");
  return output_->write("{\"run\":" + text_of(json) + ",\n\"samples\":[");
}

Result<void> JsonReport::member(const std::string &object) {
  if (shape_ == JsonShape::lines) return output_->write(object + "\n");
  return output_->write((std::exchange(first_, false) ? "\n" : ",\n") + object);
}

Result<void> JsonReport::sample(const SampleReport &report) {
  if (listed_ == Listed::unhealthy && report.verdict == Verdict::healthy) return {};
  Json json{{"type", "sample"}};
  put_bytes(json, "path", report.path);
  if (several_roots_) json["root"] = report.root;
  if (report.record) {
    json["sample"] = fmt::format("#{}", report.record->ordinal);
    json["offset"] = report.record->offset;
    if (!report.record->wrapping.empty()) json["wrapping"] = report.record->wrapping;
  }
  if (!report.format.empty()) json["format"] = report.format;
  json["verdict"] = name_of(report.verdict);
  json["size"] = report.size;
  put_facts(json, report.facts);
  json["findings"] = Json::array();
  for (const Finding &finding : report.findings) json["findings"].push_back(to_json(finding));
  if (report.findings_not_kept > 0) json["findings_not_kept"] = report.findings_not_kept;
  if (report.verdict != Verdict::healthy) {
    json["file"] = to_json(report.stamp);
    if (report.content_hash) json["xxh3"] = fmt::format("{:016x}", *report.content_hash);
  }
  return member(text_of(json));
}

Result<void> JsonReport::other(const OtherFile &file) {
  if (listed_ == Listed::unhealthy) return {};
  Json json{{"type", "other"}};
  put_bytes(json, "path", file.path);
  if (several_roots_) json["root"] = file.root;
  return member(text_of(json));
}

Result<void> JsonReport::finish(const Summary &summary) {
  Json verdicts;
  for (Verdict verdict : {Verdict::healthy, Verdict::suspect, Verdict::corrupt, Verdict::unchecked})
    verdicts[std::string(name_of(verdict))] = summary.count(verdict);
  Json json{{"type", "summary"},
            {"complete", summary.complete},
            {"files", summary.files},
            {"files_judged", summary.files_judged},
            {"files_unchecked", summary.files_unchecked},
            {"other", summary.other},
            {"vanished", summary.vanished},
            {"samples", summary.samples},
            {"bytes", summary.bytes},
            {"verdicts", verdicts},
            {"links_skipped", summary.links_skipped},
            {"ignored", summary.ignored},
            {"folders_unreadable", summary.folders_unreadable},
            {"rules", summary.rules},
            {"other_extensions", Json::object()},
            {"problems", summary.problems},
            {"notices", summary.notices},
            {"seconds", summary.seconds}};
  for (const auto &[extension, count] : summary.other_extensions)
    json["other_extensions"][for_terminal(extension)] = count;
  if (exit_code_) json["exit"] = exit_code_(summary);
  const std::string text = text_of(json) + "\n";
  Result<void> written =
      output_->write(shape_ == JsonShape::lines ? text : "\n],\n\"summary\":" + text + "}\n");
  return written ? output_->close() : written;
}

} // namespace datavet
