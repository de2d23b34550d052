/// Reads a shard as the pipeline does, window by window, and keeps all that split() and check() say of it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/tfrecord/rules.h"
#include "formats/tfrecord/tfrecord.h"
#include "tests/formats/tfrecord/tfrecord_writer.h"
#include "tests/support/check.h"
#include "tests/support/damage.h"

namespace datavet::test {

struct SeenSample {
  std::uint64_t ordinal, offset, size;
  bool broken;
  bool operator==(const SeenSample &) const = default;
};

struct SeenFinding {
  std::string rule;
  std::uint64_t offset, length;
  std::string detail;
  bool operator==(const SeenFinding &) const = default;
};

/// What reading a shard gave; equal for equal shards, however they were cut into windows.
struct Reading {
  std::vector<SeenSample> samples;
  std::vector<SeenFinding> findings;
  std::uint64_t end = 0; ///< offset at which split() stopped
  std::uint64_t windows = 0, bytes_shown = 0;

  bool operator==(const Reading &other) const {
    return samples == other.samples && findings == other.findings && end == other.end;
  }
  std::size_t good_samples() const {
    return static_cast<std::size_t>(std::count_if(samples.begin(), samples.end(),
                                                  [](const SeenSample &sample) { return !sample.broken; }));
  }
};

inline std::string describe(const Reading &reading) {
  std::string text = fmt::format("ends at {}\n", reading.end);
  for (const SeenSample &sample : reading.samples)
    text += fmt::format("#{} at {} +{}{}\n", sample.ordinal, sample.offset, sample.size,
                        sample.broken ? " broken" : "");
  for (const SeenFinding &finding : reading.findings)
    text += fmt::format("{} at {} +{}: {}\n", finding.rule, finding.offset, finding.length, finding.detail);
  return text;
}

/// Checks each sample as it comes, and collects.
class Reader final : public SampleSink {
public:
  Reader(Reading &reading, const CheckOptions &options) : reading_(reading), options_(options) {}

  void window(Bytes bytes, std::uint64_t offset) {
    window_ = bytes;
    window_offset_ = offset;
  }
  void sample(const FramedSample &framed) override {
    EXPECT_EQ(framed.bytes.data(), window_.data() + (framed.offset - window_offset_))
        << "not inside its window";
    EXPECT_EQ(framed.bytes.size(), framed.size);
    reading_.samples.push_back({framed.ordinal, framed.offset, framed.size, false});
    Evidence evidence;
    evidence.kind = framed.kind;
    tfrecord_format.check(framed.bytes, options_, evidence);
    evidence.findings.shift(framed.offset);
    for (const Finding &finding : evidence.findings.list()) keep(finding, finding.length);
  }
  void broken(const FramedSample &framed, const Finding &finding) override {
    EXPECT_TRUE(framed.bytes.empty());
    reading_.samples.push_back({framed.ordinal, framed.offset, framed.size, true});
    keep(finding, finding.length);
  }

private:
  void keep(const Finding &finding, std::uint64_t length) {
    reading_.findings.push_back({std::string(finding.rule->id), finding.offset, length, finding.detail});
  }

  Reading &reading_;
  CheckOptions options_;
  Bytes window_;
  std::uint64_t window_offset_ = 0;
};

enum class PassOver { seeks, reads };

/// Gives split() windows of `window` bytes, or of as many as it needs.
inline Reading read_shard(Bytes shard, std::size_t window, const CheckOptions &options = {},
                          PassOver passing = PassOver::seeks) {
  Reading reading;
  Reader reader(reading, options);
  SplitState state;
  for (std::uint64_t wanted = window; !state.ended;) {
    const Bytes rest = shard.subspan(state.offset);
    // A copy of its own: a sanitizer sees any byte read behind the window.
    const std::vector<std::uint8_t> bytes(
        rest.begin(),
        rest.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(wanted, rest.size())));
    reader.window(bytes, state.offset);
    const std::uint64_t before = state.offset;
    const SplitStep step = tfrecord_format.split(bytes, bytes.size() == rest.size(), options, state, reader);
    ++reading.windows;
    reading.bytes_shown += bytes.size();
    EXPECT_EQ(state.offset, before + step.consumed);
    EXPECT_LE(step.consumed, bytes.size());
    if (!state.ended && step.consumed == 0 && step.needed <= bytes.size()) {
      ADD_FAILURE() << "no progress at " << before << ", window " << bytes.size() << ", needed "
                    << step.needed;
      break;
    }
    if (passing == PassOver::seeks) {
      const std::uint64_t passed = std::min(state.skip, shard.size() - state.offset);
      state.offset += passed;
      state.skip -= passed;
    }
    wanted = std::max<std::uint64_t>(window, step.needed);
  }
  reading.end = state.offset;
  return reading;
}

/// The whole shard in one window.
inline Reading read_whole(const Blob &shard, const CheckOptions &options = {}) {
  return read_shard(shard, shard.size() + 1, options);
}

/// Records of different sizes, among them none and one longer than the rest.
inline TfrecordWriter small_shard() {
  TfrecordWriter writer;
  writer.add("first");
  writer.add("");
  writer.add("the third record is a little longer than the others");
  writer.add("4");
  writer.add("last one");
  return writer;
}

inline void expect_only(const Reading &reading, const Rule &rule, std::uint64_t offset) {
  ASSERT_EQ(reading.findings.size(), 1u) << describe(reading);
  EXPECT_EQ(reading.findings[0].rule, rule.id) << describe(reading);
  EXPECT_EQ(reading.findings[0].offset, offset) << describe(reading);
}

} // namespace datavet::test
