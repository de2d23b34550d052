#include "pipeline/clean/verify.h"

#include <cerrno>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "formats/evidence.h"
#include "pipeline/clean/shard_walk.h"
#include "pipeline/io/file_identity.h"
#include "pipeline/shard_stream.h"

namespace datavet {

namespace {

constexpr std::size_t block_size = std::size_t{256} << 10;

StepResult reads_back_wrong(std::string_view how) {
  return {Step::stopped, fmt::format("what was written does not read back: {}", how)};
}

StepResult open_again(const NewFile &file, std::shared_ptr<const File> &opened) {
  UniqueFd copy(::fcntl(file.file(), F_DUPFD_CLOEXEC, 0));
  struct stat status {};
  if (!copy || ::fstat(copy.get(), &status) != 0) return stopped("cannot read back what was written", errno);
  opened = std::make_shared<const File>(std::move(copy), identity_of(status));
  return {};
}

class Verifier final : public RecordVisitor {
public:
  explicit Verifier(const Format &format) : format_(format) { options_.depth = Depth::checksum; }

  void sample(const FramedSample &sample) override {
    Evidence evidence;
    evidence.kind = sample.kind;
    format_.check(sample.bytes, options_, evidence);
    for (const Finding &finding : evidence.findings.list())
      if (finding.rule->severity == Severity::error) wrong(sample, finding);
    ++records_;
    size_ += sample.size;
    hash_.add(sample.bytes);
  }
  void broken(const FramedSample &sample, const Finding &finding) override { wrong(sample, finding); }

  std::uint64_t records() const { return records_; }
  Content content() const { return {size_, hash_.value()}; }

private:
  void wrong(const FramedSample &sample, const Finding &finding) {
    problem = reads_back_wrong(fmt::format("record {}, {}", sample.ordinal, finding.rule->id));
  }

  const Format &format_;
  CheckOptions options_;
  std::uint64_t records_ = 0, size_ = 0;
  ContentHash hash_;
};

/// A file of our own that cannot be read is no trouble of the shard's.
StepResult as_trouble_of_target(StepResult result) {
  if (result.step == Step::failed || result.step == Step::changed) return reads_back_wrong(result.reason);
  return result;
}

} // namespace

StepResult verify_records(const NewFile &file, Wrapping wrapping, const Format &format,
                          std::uint64_t records) {
  std::shared_ptr<const File> opened;
  if (StepResult again = open_again(file, opened); !again.is_done()) return again;
  Verifier verifier(format);
  WalkEnd end;
  StepResult walked = walk_shard(opened, wrapping, format, verifier, end);
  if (!walked.is_done()) return as_trouble_of_target(std::move(walked));
  if (end.trouble) return reads_back_wrong(end.trouble->detail);
  if (verifier.records() != records || verifier.content() != file.plain())
    return reads_back_wrong(
        fmt::format("{} records instead of {}, or other bytes", verifier.records(), records));
  return {};
}

StepResult verify_stream(const NewFile &file, Wrapping wrapping, const Format &format) {
  std::shared_ptr<const File> opened;
  if (StepResult again = open_again(file, opened); !again.is_done()) return again;
  const std::unique_ptr<ShardStream> stream = open_stream(opened, wrapping, format);
  std::vector<std::uint8_t> block(block_size);
  ContentHash hash;
  Content content;
  for (bool last = false; !last;) {
    const ShardStream::Window window = stream->next(block);
    if (window.trouble) return reads_back_wrong(window.trouble->detail);
    hash.add(Bytes(block).first(window.count));
    content.size += window.count;
    last = window.last;
  }
  content.hash = hash.value();
  return content == file.plain() ? StepResult{} : reads_back_wrong("other bytes");
}

} // namespace datavet
