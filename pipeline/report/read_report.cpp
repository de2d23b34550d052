#include "pipeline/report/read_report.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "pipeline/report/escape.h"

namespace datavet {

namespace {

using Json = nlohmann::json;

/// The bytes of member `key`: its _b64 twin where there is one.
std::string bytes_of(const Json &json, const std::string &key) {
  std::string bytes;
  if (auto exact = json.find(key + "_b64"); exact != json.end() && exact->is_string() && from_base64(exact->get<std::string>(), bytes))
    return bytes;
  return json.at(key).get<std::string>();
}

std::optional<Verdict> verdict_named(std::string_view name) {
  for (Verdict verdict : {Verdict::healthy, Verdict::suspect, Verdict::unchecked, Verdict::corrupt})
    if (name_of(verdict) == name) return verdict;
  return std::nullopt;
}

template <class Number> Number number_of(std::string_view text, int base) {
  Number number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) throw std::invalid_argument("not a number");
  return number;
}

FileStamp stamp_of(const Json &json) {
  return {json.at("device").get<std::uint64_t>(), json.at("inode").get<std::uint64_t>(), json.at("size").get<std::uint64_t>(),
          json.at("mtime_ns").get<std::int64_t>(), json.at("ctime_ns").get<std::int64_t>()};
}

RecordPlace record_of(const Json &json) {
  const std::string name = json.at("sample").get<std::string>();
  const std::string wrapping = json.value("wrapping", "");
  std::string_view known;
  for (std::string_view each : {"gzip", "zlib"})
    if (wrapping == each) known = each;
  return {number_of<std::uint64_t>(std::string_view(name).substr(1), 10), json.at("offset").get<std::uint64_t>(),
          json.at("size").get<std::uint64_t>(), known};
}

bool is_listed(const std::string &rules, const std::string &rule) { return ("," + rules + ",").find("," + rule + ",") != std::string::npos; }

std::string rules_of(const Json &findings) {
  std::string rules;
  for (const Json &finding : findings) {
    const std::string rule = finding.at("rule").get<std::string>();
    if (is_listed(rules, rule)) continue;
    if (rules.size() < 500) rules += (rules.empty() ? "" : ",") + rule;
  }
  return rules;
}

void read_roots(const Json &json, ReadReport &report) {
  if (json.value("schema", "") != "datavet-report/1") throw std::invalid_argument("its schema is not datavet-report/1");
  const auto exact = json.find("roots_b64");
  for (std::size_t i = 0; i < json.at("roots").size(); ++i) {
    std::string root = json.at("roots")[i].get<std::string>();
    if (exact != json.end() && !from_base64(exact->at(i).get<std::string>(), root)) throw std::invalid_argument("roots_b64");
    report.roots.push_back(std::move(root));
  }
  report.depth = depth_named(json.value("depth", "")).value_or(Depth::content);
}

void read_sample(const Json &json, ReadReport &report) {
  std::optional<Verdict> verdict = verdict_named(json.at("verdict").get<std::string>());
  if (!verdict) throw std::invalid_argument("verdict");
  if (*verdict == Verdict::healthy) return;
  ReportedSample &sample = report.samples.emplace_back();
  sample.path = bytes_of(json, "path");
  sample.root = json.value("root", std::size_t{0});
  if (sample.root >= report.roots.size()) throw std::invalid_argument("root");
  sample.format = json.value("format", "");
  if (json.contains("sample")) sample.record = record_of(json);
  sample.verdict = *verdict;
  sample.stamp = stamp_of(json.at("file"));
  if (auto hash = json.find("xxh3"); hash != json.end()) sample.content_hash = number_of<std::uint64_t>(hash->get<std::string>(), 16);
  sample.rules = rules_of(json.at("findings"));
  sample.names_rows = std::ranges::any_of(json.at("findings"), [](const Json &finding) {
    return finding.contains("rows") && finding.value("severity", "") == name_of(Severity::error);
  });
}

void read_line(const std::string &line, ReadReport &report) {
  const Json json = Json::parse(line);
  const std::string type = json.at("type").get<std::string>();
  if (report.roots.empty() && type != "run") throw std::invalid_argument("it does not begin with a run line");
  if (type == "run") read_roots(json, report);
  if (type == "sample") read_sample(json, report);
  if (type == "summary") {
    report.samples_in_all = json.at("samples").get<std::uint64_t>();
    report.has_summary = true;
    report.complete = json.value("complete", true);
  }
}

} // namespace

Result<ReadReport> read_report(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Error::Kind::usage, fmt::format("cannot read {}: {}", for_terminal(path), std::strerror(errno))};
  ReadReport report;
  std::string line;
  for (std::uint64_t number = 1; std::getline(file, line); ++number) {
    // The library throws on what is not JSON or not of the type asked for.
    try {
      read_line(line, report);
    } catch (const std::exception &error) {
      return Error{Error::Kind::usage, fmt::format("{} line {} is not of a datavet report (--format jsonl): {}", for_terminal(path),
                                                   number, for_terminal(error.what(), 200))};
    }
  }
  if (report.roots.empty()) return Error{Error::Kind::usage, fmt::format("{} is empty", for_terminal(path))};
  return report;
}

} // namespace datavet
