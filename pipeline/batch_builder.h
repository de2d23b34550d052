/// Collects one batch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/messages.h"

namespace datavet {

/// Adds files and their samples to a batch. The buffer is used from its start; the rest of it is free space.
class BatchBuilder final : public SampleSink {
public:
  explicit BatchBuilder(SampleBatch &batch) : batch_(batch) {}

  std::span<std::uint8_t> free_space() { return batch_.buffer.bytes().subspan(used_); }
  bool unused() const { return used_ == 0; }
  void use(std::size_t count) { used_ += count; }
  /// Where in the buffer these bytes begin.
  std::size_t begin_of(Bytes bytes) const {
    return static_cast<std::size_t>(bytes.data() - batch_.buffer.bytes().data());
  }
  SampleBatch &batch() { return batch_; }

  BatchFile &add_file(std::string_view name, std::optional<FileStamp> stamp) {
    BatchFile &file = batch_.files.emplace_back();
    file.name = name;
    file.stamp = stamp;
    return file;
  }

  /// A sample of the file that was added last.
  Sample &add_sample(const Format *format, std::uint64_t size, std::optional<Evidence> preset = {}) {
    Sample &sample = batch_.samples.emplace_back();
    sample.format = format;
    sample.file = static_cast<std::uint32_t>(batch_.files.size() - 1);
    sample.size = size;
    if (preset) {
      sample.preset = static_cast<std::uint32_t>(batch_.presets.size());
      batch_.presets.push_back(std::move(*preset));
    }
    return sample;
  }
  /// One whose bytes were read into the free space.
  void add_read(const Format *format, Bytes bytes, std::optional<Evidence> preset = {}) {
    add_sample(format, bytes.size(), std::move(preset)).begin = begin_of(bytes);
    use(bytes.size());
  }
  /// The file that was added last can say no more than this.
  void add_judged(const Format *format, std::uint64_t size, const Rule &rule, std::string detail) {
    Evidence evidence;
    evidence.findings.add(rule, 0, 0, std::move(detail));
    add_sample(format, size, std::move(evidence)).judged = true;
  }

  /// The next samples come from this format's split() on a window of the buffer.
  void frame_for(const Format &format) { format_ = &format; }
  void sample(const FramedSample &framed) override { add_record(framed, {}).begin = begin_of(framed.bytes); }
  void broken(const FramedSample &framed, const Finding &finding) override {
    Evidence evidence;
    evidence.findings.add(finding);
    add_record(framed, std::move(evidence)).judged = true;
  }

private:
  Sample &add_record(const FramedSample &framed, std::optional<Evidence> preset) {
    Sample &sample = add_sample(format_, framed.size, std::move(preset));
    sample.is_record = true;
    sample.ordinal = framed.ordinal;
    sample.offset = framed.offset;
    sample.count = framed.count;
    sample.kind = framed.kind;
    return sample;
  }

  SampleBatch &batch_;
  std::size_t used_ = 0;
  const Format *format_ = nullptr;
};

} // namespace datavet
