#include "pipeline/row_judges.h"

#include <vector>

#include "pipeline/check.h"
#include "pipeline/inner_company.h"
#include "pipeline/isolation/decoder_pool.h"

namespace datavet {

namespace {

class RowJudge final : public InnerJudge {
public:
  RowJudge(Registry formats, const CheckOptions &options, DecoderPool *decoders)
      : formats_(formats), options_(options), decoders_(decoders) {}

  std::string_view format_of(Bytes head) const override {
    const Format *format = format_inside(formats_, head);
    return format != nullptr ? format->name : std::string_view();
  }

  std::span<Findings> judge(std::span<const InnerSample> inner) override {
    company_.clear();
    for (const InnerSample &one : inner) company_.found(one);
    company_.judge(formats_, options_);
    ask_decoders();
    if (findings_.size() < inner.size()) findings_.resize(inner.size());
    for (std::size_t i = 0; i < inner.size(); ++i) {
      findings_[i].clear();
      add_inner_findings(company_.members()[i], findings_[i]);
    }
    return std::span(findings_).first(inner.size());
  }

private:
  void ask_decoders() {
    if (decoders_ == nullptr) return;
    jobs_.clear();
    for (InnerCompany::Member &member : company_.members())
      if (member.format != nullptr && needs_decoder(*member.format, options_.depth, member.evidence))
        jobs_.push_back({.format = member.format, .bytes = member.bytes, .file_size = member.bytes.size(), .evidence = &member.evidence});
    if (!jobs_.empty()) decoders_->decode(jobs_);
  }

  Registry formats_;
  const CheckOptions &options_;
  DecoderPool *decoders_;
  InnerCompany company_;
  std::vector<DecodeJob> jobs_;
  std::vector<Findings> findings_;
};

} // namespace

std::unique_ptr<InnerJudge> RowJudges::make() const { return std::make_unique<RowJudge>(formats_, options_, decoders_); }

} // namespace datavet
