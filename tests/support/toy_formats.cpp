#include "tests/support/toy_formats.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace datavet::test {

const Rule toy_x{"toy.x", Fault::malformed, Severity::error, "No x.", "test", "test"};
const Rule toylist_frame{"toylist.frame", Fault::malformed, Severity::error, "Records are framed.", "test", "test"};
const Rule toylist_torn{"toylist.torn", Fault::truncated, Severity::error, "Records are whole.", "test", "test"};
const Rule toylist_stream{"toylist.stream", Fault::checksum, Severity::error, "The stream is whole.", "test", "test"};
const Rule toylist_trailing{"toylist.trailing", Fault::trailing_data, Severity::warning, "Nothing follows.", "test", "test"};

std::function<void()> during_examine;

namespace {

constexpr std::size_t head_size = 9;

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }

bool is_frame(Bytes head) {
  return head.size() >= head_size && head[0] == 'R' &&
         std::all_of(head.begin() + 1, head.begin() + head_size, [](std::uint8_t c) { return c >= '0' && c <= '9'; });
}

void check_toy(Bytes sample, const CheckOptions &, Evidence &evidence) {
  if (text_of(sample).find("throw") != std::string_view::npos) throw std::runtime_error("as the sample said");
  for (std::size_t i = 0; i < sample.size(); ++i)
    if (sample[i] == 'x') evidence.findings.add(toy_x, i, 1, "an x");
}

/// One that throws spoils it for all, until each is judged alone.
void check_toys(std::span<const SampleToCheck> samples, const CheckOptions &options) {
  for (const SampleToCheck &sample : samples) check_toy(sample.bytes, options, *sample.evidence);
}

void examine_toyfile(const Source &source, const CheckOptions &, Evidence &evidence) {
  if (during_examine) during_examine();
  std::uint8_t piece[1000];
  for (std::uint64_t at = 0; at < source.size(); at += sizeof piece) {
    const Source::Read read = source.read(at, piece);
    for (std::size_t i = 0; i < read.count; ++i)
      if (piece[i] == 'x') evidence.findings.add(toy_x, at + i, 1, "an x");
  }
}

SplitStep split_toylist(Bytes window, bool last, const CheckOptions &, SplitState &state, SampleSink &sink) {
  SplitStep step;
  auto broken = [&](const Rule &rule, std::uint64_t size) {
    sink.broken({state.ordinal++, state.offset, size, {}}, {&rule, state.offset, size, {}});
    state.offset += size;
    step.consumed += size;
    state.ended = true;
  };
  while (!state.ended && step.consumed < window.size()) {
    Bytes rest = window.subspan(step.consumed);
    if (rest.size() < head_size && !last) {
      step.needed = head_size;
      break;
    }
    if (!is_frame(rest)) {
      broken(toylist_frame, rest.size());
      break;
    }
    const std::uint64_t size = head_size + std::stoull(std::string(text_of(rest.subspan(1, head_size - 1))));
    if (rest.size() < size && !last) {
      step.needed = size;
      break;
    }
    if (rest.size() < size) {
      broken(toylist_torn, rest.size());
      break;
    }
    sink.sample({state.ordinal++, state.offset, size, rest.first(size)});
    state.offset += size;
    step.consumed += size;
  }
  return step;
}

constexpr std::string_view toy_extensions[] = {"toy"};
constexpr std::string_view list_extensions[] = {"toylist"};
constexpr std::string_view file_extensions[] = {"toyfile"};
constexpr const Rule *toy_rules[] = {&toy_x};
constexpr const Rule *list_rules[] = {&toy_x, &toylist_frame, &toylist_torn, &toylist_stream, &toylist_trailing};

const Format toy_format{.name = "toy",
                        .title = "Toy",
                        .layout = Layout::whole,
                        .extensions = toy_extensions,
                        .rules = toy_rules,
                        .sniff = [](Bytes head) { return text_of(head).starts_with("TOY!"); },
                        .check = check_toy,
                        .check_many = check_toys};
const Format toylist_format{.name = "toylist",
                            .title = "Toy list",
                            .layout = Layout::records,
                            .extensions = list_extensions,
                            .rules = list_rules,
                            .sniff = is_frame,
                            .check = check_toy,
                            .split = split_toylist,
                            .stream_rules = {&toylist_stream, &toylist_stream, &toylist_trailing, &toylist_trailing}};
const Format toyfile_format{.name = "toyfile",
                            .title = "Toy file",
                            .layout = Layout::random_access,
                            .extensions = file_extensions,
                            .rules = toy_rules,
                            .sniff = [](Bytes head) { return text_of(head).starts_with("TOYF"); },
                            .examine = examine_toyfile};

} // namespace

Registry toy_registry() {
  static constexpr const Format *formats[] = {&toy_format, &toylist_format, &toyfile_format};
  return formats;
}

std::string toy(const std::string &body) { return "TOY!" + body; }
std::string toy_record(const std::string &body) { return fmt::format("R{:08}{}", body.size(), body); }

} // namespace datavet::test
