/// Reads a compressed shard to its end: InflateStream in front of split().
#pragma once

#include "tests/formats/tfrecord/inflating.h"
#include "tests/formats/tfrecord/shard_reading.h"

namespace datavet::test {

/// The rule of the shard's own format that the end of its stream breaks, or null.
inline const Rule *rule_of(InflateStream::Outcome outcome, Wrapping wrapping) {
  const StreamRules &rules = tfrecord_format.stream_rules;
  switch (outcome) {
  case InflateStream::Outcome::damaged: return rules.damaged;
  case InflateStream::Outcome::truncated: return rules.truncated;
  case InflateStream::Outcome::trailing: return wrapping == Wrapping::gzip ? rules.trailing_gzip : rules.trailing_zlib;
  case InflateStream::Outcome::running:
  case InflateStream::Outcome::ended: break;
  }
  return nullptr;
}

/// When the stream breaks off, the record that it tears is not reported on top.
inline Reading read_compressed(const Blob &packed, Wrapping wrapping) {
  const Inflated inflated = inflate_all(packed, wrapping);
  Reading reading = read_whole(inflated.plain);
  const Rule *rule = rule_of(inflated.outcome, wrapping);
  if (rule == nullptr) return reading;
  if (inflated.outcome != InflateStream::Outcome::trailing && !reading.findings.empty() &&
      reading.findings.back().rule == tfrecord::tail_torn.id) {
    reading.findings.pop_back();
    reading.samples.pop_back();
  }
  reading.findings.push_back({std::string(rule->id), inflated.plain.size(), 0, inflated.message});
  return reading;
}

} // namespace datavet::test
