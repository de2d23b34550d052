#include "pipeline/one_sample.h"

#include <span>
#include <vector>

#include <fmt/format.h>
#include <sys/mman.h>

#include "formats/any/rules.h"
#include "formats/deflate/inflate_stream.h"
#include "pipeline/check.h"
#include "pipeline/inner_company.h"
#include "pipeline/io/file.h"
#include "pipeline/isolation/decoder_pool.h"
#include "pipeline/recognise.h"
#include "pipeline/row_judges.h"

namespace datavet {

namespace {

void ask_decoder(const Format &format, DecodeJob job, const CheckOptions &options, DecoderPool *decoders, Evidence &evidence) {
  if (!needs_decoder(format, options.depth, evidence)) return;
  if (decoders == nullptr) {
    evidence.findings.add(any::not_asked, 0);
    return;
  }
  job.format = &format;
  job.evidence = &evidence;
  decoders->decode(std::span(&job, 1));
}

/// Checks each record as split() finds it.
class RecordChecks final : public SampleSink {
public:
  RecordChecks(Registry formats, const Format &format, const CheckOptions &options, DecoderPool *decoders, Evidence &evidence)
      : formats_(formats), format_(format), options_(options), decoders_(decoders), evidence_(evidence) {}

  void sample(const FramedSample &framed) override {
    outline(framed, "record");
    one_.clear();
    inner_.clear();
    one_.kind = framed.kind;
    one_.inner = &inner_;
    check_sample(format_, framed.bytes, options_, one_);
    inner_.judge(formats_, options_);
    for (InnerCompany::Member &member : inner_.members()) {
      if (member.format != nullptr)
        ask_decoder(*member.format, {.bytes = member.bytes, .file_size = member.bytes.size()}, options_, decoders_, member.evidence);
      add_inner_findings(member, one_.findings);
    }
    one_.findings.shift(framed.offset);
    for (Finding &finding : one_.findings.take()) evidence_.findings.add(std::move(finding));
  }
  void broken(const FramedSample &framed, const Finding &finding) override {
    outline(framed, "broken record");
    evidence_.findings.add(finding);
  }

private:
  void outline(const FramedSample &framed, const char *what) {
    if (evidence_.outline != nullptr)
      evidence_.outline->add(0, framed.offset, framed.size, fmt::format("{} #{}", what, framed.ordinal));
  }

  Registry formats_;
  const Format &format_;
  const CheckOptions &options_;
  DecoderPool *decoders_;
  Evidence &evidence_;
  Evidence one_;
  InnerCompany inner_;
};

/// What a compressed shard in memory inflates to, within the limit on a sample.
std::vector<std::uint8_t> inflate_whole(Bytes compressed, Wrapping wrapping, const Format &format, const Limits &limits, Evidence &evidence) {
  InflateStream stream(wrapping);
  std::vector<std::uint8_t> plain;
  std::uint64_t begin = 0;
  constexpr std::size_t piece = 1 << 20;
  while (stream.outcome() == InflateStream::Outcome::running) {
    const std::size_t before = plain.size();
    if (before >= limits.decoded_bytes) {
      evidence.findings.add(any::too_large, 0, 0, fmt::format("inflates to more than {} bytes", limits.decoded_bytes));
      return plain;
    }
    plain.resize(before + piece);
    InflateStream::Step step = stream.feed(compressed.subspan(begin), More::nothing_follows, std::span(plain).subspan(before));
    begin += step.consumed;
    plain.resize(before + step.produced);
  }
  if (stream.outcome() == InflateStream::Outcome::damaged)
    evidence.findings.add(*format.stream_rules.damaged, stream.plain_offset(), 0, std::string(stream.message()));
  if (stream.outcome() == InflateStream::Outcome::truncated)
    evidence.findings.add(*format.stream_rules.truncated, stream.plain_offset());
  if (stream.outcome() == InflateStream::Outcome::trailing)
    evidence.findings.add(wrapping == Wrapping::gzip ? *format.stream_rules.trailing_gzip : *format.stream_rules.trailing_zlib, stream.plain_offset());
  return plain;
}

void judge_records(Registry formats, const Format &format, Bytes bytes, Wrapping wrapping, const CheckOptions &options, DecoderPool *decoders, Evidence &evidence) {
  std::vector<std::uint8_t> plain;
  bool complete = true;
  if (wrapping != Wrapping::none) {
    plain = inflate_whole(bytes, wrapping, format, options.limits, evidence);
    bytes = plain;
    complete = !evidence.findings.any_at_least(Severity::error);
  }
  RecordChecks checks(formats, format, options, decoders, evidence);
  SplitState state;
  state.end = bytes.size();
  state.broke_off = !complete;
  format.split(bytes, complete, options, state, checks);
}

/// An anonymous file with these bytes; not open when there is no memory for it.
UniqueFd file_of(Bytes bytes) {
  UniqueFd fd(::memfd_create("datavet-sample", MFD_CLOEXEC));
  for (std::size_t done = 0; fd && done < bytes.size();) {
    const ssize_t count = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return {};
    done += static_cast<std::size_t>(count);
  }
  return fd;
}

} // namespace

void judge_bytes(Registry formats, Bytes bytes, const Format *meant, const CheckOptions &options, DecoderPool *decoders,
                 OneSample &one) {
  Recognition known = recognise_as(formats, bytes, bytes.size(), meant);
  one.format = known.format;
  if (known.evidence)
    for (Finding &finding : known.evidence->findings.take()) one.evidence.findings.add(std::move(finding));
  if (!known.is_sample) one.evidence.findings.add(any::unknown, 0, 0, "no known format");
  if (known.format == nullptr) return;
  if (bytes.size() > options.limits.sample_bytes) {
    one.evidence.findings.add(any::too_large, 0, 0, fmt::format("{} bytes, the limit is {}", bytes.size(), options.limits.sample_bytes));
    return;
  }
  if (known.format->layout == Layout::records) {
    judge_records(formats, *known.format, bytes, known.wrapping, options, decoders, one.evidence);
    return;
  }
  const RowJudges judges(formats, options, decoders);
  one.evidence.judges = &judges;
  check_sample(*known.format, bytes, options, one.evidence);
  one.evidence.judges = nullptr;
  DecodeJob job;
  job.bytes = bytes;
  job.file_size = bytes.size();
  UniqueFd copy;
  if (known.format->layout == Layout::random_access && decoders != nullptr) {
    copy = file_of(bytes); // such a decoder reads through a descriptor
    job.file = copy.get();
    job.bytes = {};
  }
  ask_decoder(*known.format, job, options, decoders, one.evidence);
}

void judge_file(Registry formats, const Format &format, const File &file, const CheckOptions &options, DecoderPool *decoders, OneSample &one) {
  one.format = &format;
  const RowJudges judges(formats, options, decoders);
  one.evidence.judges = &judges;
  format.examine(file, options, one.evidence);
  one.evidence.judges = nullptr;
  DecodeJob job;
  job.file = file.fd();
  job.file_size = file.size();
  ask_decoder(format, job, options, decoders, one.evidence);
}

} // namespace datavet
