#include <datavet/checker.h>

#include <optional>
#include <utility>

#include "formats/any/rules.h"
#include "pipeline/one_sample.h"
#include "scanner/pool_options.h"

namespace datavet {

class Checker::State {
public:
  explicit State(CheckerOptions options) : options_(std::move(options)) {}

  CheckResult check(Bytes bytes, std::string_view format) noexcept {
    one_.evidence.clear();
    one_.format = nullptr;
    const Format *meant = format.empty() ? nullptr : format_named(registry(), format);
    try {
      judge_bytes(registry(), bytes, meant, options_.check, decoders(), one_);
      if (meant != nullptr && one_.format != nullptr && one_.format != meant)
        one_.evidence.findings.add(any::name_mismatch, 0, 0, "the content is " + std::string(one_.format->title) + ", not " + std::string(meant->title));
    } catch (...) {
      // Memory, or the start of the decoders' first thread: nothing else is thrown by what is called here.
      one_.evidence.findings.add(any::check_failed, 0, 0, {});
    }
    CheckResult result;
    result.verdict = one_.evidence.findings.verdict();
    result.format = one_.format == nullptr ? std::string_view() : one_.format->name;
    result.facts = one_.evidence.facts;
    result.findings_not_kept = one_.evidence.findings.not_kept();
    result.findings = one_.evidence.findings.take();
    return result;
  }

private:
  DecoderPool *decoders() {
    if (options_.use_decoders && !decoders_) decoders_.emplace(pool_options(options_.decoders, options_.check.limits, 1));
    return decoders_ ? &*decoders_ : nullptr;
  }

  CheckerOptions options_;
  OneSample one_;
  std::optional<DecoderPool> decoders_;
};

Checker::Checker(CheckerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Checker::~Checker() = default;
Checker::Checker(Checker &&) noexcept = default;
Checker &Checker::operator=(Checker &&) noexcept = default;

CheckResult Checker::check(std::span<const std::uint8_t> bytes, std::string_view format) noexcept {
  return state_->check(bytes, format);
}

} // namespace datavet
