#include "pipeline/check.h"

#include <algorithm>
#include <exception>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "formats/any/rules.h"
#include "pipeline/confirm.h"
#include "pipeline/inner_company.h"
#include "pipeline/isolation/decoder_pool.h"
#include "pipeline/row_judges.h"
#include "pipeline/schema/batch_traits.h"

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

/// Room for samples that are judged together, kept by each thread from batch to batch.
struct Company {
  std::vector<Evidence> evidence;
  std::vector<SampleToCheck> to_check;
};

/// Finds the records of a run again, each for itself.
class RunApart final : public SampleSink {
public:
  RunApart(SampleBatch &batch, const Sample &run) : batch_(batch), run_(run) {}
  void sample(const FramedSample &framed) override {
    Sample &one = batch_.samples.emplace_back(run_);
    one.begin = run_.begin + (framed.offset - run_.offset);
    one.ordinal = framed.ordinal;
    one.offset = framed.offset;
    one.size = framed.size;
    one.count = 1;
  }
  // A run consists of whole records.
  void broken(const FramedSample &framed, const Finding &) override { sample(framed); }

private:
  SampleBatch &batch_;
  const Sample run_;
};

class BatchCheck {
public:
  BatchCheck(const CheckContext &context, SampleBatchPtr batch)
      : context_(context), checked_(std::make_shared<CheckedBatch>()), batch_(*batch), traits_(context.schema, batch_, *checked_) {
    checked_->batch = std::move(batch);
  }

  CheckedBatchPtr run() {
    // Those that are added on the way are judged where they are added.
    const std::size_t count = batch_.samples.size();
    for (std::uint32_t i = 0; i < count;) {
      const std::uint32_t end = end_of_company(i, count);
      if (end - i > 1)
        judge_together(i, end);
      else if (batch_.samples[i].count > 1)
        judge_run(i);
      else
        judge_alone(i);
      i = end;
    }
    ask_decoders();
    traits_.settle();
    return std::move(checked_);
  }

private:
  struct Waiting {
    std::uint32_t sample;
    Evidence evidence;
    bool asks = false;                       ///< its own decoder; else only those of the samples inside it
    std::vector<InnerCompany::Member> inner; ///< the samples inside it whose decoders are asked
  };

  /// Past the samples from `begin` on that are judged together: of one format, which gains by it.
  std::uint32_t end_of_company(std::uint32_t begin, std::size_t count) const {
    const auto fits = [&](const Sample &sample) {
      return !sample.judged && sample.format == batch_.samples[begin].format && sample.format->check_many != nullptr;
    };
    std::uint32_t end = begin;
    while (end < count && fits(batch_.samples[end])) ++end;
    return std::max(end, begin + 1);
  }

  void judge_together(std::uint32_t begin, std::uint32_t end) {
    thread_local Company company;
    inner_.clear();
    traits_.clear();
    company.evidence.resize(std::max<std::size_t>(company.evidence.size(), end - begin));
    company.to_check.clear();
    for (std::uint32_t i = begin; i < end; ++i) {
      company.evidence[i - begin].clear();
      company.to_check.push_back({batch_.bytes_of(batch_.samples[i]), &company.evidence[i - begin]});
    }
    check_samples(*batch_.samples[begin].format, company.to_check, context_.options);
    for (std::uint32_t i = begin; i < end; ++i) settle(i, company.evidence[i - begin]);
  }

  /// Records that are healthy need no more than to be counted. Where there is anything to tell, each is judged alone.
  void judge_run(std::uint32_t index) {
    if (!context_.want_all && is_healthy_run(batch_.samples[index])) return;
    const Sample run = batch_.samples[index];
    batch_.samples[index].count = 0;
    const auto begin = static_cast<std::uint32_t>(batch_.samples.size());
    RunApart apart(batch_, run);
    SplitState state{.offset = run.offset, .ordinal = run.ordinal};
    CheckOptions frames_only = context_.options;
    frames_only.depth = Depth::structure; // what the records hold is known
    run.format->split(batch_.bytes_of(run), true, frames_only, state, apart);
    const auto end = static_cast<std::uint32_t>(batch_.samples.size());
    for (std::uint32_t i = begin; i < end; ++i) judge_alone(i);
  }

  bool is_healthy_run(const Sample &run) {
    look_into(run);
    if (!evidence_.findings.empty() || !traits_.agree(run)) return false;
    if (context_.decoders != nullptr && needs_decoder(*run.format, context_.options.depth, evidence_)) return false;
    const bool all_sound = std::ranges::none_of(inner_.members(), [&](const InnerCompany::Member &member) {
      return !member.evidence.findings.empty() || asks_decoder(member);
    });
    if (all_sound) traits_.keep(run, true);
    return all_sound;
  }

  // --- samples inside samples ---

  /// Our own check of a sample and of those inside it.
  void look_into(const Sample &sample) {
    evidence_.clear();
    inner_.clear();
    traits_.clear();
    evidence_.kind = sample.kind;
    evidence_.inner = &inner_;
    evidence_.traits = &traits_.in_hand();
    check_sample(*sample.format, batch_.bytes_of(sample), context_.options, evidence_);
    behind_barrier(evidence_, [&] { inner_.judge(context_.formats, context_.options); });
  }

  bool asks_decoder(const InnerCompany::Member &member) const {
    return context_.decoders != nullptr && member.format != nullptr &&
           needs_decoder(*member.format, context_.options.depth, member.evidence);
  }

  void judge_alone(std::uint32_t index) {
    const Sample &sample = batch_.samples[index];
    evidence_.clear();
    inner_.clear();
    traits_.clear();
    if (!sample.judged) {
      if (const std::shared_ptr<const File> &open = batch_.files[sample.file].open)
        examine(sample, *open);
      else
        look_into(sample);
    }
    settle(index, evidence_);
  }

  void examine(const Sample &sample, const File &open) {
    const RowJudges judges(context_.formats, context_.options, context_.decoders);
    evidence_.sharing = context_.sharing;
    evidence_.judges = &judges;
    behind_barrier(evidence_, [&] { sample.format->examine(open, context_.options, evidence_); });
    evidence_.judges = nullptr;
  }

  /// Once our own check has spoken: what was found before it, and whether a decoder is to be asked.
  void settle(std::uint32_t index, Evidence &evidence) {
    const Sample &sample = batch_.samples[index];
    Waiting waiting{.sample = index, .evidence = {}, .asks = false, .inner = {}};
    for (InnerCompany::Member &member : inner_.members()) {
      if (asks_decoder(member))
        waiting.inner.push_back(std::move(member));
      else
        add_inner_findings(member, evidence.findings);
    }
    if (sample.preset != Sample::no_preset)
      for (Finding &finding : batch_.presets[sample.preset].findings.take()) {
        finding.offset -= sample.is_record ? sample.offset : 0; // theirs are in the file already
        evidence.findings.add(std::move(finding));
      }
    traits_.compare(sample, evidence.findings);
    // What a damaged record lacks is no trait of its dataset.
    if (!evidence.findings.any_at_least(Severity::error)) traits_.keep(sample, evidence.findings.empty() && waiting.inner.empty());
    waiting.asks = !sample.judged && context_.decoders != nullptr && needs_decoder(*sample.format, context_.options.depth, evidence);
    if (!waiting.asks && waiting.inner.empty()) return conclude(index, evidence);
    waiting.evidence = std::exchange(evidence, {});
    waiting_.push_back(std::move(waiting));
  }

  void ask_decoders() {
    if (waiting_.empty()) return;
    std::vector<DecodeJob> jobs;
    for (Waiting &waiting : waiting_) {
      const Sample &sample = batch_.samples[waiting.sample];
      const std::shared_ptr<const File> &open = batch_.files[sample.file].open;
      if (waiting.asks)
        jobs.push_back({.format = sample.format,
                        .bytes = open ? Bytes{} : batch_.bytes_of(sample),
                        .file = open ? open->fd() : -1,
                        .file_size = sample.size,
                        .evidence = &waiting.evidence});
      for (InnerCompany::Member &member : waiting.inner)
        jobs.push_back({.format = member.format,
                        .bytes = member.bytes,
                        .file = -1,
                        .file_size = member.bytes.size(),
                        .evidence = &member.evidence});
    }
    context_.decoders->decode(jobs);
    for (Waiting &waiting : waiting_) {
      for (InnerCompany::Member &member : waiting.inner) add_inner_findings(member, waiting.evidence.findings);
      conclude(waiting.sample, waiting.evidence);
    }
  }

  void conclude(std::uint32_t index, Evidence &evidence) {
    Sample &sample = batch_.samples[index];
    BatchFile &file = batch_.files[sample.file];
    if (sample.is_record) evidence.findings.shift(sample.offset);
    if (file.open && file.open->changed())
      evidence.findings.add(any::changed, 0, 0, "size or time is not what it was when the scan opened it");
    if (evidence.findings.empty() && !context_.want_all) return;
    if (!file.stamp) look_again(sample, file, evidence);
    SampleResult &result = checked_->results.emplace_back();
    result.sample = index;
    result.facts = evidence.facts;
    result.findings_not_kept = evidence.findings.not_kept();
    result.findings = evidence.findings.take();
    if (!sample.is_record && !file.open)
      if (Bytes bytes = batch_.bytes_of(sample); !bytes.empty()) result.content_hash = XXH3_64bits(bytes.data(), bytes.size());
  }

  /// What was found holds for bytes of which nobody knows yet whether they are the file's.
  void look_again(Sample &sample, BatchFile &file, Evidence &evidence) {
    Confirmation confirmation = confirm(batch_.group, file.name, batch_.bytes_of(sample));
    file.stamp = confirmation.stamp;
    if (confirmation.objection == nullptr) return;
    evidence.clear();
    evidence.findings.add(*confirmation.objection, 0, 0, std::move(confirmation.detail));
    sample.judged = true;
  }

  const CheckContext &context_;
  CheckedBatchPtr checked_;
  SampleBatch &batch_;
  Evidence evidence_;
  InnerCompany inner_;
  BatchTraits traits_;
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

void check_samples(const Format &format, std::span<const SampleToCheck> samples, const CheckOptions &options) noexcept {
  bool failed = false;
  try {
    format.check_many(samples, options);
  } catch (...) {
    failed = true;
  }
  // Whichever it was that failed: alone each gets what is its own.
  for (std::size_t i = 0; failed && i < samples.size(); ++i) {
    samples[i].evidence->clear();
    check_sample(format, samples[i].bytes, options, *samples[i].evidence);
  }
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
