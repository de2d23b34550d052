#include "pipeline/report/text_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "pipeline/report/escape.h"
#include "pipeline/report/numbers.h"

namespace datavet {

namespace {

constexpr std::string_view red = "\x1b[31m", yellow = "\x1b[33m", blue = "\x1b[34m", bold = "\x1b[1m", plain = "\x1b[0m";

std::string place(const Finding &finding) {
  std::string text = fmt::format("offset {}", finding.offset);
  if (finding.length > 0) text += fmt::format(" +{}", finding.length);
  return text;
}

std::string sample_suffix(const SampleReport &report) {
  return report.record ? fmt::format(" #{}", report.record->ordinal) : std::string();
}

/// What was seen, or the property that does not hold.
std::string words_of(const Finding &finding) {
  return finding.detail.empty() ? std::string(finding.rule->summary) : for_terminal(finding.detail, 300);
}

constexpr std::size_t part_kept = 100;

} // namespace

Result<void> TextReport::begin(const RunInfo &run) {
  run_ = run;
  if (options_.shape == TextShape::csv)
    return output_->write("path,sample,format,verdict,rule,fault,severity,offset,length,detail,part,first_row,rows\n");
  return {};
}

std::string TextReport::shown_path(std::string_view path, std::size_t root) const {
  if (run_.roots.size() <= 1) return std::string(path);
  const std::string &top = run_.roots[root];
  return top + (top.ends_with('/') ? "" : "/") + std::string(path);
}

Result<void> TextReport::sample(const SampleReport &report) {
  if (!options_.all && report.verdict == Verdict::healthy) return {};
  Entry entry{shown_path(report.path, report.root), report.record ? report.record->ordinal + 1 : 0, {}};
  switch (options_.shape) {
  case TextShape::blocks: entry.text = block(report); break;
  case TextShape::lines: entry.text = lines(report); break;
  case TextShape::csv: return output_->write(csv(report));
  }
  return keep(std::move(entry));
}

Result<void> TextReport::other(const OtherFile &file) {
  if (!options_.all || options_.shape == TextShape::csv) return {};
  std::string path = shown_path(file.path, file.root);
  std::string text = for_terminal(path) + (options_.shape == TextShape::blocks ? "\n  other\n" : ": other\n");
  return keep({std::move(path), 0, std::move(text)});
}

Result<void> TextReport::keep(Entry entry) {
  entries_.push(std::move(entry));
  if (entries_.size() > options_.most) {
    entries_.pop();
    ++not_shown_;
  }
  return {};
}

std::string TextReport::painted(std::string_view text, Severity severity) const {
  if (!options_.colour) return std::string(text);
  const std::string_view colour = severity == Severity::error ? red : severity == Severity::warning ? yellow : blue;
  return fmt::format("{}{}{}", colour, text, plain);
}

std::string TextReport::block(const SampleReport &report) const {
  const std::string path = for_terminal(shown_path(report.path, report.root)) + sample_suffix(report);
  std::string text = options_.colour ? fmt::format("{}{}{}\n", bold, path, plain) : path + "\n";
  if (report.findings.empty()) text += fmt::format("  {}  {}\n", name_of(report.verdict), report.format);
  for (const Finding &finding : report.findings) {
    const std::string severity = fmt::format("{:<7}", name_of(finding.rule->severity));
    const std::string in_part = finding.part.empty() ? "" : for_terminal(finding.part, part_kept) + ": ";
    const std::string detail = in_part + words_of(finding);
    text += fmt::format("  {}  {:<22} {:<66} {}\n", painted(severity, finding.rule->severity), finding.rule->id, detail, place(finding));
    if (options_.explain) text += fmt::format("           {}\n", finding.rule->why);
  }
  if (report.findings_not_kept > 0) text += fmt::format("  and {} findings more\n", report.findings_not_kept);
  return text;
}

std::string TextReport::lines(const SampleReport &report) const {
  const std::string path = for_terminal(shown_path(report.path, report.root)) + sample_suffix(report);
  if (report.findings.empty()) return fmt::format("{}: {}\n", path, name_of(report.verdict));
  std::string text;
  for (const Finding &finding : report.findings) {
    const std::string part = finding.part.empty() ? "" : (report.record ? "/" : "#") + for_terminal(finding.part, part_kept);
    text += fmt::format("{}{}:{}: {} {}: {}\n", path, part, finding.offset, painted(name_of(finding.rule->severity), finding.rule->severity),
                        finding.rule->id, words_of(finding));
  }
  return text;
}

std::string TextReport::csv(const SampleReport &report) const {
  const std::string start = fmt::format("{},{},{},{}", for_csv(shown_path(report.path, report.root)),
                                        report.record ? std::to_string(report.record->ordinal) : "", report.format, name_of(report.verdict));
  if (report.findings.empty()) return start + ",,,,,,,,,\n";
  std::string text;
  for (const Finding &finding : report.findings)
    text += fmt::format("{},{},{},{},{},{},{},{},{}\n", start, finding.rule->id, name_of(finding.rule->fault),
                        name_of(finding.rule->severity), finding.offset, finding.length, for_csv(finding.detail), for_csv(finding.part),
                        finding.rows.count == 0 ? "," : fmt::format("{},{}", finding.rows.first, finding.rows.count));
  return text;
}

std::string TextReport::summary_text(const Summary &summary) const {
  const double rate = summary.seconds > 0 ? static_cast<double>(summary.bytes) / summary.seconds : 0;
  std::string text = fmt::format("{} {} in {} {} · {} · {} · {}/s · depth {}\n", with_commas(summary.samples),
                                 summary.samples == 1 ? "sample" : "samples", with_commas(summary.files - summary.other - summary.vanished),
                                 summary.files - summary.other - summary.vanished == 1 ? "file" : "files",
                                 bytes_for_people(static_cast<double>(summary.bytes)), time_for_people(summary.seconds),
                                 bytes_for_people(rate), name_of(run_.depth));
  const std::uint64_t bad = summary.samples - summary.count(Verdict::healthy);
  if (bad == 0)
    text += summary.samples == 0 ? "nothing was judged" : "all healthy";
  else
    text += fmt::format("{} not healthy ({} corrupt, {} suspect, {} unchecked)", with_commas(bad),
                        with_commas(summary.count(Verdict::corrupt)), with_commas(summary.count(Verdict::suspect)),
                        with_commas(summary.count(Verdict::unchecked)));
  if (summary.other > 0) {
    std::vector<std::pair<std::uint64_t, std::string>> kinds;
    for (const auto &[extension, count] : summary.other_extensions) kinds.emplace_back(count, extension);
    std::sort(kinds.rbegin(), kinds.rend());
    text += fmt::format(" · {} other {}", with_commas(summary.other), summary.other == 1 ? "file" : "files");
    std::string list;
    for (std::size_t i = 0; i < std::min<std::size_t>(kinds.size(), 4); ++i)
      list += fmt::format("{}{} {}", i == 0 ? "" : ", ", with_commas(kinds[i].first),
                          kinds[i].second.empty() ? "without extension" : for_terminal(kinds[i].second));
    if (kinds.size() > 4) list += ", ...";
    text += fmt::format(" ({})", list);
  }
  if (summary.vanished > 0) text += fmt::format(" · {} vanished", with_commas(summary.vanished));
  if (summary.links_skipped > 0) text += fmt::format(" · {} links not followed (--follow)", with_commas(summary.links_skipped));
  if (summary.ignored > 0) text += fmt::format(" · {} left out", with_commas(summary.ignored));
  text += "\n";
  for (const std::string &problem : summary.problems) text += "incomplete: " + problem + "\n";
  for (const std::string &notice : summary.notices) text += "note: " + notice + "\n";
  if (!summary.complete && summary.problems.empty()) text += "incomplete: the scan was ended early\n";
  return text;
}

Result<void> TextReport::finish(const Summary &summary) {
  std::vector<Entry> sorted;
  sorted.reserve(entries_.size());
  for (; !entries_.empty(); entries_.pop()) sorted.push_back(entries_.top());
  for (auto entry = sorted.rbegin(); entry != sorted.rend(); ++entry)
    if (Result<void> written = output_->write(entry->text); !written) return written;
  if (not_shown_ > 0)
    if (Result<void> written = output_->write(fmt::format("... and {} samples more: --format jsonl lists them all\n", with_commas(not_shown_))); !written)
      return written;
  if (options_.shape == TextShape::blocks && !options_.quiet) {
    if (Result<void> written = output_->write((sorted.empty() ? "" : "\n") + summary_text(summary)); !written) return written;
  }
  return output_->close();
}

} // namespace datavet
