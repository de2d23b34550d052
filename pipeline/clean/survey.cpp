#include "pipeline/clean/survey.h"

#include <algorithm>
#include <compare>
#include <tuple>

#include <fmt/format.h>

#include "formats/evidence.h"

namespace datavet {

namespace {

constexpr const char *scan_again = "scan it again, with all rules and at depth checksum or deeper";

auto place_of(const BadRecord &record) { return std::tuple(record.ordinal, record.offset); }
bool comes_before(const BadRecord &a, const BadRecord &b) { return place_of(a) < place_of(b); }

class Surveyor final : public RecordVisitor {
public:
  Surveyor(const Format &format, const BadRecords &bad, Survey &survey)
      : format_(format), bad_(bad), survey_(survey), seen_(bad.size()) {
    survey_.bad_sizes.assign(bad.size(), 0);
    options_.depth = Depth::checksum;
  }

  void sample(const FramedSample &sample) override {
    if (!problem.is_done()) return;
    hole_.reset();
    if (const std::optional<std::size_t> index = find(bad_, sample)) {
      note(*index, sample);
    } else if (obeys_its_rules(sample)) {
      ++survey_.good;
      survey_.good_content.size += sample.size;
      hash_.add(sample.bytes);
    }
  }

  void broken(const FramedSample &sample, const Finding &finding) override {
    if (!problem.is_done()) return;
    hole_ = find(bad_, sample);
    if (hole_)
      note(*hole_, sample);
    else
      refuse(fmt::format(
          "record #{} at offset {} is broken ({}), and the report does not name it as bad enough: {}",
          sample.ordinal, sample.offset, finding.rule->id, mend_of(finding)));
  }

  void finish() {
    survey_.good_content.hash = hash_.value();
    const std::uint64_t end = survey_.end.stream_size;
    for (std::size_t i = 0; i < bad_.size() && problem.is_done(); ++i) {
      const std::uint64_t left = end - std::min(end, bad_[i].offset);
      survey_.bad_sizes[i] = hole_ == i ? left : std::min(left, survey_.bad_sizes[i]);
      if (!seen_[i])
        refuse(fmt::format("the report names record #{} at offset {}, where this shard has none: {}",
                           bad_[i].ordinal, bad_[i].offset, scan_again));
    }
  }

private:
  void note(std::size_t index, const FramedSample &sample) {
    seen_[index] = true;
    survey_.bad_sizes[index] = sample.size;
  }

  bool obeys_its_rules(const FramedSample &sample) {
    Evidence evidence;
    evidence.kind = sample.kind;
    format_.check(sample.bytes, options_, evidence);
    for (const Finding &finding : evidence.findings.list())
      if (finding.rule->severity == Severity::error)
        refuse(fmt::format("record #{} at offset {} is bad ({}), and the report does not name it: {}",
                           sample.ordinal, sample.offset, finding.rule->id, scan_again));
    return problem.is_done();
  }

  static std::string mend_of(const Finding &finding) {
    if (hinders_examination(finding.rule->fault))
      return "nobody knows whether it is good, so the shard stays as it is";
    if (finding.rule->severity != Severity::error) return "--min-severity warning leaves it out";
    return scan_again;
  }

  void refuse(std::string why) { problem = {Step::refused, std::move(why)}; }

  const Format &format_;
  const BadRecords &bad_;
  Survey &survey_;
  std::vector<bool> seen_;
  std::optional<std::size_t> hole_; ///< the last record seen is this bad one, and it is broken
  CheckOptions options_;
  ContentHash hash_;
};

} // namespace

BadRecords in_order(BadRecords records) {
  std::stable_sort(records.begin(), records.end(), comes_before);
  const auto same = [](const BadRecord &a, const BadRecord &b) { return place_of(a) == place_of(b); };
  records.erase(std::unique(records.begin(), records.end(), same), records.end());
  return records;
}

std::optional<std::size_t> find(const BadRecords &bad, const FramedSample &sample) {
  BadRecord wanted;
  wanted.ordinal = sample.ordinal;
  wanted.offset = sample.offset;
  const auto found = std::lower_bound(bad.begin(), bad.end(), wanted, comes_before);
  if (found == bad.end() || place_of(*found) != place_of(wanted)) return std::nullopt;
  return static_cast<std::size_t>(found - bad.begin());
}

std::uint64_t Survey::bad_with_bytes() const {
  return static_cast<std::uint64_t>(
      std::count_if(bad_sizes.begin(), bad_sizes.end(), [](std::uint64_t size) { return size > 0; }));
}

StepResult survey_shard(const std::shared_ptr<const File> &file, Wrapping wrapping, const Format &format,
                        const BadRecords &bad, Survey &survey) {
  Surveyor surveyor(format, bad, survey);
  if (StepResult walked = walk_shard(file, wrapping, format, surveyor, survey.end); !walked.is_done())
    return walked;
  surveyor.finish();
  return surveyor.problem;
}

} // namespace datavet
