#include "pipeline/deliver.h"

namespace datavet {

namespace {

std::string extension_of(const std::string &path) {
  const std::size_t name = path.rfind('/') + 1; // npos + 1 = 0
  const std::size_t dot = path.rfind('.');
  if (dot == std::string::npos || dot <= name || path.size() - dot > 16) return "";
  return path.substr(dot);
}

constexpr std::size_t extensions_counted = 100;

} // namespace

Result<void> Delivery::deliver(const DecidedBatchPtr &decided) {
  const SampleBatch &batch = *decided->batch;
  std::vector<FileTally> tallies(batch.files.size());
  // Results come in the order of decision, not of the samples: index them.
  std::vector<const SampleResult *> of_sample(batch.samples.size(), nullptr);
  for (const SampleResult &result : decided->results) of_sample[result.sample] = &result;
  for (std::size_t i = 0; i < batch.samples.size(); ++i) {
    const SampleResult *found = of_sample[i];
    account(found, batch.samples[i]);
    FileTally &tally = tallies[batch.samples[i].file];
    ++tally.samples;
    tally.unchecked += found != nullptr && found->verdict == Verdict::unchecked;
    if (found == nullptr || (!wants_all_ && found->verdict == Verdict::healthy && found->findings.empty())) continue;
    if (Result<void> reported = report(batch, *found); !reported) return reported;
  }
  close_files(batch, tallies);
  for (const OtherName &other : batch.others) {
    ++summary_.other;
    std::string extension = extension_of(other.path);
    if (summary_.other_extensions.size() < extensions_counted || summary_.other_extensions.contains(extension))
      ++summary_.other_extensions[extension];
    if (wants_all_)
      if (Result<void> told = sink_.other({other.path, other.root}); !told) return told;
  }
  summary_.vanished += batch.vanished;
  if (progress_ != nullptr) {
    progress_->files_done = summary_.files_judged + summary_.files_unchecked + summary_.other + summary_.vanished;
    progress_->samples = summary_.samples;
    progress_->bytes = summary_.bytes;
    progress_->bad = summary_.samples - summary_.count(Verdict::healthy);
  }
  return {};
}

void Delivery::account(const SampleResult *result, const Sample &sample) {
  const Verdict verdict = result == nullptr ? Verdict::healthy : result->verdict;
  ++summary_.samples;
  summary_.bytes += sample.size;
  ++summary_.verdicts[static_cast<std::size_t>(verdict)];
  if (result != nullptr) {
    for (const Finding &finding : result->findings) ++summary_.rules[std::string(finding.rule->id)];
    summary_.trouble += verdict == Verdict::unchecked && is_trouble(result->findings);
  }
}

Result<void> Delivery::report(const SampleBatch &batch, const SampleResult &result) {
  const Sample &sample = batch.samples[result.sample];
  const BatchFile &file = batch.files[sample.file];
  SampleReport report;
  report.path = file.path;
  report.root = file.root;
  if (sample.is_record) report.record = RecordPlace{sample.ordinal, sample.offset, sample.size, file.wrapping};
  report.format = sample.format == nullptr ? std::string_view() : sample.format->name;
  report.verdict = result.verdict;
  report.size = sample.size;
  report.facts = result.facts;
  report.findings = result.findings;
  report.findings_not_kept = result.findings_not_kept;
  report.stamp = file.stamp;
  report.content_hash = result.content_hash;
  return sink_.sample(report);
}

void Delivery::close_files(const SampleBatch &batch, const std::vector<FileTally> &tallies) {
  for (std::size_t i = 0; i < batch.files.size(); ++i) {
    const BatchFile &file = batch.files[i];
    if (file.shard == 0) {
      close_file(tallies[i]);
      continue;
    }
    FileTally &whole = shards_[file.shard];
    whole.samples += tallies[i].samples;
    whole.unchecked += tallies[i].unchecked;
    ++whole.batches;
    if (file.shard_batches > 0) whole.batches_in_all = file.shard_batches;
    if (whole.batches == whole.batches_in_all) {
      close_file(whole);
      shards_.erase(file.shard);
    }
  }
}

void Delivery::close_file(const FileTally &tally) {
  const bool any_judged = tally.samples > tally.unchecked || tally.samples == 0;
  ++(any_judged ? summary_.files_judged : summary_.files_unchecked);
}

} // namespace datavet
