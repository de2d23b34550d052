/// Keeps what a scan reports as sorted text: equal texts mean equal reports.
#pragma once

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include <datavet/sink.h>

namespace datavet::test {

class CollectingSink final : public Sink {
public:
  explicit CollectingSink(bool all = true) : all_(all) {}

  bool wants_all() const override { return all_; }
  Result<void> begin(const RunInfo &) override { return {}; }
  Result<void> sample(const SampleReport &report) override {
    std::string line = fmt::format("{}{} {} {} {}", report.path, report.record ? fmt::format("#{}@{}", report.record->ordinal, report.record->offset) : "",
                                   report.format, name_of(report.verdict), report.size);
    for (const Finding &finding : report.findings)
      line += fmt::format(" [{}{} {}+{} {}]", finding.part.empty() ? "" : finding.part + ": ", finding.rule->id, finding.offset, finding.length, finding.detail);
    lines.insert(std::move(line));
    return {};
  }
  Result<void> other(const OtherFile &file) override {
    lines.insert(fmt::format("{} other", file.path));
    return {};
  }

  std::string text() const {
    std::string text;
    for (const std::string &line : lines) text += line + "\n";
    return text;
  }
  /// How many lines hold this text.
  std::size_t count(std::string_view part) const {
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [&](const std::string &line) { return line.find(part) != std::string::npos; }));
  }

  std::multiset<std::string> lines;

private:
  bool all_;
};

} // namespace datavet::test
