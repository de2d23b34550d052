#include "pipeline/deliver.h"

namespace datavet {

namespace {

std::string extension_of(std::string_view name) {
  name = name.substr(name.rfind('/') + 1); // npos + 1 = 0; a listed name is a path
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || name.size() - dot > 16) return "";
  return std::string(name.substr(dot));
}

constexpr std::size_t extensions_counted = 100;

} // namespace

Result<void> Delivery::deliver(const DecidedBatchPtr &decided) {
  const SampleBatch &batch = *decided->batch;
  tallies_.assign(batch.files.size(), {});
  // Results come in the order of decision, not of the samples: index them.
  of_samples_.assign(batch.samples.size(), nullptr);
  for (const SampleResult &result : decided->results) of_samples_[result.sample] = &result;
  for (std::size_t i = 0; i < batch.samples.size(); ++i) {
    const SampleResult *found = of_samples_[i];
    account(found, batch.samples[i]);
    FileTally &tally = tallies_[batch.samples[i].file];
    tally.samples += batch.samples[i].count;
    if (const Format *format = batch.samples[i].format; format != nullptr && format->layout == Layout::records) tally.records = format;
    tally.unchecked += found != nullptr && found->verdict == Verdict::unchecked;
    if (found == nullptr || (!wants_all_ && found->verdict == Verdict::healthy && found->findings.empty())) continue;
    if (Result<void> reported = report(batch, *found); !reported) return reported;
  }
  for (const ShardSketch &shard : decided->sketches)
    datasets_.records(batch.group.folder->root, path_of(batch, batch.files[shard.file].name), shard.sketch);
  close_files(batch);
  if (Result<void> reported = report_others(batch); !reported) return reported;
  summary_.vanished += batch.vanished;
  show_progress();
  return {};
}

Result<void> Delivery::finish(const RuleSelection &rules, bool complete) {
  if (Result<void> reported = report_unlike(rules); !reported) return reported;
  return complete ? report_shards(rules) : Result<void>();
}

/// Records that were taken for healthy when they were judged, each by itself.
Result<void> Delivery::report_unlike(const RuleSelection &rules) {
  for (UnlikeRecord &record : datasets_.unlike()) {
    std::erase_if(record.findings, [&](const Finding &finding) { return !rules.counts(finding.rule->id); });
    if (record.findings.empty()) continue;
    SampleReport report;
    report.path = record.place.shard->path;
    report.root = record.place.shard->root;
    report.record = RecordPlace{record.place.ordinal, record.place.offset, record.place.size, record.place.shard->wrapping};
    report.format = record.place.shard->format;
    report.verdict = judge(record.findings);
    report.size = record.place.size;
    report.findings = record.findings;
    report.stamp = record.place.shard->stamp;
    --summary_.verdicts[static_cast<std::size_t>(Verdict::healthy)];
    ++summary_.verdicts[static_cast<std::size_t>(report.verdict)];
    for (const Finding &finding : record.findings) ++rules_[finding.rule];
    if (Result<void> reported = sink_.sample(report); !reported) return reported;
  }
  return {};
}

Result<void> Delivery::report_shards(const RuleSelection &rules) {
  for (const DatasetWatch::ShardTrouble &trouble : datasets_.shards()) {
    if (!rules.counts(trouble.finding.rule->id)) continue;
    SampleReport report;
    report.path = trouble.path;
    report.root = trouble.root;
    report.format = trouble.format;
    report.findings = std::span(&trouble.finding, 1);
    report.verdict = judge(report.findings);
    ++summary_.samples; // of its own, as every finding about a shard as a whole
    ++summary_.verdicts[static_cast<std::size_t>(report.verdict)];
    summary_.trouble += is_trouble(report.findings);
    ++rules_[trouble.finding.rule];
    if (Result<void> reported = sink_.sample(report); !reported) return reported;
  }
  return {};
}

Summary Delivery::summary() const {
  Summary summary = summary_;
  summary.schema = datasets_.schema();
  for (const auto &[rule, count] : rules_) summary.rules[std::string(rule->id)] += count;
  return summary;
}

void Delivery::account(const SampleResult *result, const Sample &sample) {
  const Verdict verdict = result == nullptr ? Verdict::healthy : result->verdict;
  summary_.samples += sample.count;
  summary_.bytes += sample.count > 0 ? sample.size : 0;
  summary_.verdicts[static_cast<std::size_t>(verdict)] += sample.count;
  if (result == nullptr) return;
  for (const Finding &finding : result->findings) ++rules_[finding.rule];
  summary_.trouble += verdict == Verdict::unchecked && is_trouble(result->findings);
}

std::string_view Delivery::path_of(const SampleBatch &batch, std::string_view name) {
  path_.assign(batch.group.folder->path).append(name);
  return path_;
}

Result<void> Delivery::report(const SampleBatch &batch, const SampleResult &result) {
  const Sample &sample = batch.samples[result.sample];
  const BatchFile &file = batch.files[sample.file];
  SampleReport report;
  report.path = path_of(batch, file.name);
  report.root = batch.group.folder->root;
  if (sample.is_record) report.record = RecordPlace{sample.ordinal, sample.offset, sample.size, file.wrapping};
  report.format = sample.format == nullptr ? std::string_view() : sample.format->name;
  report.verdict = result.verdict;
  report.size = sample.size;
  report.facts = result.facts;
  report.findings = result.findings;
  report.findings_not_kept = result.findings_not_kept;
  report.stamp = file.stamp.value_or(FileStamp{});
  report.content_hash = result.content_hash;
  return sink_.sample(report);
}

Result<void> Delivery::report_others(const SampleBatch &batch) {
  for (std::string_view name : batch.others) {
    ++summary_.other;
    std::string extension = extension_of(name);
    if (summary_.other_extensions.size() < extensions_counted || summary_.other_extensions.contains(extension))
      ++summary_.other_extensions[extension];
    if (wants_all_)
      if (Result<void> told = sink_.other({path_of(batch, name), batch.group.folder->root}); !told) return told;
  }
  return {};
}

void Delivery::close_files(const SampleBatch &batch) {
  for (std::size_t i = 0; i < batch.files.size(); ++i) {
    const BatchFile &file = batch.files[i];
    if (file.shard == 0) {
      close_file(batch, file, tallies_[i]);
      continue;
    }
    FileTally &whole = shards_[file.shard];
    whole.samples += tallies_[i].samples;
    whole.unchecked += tallies_[i].unchecked;
    if (tallies_[i].records != nullptr) whole.records = tallies_[i].records;
    ++whole.batches;
    if (file.shard_batches > 0) whole.batches_in_all = file.shard_batches;
    if (whole.batches == whole.batches_in_all) {
      close_file(batch, file, whole);
      shards_.erase(file.shard);
    }
  }
}

void Delivery::close_file(const SampleBatch &batch, const BatchFile &file, const FileTally &tally) {
  if (tally.records != nullptr)
    datasets_.shard(batch.group.folder->root, path_of(batch, file.name), tally.records->name, batch.group.names().front().asked_for);
  const bool any_judged = tally.samples > tally.unchecked || tally.samples == 0;
  ++(any_judged ? summary_.files_judged : summary_.files_unchecked);
}

void Delivery::show_progress() {
  if (progress_ == nullptr) return;
  progress_->files_done = summary_.files_judged + summary_.files_unchecked + summary_.other + summary_.vanished;
  progress_->samples = summary_.samples;
  progress_->bytes = summary_.bytes;
  progress_->bad = summary_.samples - summary_.count(Verdict::healthy);
}

} // namespace datavet
