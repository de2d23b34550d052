#include "formats/tfrecord/tfrecord.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "formats/tfrecord/frame.h"
#include "formats/tfrecord/names.h"
#include "formats/tfrecord/payload.h"
#include "formats/tfrecord/rules.h"
#include "formats/tfrecord/split.h"

namespace datavet {

namespace {

using tfrecord::Frame;

/// No signature: what no other bytes have is a length that its own CRC confirms.
bool sniff(Bytes head) {
  const Frame::State state = tfrecord::frame_at(head, Limits{}).state;
  return state != Frame::State::header_cut && state != Frame::State::length_wrong;
}

void outline_record(std::uint64_t length, std::uint64_t offset, Outline &outline) {
  outline.add(0, offset, length + tfrecord::framing_size, "record", fmt::format("{} bytes of data", length));
  outline.add(1, offset, 8, "length");
  outline.add(1, offset + 8, 4, "masked crc of length");
  outline.add(1, offset + tfrecord::header_size, length, "data");
  outline.add(1, offset + tfrecord::header_size + length, 4, "masked crc of data");
}

/// Judges records at their places in what check() was given.
class Records final : public SampleSink {
public:
  Records(const CheckOptions &options, Evidence &evidence) : options_(options), evidence_(evidence) {}

  void sample(const FramedSample &framed) override { judge(framed.bytes, framed.offset); }
  void broken(const FramedSample &, const Finding &finding) override { evidence_.findings.add(finding); }

  void judge(Bytes record, std::uint64_t offset) {
    if (evidence_.outline != nullptr) outline_record(record.size() - tfrecord::framing_size, offset, *evidence_.outline);
    if (options_.depth < Depth::checksum) return;
    const tfrecord::DataCrc crc = tfrecord::data_crc_of(record);
    if (crc.stored != crc.computed)
      evidence_.findings.add(tfrecord::data_crc, offset, record.size(),
                             fmt::format("stored {:08x}, computed {:08x}", crc.stored, crc.computed));
    else if (options_.depth >= Depth::content)
      look_inside(record, offset);
  }

private:
  void look_inside(Bytes record, std::uint64_t offset) {
    const tfrecord::Payload payload = tfrecord::payload_of_kind(evidence_.kind);
    if (payload == tfrecord::Payload::opaque) return;
    if (evidence_.traits != nullptr && payload != tfrecord::Payload::event) evidence_.traits->begin(offset);
    const Bytes data = record.subspan(tfrecord::header_size, record.size() - tfrecord::framing_size);
    tfrecord::examine_payload(data, offset + tfrecord::header_size, payload,
                              (evidence_.kind & tfrecord::first_of_file) != 0, evidence_);
  }

  const CheckOptions &options_;
  Evidence &evidence_;
};

void check(Bytes sample, const CheckOptions &options, Evidence &evidence) {
  if (sample.empty()) evidence.findings.add(tfrecord::shard_empty, 0);
  Records records(options, evidence);
  SplitState state;
  state.end = sample.size();
  while (state.offset < sample.size()) {
    const Bytes rest = sample.subspan(state.offset);
    const Frame frame = tfrecord::frame_at(rest, options.limits);
    // Only who calls check() by himself has bytes that split() would not have framed.
    if (frame.state != Frame::State::complete) {
      tfrecord::split(rest, true, options, state, records);
      return;
    }
    records.judge(rest.first(frame.size), state.offset);
    state.offset += frame.size;
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
    .split = tfrecord::split,
    .stream_rules = {&tfrecord::stream_damaged, &tfrecord::stream_truncated, &tfrecord::stream_trailing,
                     &tfrecord::stream_trailing_ignored},
};

} // namespace datavet
