#include "pipeline/check.h"

#include <exception>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "formats/any/rules.h"
#include "pipeline/isolation/decoder_pool.h"

namespace datavet {

namespace {

/// Runs `work`; what it throws becomes a finding.
template <class Work> void behind_barrier(Evidence &evidence, Work &&work) noexcept {
  const char *what = "an unknown exception";
  try {
    work();
    return;
  } catch (const std::bad_alloc &) {
    what = "out of memory";
  } catch (const std::exception &) {
    what = "an exception in datavet's own check";
  } catch (...) {
  }
  evidence.findings.add(any::check_failed, 0, 0, what);
}

class BatchCheck {
public:
  BatchCheck(const CheckContext &context, SampleBatchPtr batch)
      : context_(context), checked_(std::make_shared<CheckedBatch>()), batch_(*batch) {
    checked_->batch = std::move(batch);
  }

  CheckedBatchPtr run() {
    for (std::uint32_t i = 0; i < batch_.samples.size(); ++i) judge_by_own_code(i);
    ask_decoders();
    return std::move(checked_);
  }

private:
  struct Waiting {
    std::uint32_t sample;
    Evidence evidence;
  };

  void judge_by_own_code(std::uint32_t index) {
    const Sample &sample = batch_.samples[index];
    evidence_.clear();
    if (!sample.judged) {
      if (const std::shared_ptr<const File> &open = batch_.files[sample.file].open)
        behind_barrier(evidence_, [&] { sample.format->examine(*open, context_.options, evidence_); });
      else
        check_sample(*sample.format, batch_.bytes_of(sample), context_.options, evidence_);
      if (sample.is_record) evidence_.findings.shift(sample.offset);
    }
    if (sample.preset != Sample::no_preset)
      for (Finding &finding : batch_.presets[sample.preset].findings.take()) evidence_.findings.add(std::move(finding));
    if (!sample.judged && context_.decoders != nullptr && needs_decoder(*sample.format, context_.options.depth, evidence_))
      waiting_.push_back({index, std::exchange(evidence_, {})});
    else
      conclude(index, evidence_);
  }

  void ask_decoders() {
    if (waiting_.empty()) return;
    std::vector<DecodeJob> jobs;
    jobs.reserve(waiting_.size());
    for (Waiting &waiting : waiting_) {
      const Sample &sample = batch_.samples[waiting.sample];
      const std::shared_ptr<const File> &open = batch_.files[sample.file].open;
      jobs.push_back({.format = sample.format,
                      .bytes = open ? Bytes{} : batch_.bytes_of(sample),
                      .file = open ? open->fd() : -1,
                      .file_size = sample.size,
                      .evidence = &waiting.evidence});
    }
    context_.decoders->decode(jobs);
    for (Waiting &waiting : waiting_) conclude(waiting.sample, waiting.evidence);
  }

  void conclude(std::uint32_t index, Evidence &evidence) {
    const Sample &sample = batch_.samples[index];
    if (const std::shared_ptr<const File> &open = batch_.files[sample.file].open; open && open->changed())
      evidence.findings.add(any::changed, 0, 0, "size or time is not what it was when the scan opened it");
    if (evidence.findings.empty() && !context_.want_all) return;
    SampleResult &result = checked_->results.emplace_back();
    result.sample = index;
    result.facts = evidence.facts;
    result.findings_not_kept = evidence.findings.not_kept();
    result.findings = evidence.findings.take();
    if (!sample.is_record && sample.size > 0)
      if (Bytes bytes = batch_.bytes_of(sample); !bytes.empty() && !batch_.files[sample.file].open)
        result.content_hash = XXH3_64bits(bytes.data(), bytes.size());
  }

  const CheckContext &context_;
  CheckedBatchPtr checked_;
  SampleBatch &batch_;
  Evidence evidence_;
  std::vector<Waiting> waiting_;
};

} // namespace

void check_sample(const Format &format, Bytes bytes, const CheckOptions &options, Evidence &evidence) noexcept {
  behind_barrier(evidence, [&] {
    if (format.check != nullptr)
      format.check(bytes, options, evidence);
    else
      format.examine(MemorySource(bytes), options, evidence);
  });
}

bool needs_decoder(const Format &format, Depth depth, const Evidence &evidence) {
  if (format.decoder_family.empty() || depth < format.asks_decoder_from) return false;
  // What our own check refuses or cannot judge needs no second opinion, and may be what kills decoders.
  const Verdict verdict = evidence.findings.verdict();
  return verdict == Verdict::healthy || verdict == Verdict::suspect;
}

CheckedBatchPtr check(const CheckContext &context, SampleBatchPtr batch) {
  return BatchCheck(context, std::move(batch)).run();
}

} // namespace datavet
