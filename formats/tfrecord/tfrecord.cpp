#include "formats/tfrecord/tfrecord.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "formats/tfrecord/frame.h"
#include "formats/tfrecord/names.h"
#include "formats/tfrecord/rules.h"

namespace datavet {

namespace {

using tfrecord::Frame;

/// No signature: what no other bytes have is a length that its own CRC confirms.
bool sniff(Bytes head) {
  const Frame::State state = tfrecord::frame_at(head, Limits{}).state;
  return state != Frame::State::header_cut && state != Frame::State::length_wrong;
}

/// One window of a shard, record by record.
class Window {
public:
  Window(Bytes bytes, bool last, const Limits &limits, SplitState &state, SampleSink &sink)
      : bytes_(bytes), last_(last), limits_(limits), state_(state), sink_(sink) {}

  SplitStep split() {
    pass_over();
    while (!state_.ended && state_.skip == 0 && consumed_ < bytes_.size() && frame_one()) {
    }
    if (last_ && state_.skip > 0) end_within_passed_over();
    if (last_) state_.ended = true;
    return {consumed_, needed_};
  }

private:
  Bytes rest() const { return bytes_.subspan(consumed_); }

  void consume(std::uint64_t count) {
    consumed_ += count;
    state_.offset += count;
  }

  /// Of a record over the limit, as much as lies in the window.
  void pass_over() {
    const std::uint64_t count = std::min<std::uint64_t>(state_.skip, rest().size());
    consume(count);
    state_.skip -= count;
  }

  /// False: the window does not show enough.
  bool frame_one() {
    const Frame frame = tfrecord::frame_at(rest(), limits_);
    switch (frame.state) {
    case Frame::State::complete:
      sink_.sample({state_.ordinal++, state_.offset, frame.size, rest().first(frame.size)});
      consume(frame.size);
      return true;
    case Frame::State::over_limit:
      report(frame, frame.size);
      state_.skip = frame.size;
      pass_over();
      return true;
    case Frame::State::header_cut:
    case Frame::State::cut: return ends_here(frame, frame.size);
    case Frame::State::length_wrong: return ends_here(frame, tfrecord::tail_looked_at);
    }
    return false;
  }

  /// The frame is broken for good, if the window shows `enough` to say so.
  bool ends_here(const Frame &frame, std::uint64_t enough) {
    if (!last_ && rest().size() < enough) {
      needed_ = enough;
      return false;
    }
    report(frame, rest().size());
    state_.ended = true; // at the broken record: where the window ends says nothing
    return true;
  }

  void report(const Frame &frame, std::uint64_t size) {
    sink_.broken({state_.ordinal++, state_.offset, size, {}},
                 tfrecord::finding_of(frame, rest(), state_.offset));
  }

  void end_within_passed_over() {
    sink_.broken({state_.ordinal - 1, state_.offset, 0, {}},
                 tfrecord::finding_of_passed_over(state_.skip, state_.offset));
    state_.skip = 0;
  }

  const Bytes bytes_;
  const bool last_;
  const Limits &limits_;
  SplitState &state_;
  SampleSink &sink_;
  std::uint64_t consumed_ = 0;
  std::uint64_t needed_ = 0;
};

SplitStep split(Bytes window, bool last, const CheckOptions &options, SplitState &state, SampleSink &sink) {
  if (state.ended) return {window.size(), 0};
  return Window(window, last, options.limits, state, sink).split();
}

void check_data(Bytes record, std::uint64_t offset, Evidence &evidence) {
  const std::uint64_t footer_at = record.size() - tfrecord::footer_size;
  const std::uint32_t stored = tfrecord::stored_at<std::uint32_t>(record, footer_at);
  const Bytes data = record.subspan(tfrecord::header_size, footer_at - tfrecord::header_size);
  const std::uint32_t computed = tfrecord::masked_crc32c(data);
  if (stored != computed)
    evidence.findings.add(tfrecord::data_crc, offset, record.size(),
                          fmt::format("stored {:08x}, computed {:08x}", stored, computed));
}

void outline_record(std::uint64_t length, std::uint64_t offset, Outline &outline) {
  outline.add(0, offset, length + tfrecord::framing_size, "record", fmt::format("{} bytes of data", length));
  outline.add(1, offset, 8, "length");
  outline.add(1, offset + 8, 4, "masked crc of length");
  outline.add(1, offset + tfrecord::header_size, length, "data");
  outline.add(1, offset + tfrecord::header_size + length, 4, "masked crc of data");
}

void check(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  if (sample.empty()) evidence.findings.add(tfrecord::shard_empty, 0);
  for (std::uint64_t offset = 0; offset < sample.size();) {
    const Bytes rest = sample.subspan(offset);
    const Frame frame = tfrecord::frame_at(rest, options.limits);
    if (frame.state != Frame::State::complete) {
      Finding finding = tfrecord::finding_of(frame, rest, offset);
      finding.length = std::min<std::uint64_t>(finding.length, rest.size());
      evidence.findings.add(std::move(finding));
    }
    if (frame.state == Frame::State::over_limit && frame.size > rest.size())
      evidence.findings.add(tfrecord::finding_of_passed_over(frame.size - rest.size(), sample.size()));
    if (frame.size > rest.size() || frame.state == Frame::State::length_wrong) return;
    if (frame.state == Frame::State::complete) {
      if (evidence.outline != nullptr) outline_record(frame.length, offset, *evidence.outline);
      if (options.depth >= Depth::checksum) check_data(rest.first(frame.size), offset, evidence);
    }
    offset += frame.size;
  }
}

constexpr std::string_view extensions[] = {"tfrecord", "tfrecords", "tfrec"};

} // namespace

constexpr Format tfrecord_format{
    .name = "tfrecord",
    .title = "TFRecord",
    .layout = Layout::records,
    .extensions = extensions,
    .rules = tfrecord::all_rules,
    .sniff = sniff,
    .claims_name = tfrecord::claims_name,
    .check = check,
    .split = split,
    .stream_rules = {&tfrecord::stream_damaged, &tfrecord::stream_truncated, &tfrecord::stream_trailing,
                     &tfrecord::stream_trailing_ignored},
};

} // namespace datavet
