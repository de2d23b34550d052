#include "pipeline/fill.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include <fcntl.h>

#include <fmt/format.h>

#include "formats/any/rules.h"
#include "pipeline/io/file_identity.h"
#include "pipeline/recognise.h"
#include "pipeline/shard_stream.h"

namespace datavet {

namespace {

std::atomic<std::uint64_t> next_shard_id{1};

/// As reports name it: nothing for a plain file.
std::string_view shown(Wrapping wrapping) { return wrapping == Wrapping::none ? std::string_view() : name_of(wrapping); }

constexpr const char *changed_words = "size or time is not what it was when the scan opened it";

bool has_changed(int fd, const FileStamp &stamp) {
  struct stat now{};
  return ::fstat(fd, &now) != 0 || !(identity_of(now) == stamp);
}

/// Collects one batch.
class BatchBuilder final : public SampleSink {
public:
  explicit BatchBuilder(BufferPtr buffer) : batch_(std::make_shared<SampleBatch>()) {
    batch_->buffer = std::move(buffer);
  }

  std::span<std::uint8_t> free_space() { return batch_->buffer->bytes().subspan(used_); }
  bool unused() const { return used_ == 0; }
  void use(std::size_t count) { used_ += count; }
  Buffer &buffer() { return *batch_->buffer; }
  SampleBatch &batch() { return *batch_; }
  SampleBatchPtr take() { return std::move(batch_); }

  BatchFile &add_file(std::string path, std::size_t root, const FileStamp &stamp) {
    return batch_->files.emplace_back(BatchFile{std::move(path), root, stamp, {}, nullptr, 0, 0});
  }

  Sample &add_sample(const Format *format, std::uint64_t size, std::optional<Evidence> preset = {}) {
    Sample &sample = batch_->samples.emplace_back();
    sample.format = format;
    sample.file = static_cast<std::uint32_t>(batch_->files.size() - 1);
    sample.size = size;
    if (preset) {
      sample.preset = static_cast<std::uint32_t>(batch_->presets.size());
      batch_->presets.push_back(std::move(*preset));
    }
    return sample;
  }

  /// The file that was added last can say no more than this.
  void add_judged(const Format *format, std::uint64_t size, const Rule &rule, std::string detail) {
    Evidence evidence;
    evidence.findings.add(rule, 0, 0, std::move(detail));
    add_sample(format, size, std::move(evidence)).judged = true;
  }

  /// The next samples come from split() on a window of the buffer that starts at `begin`.
  void frame_for(const Format &format, std::size_t begin, const std::uint8_t *window) {
    format_ = &format;
    begin_ = begin;
    window_ = window;
  }
  void sample(const FramedSample &framed) override {
    Sample &sample = add_record(framed, {});
    sample.begin = begin_ + static_cast<std::size_t>(framed.bytes.data() - window_);
  }
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
    return sample;
  }

  SampleBatchPtr batch_;
  std::size_t used_ = 0;
  const Format *format_ = nullptr;
  std::size_t begin_ = 0;
  const std::uint8_t *window_ = nullptr;
};

/// Deals with the names of one cursor, one after the other, into one buffer.
class Filling {
public:
  Filling(const FillOptions &options, FileCursor &cursor, BufferPtr buffer, const MayGrow &may_grow)
      : options_(options), cursor_(cursor), may_grow_(may_grow), builder_(std::move(buffer)) {}

  Filled run() {
    while (cursor_.next < cursor_.group.names.size() && step() == Step::goes_on) {}
    CursorState state = cursor_.next == cursor_.group.names.size() ? CursorState::done : CursorState::unfinished;
    return {builder_.take(), parked_ ? CursorState::parked : state};
  }

private:
  enum class Step : unsigned char { goes_on, batch_is_full };

  Step step() {
    if (cursor_.shard != nullptr) return next_window();
    const FileName &name = cursor_.group.names[cursor_.next];
    if (!name.regular) return not_regular(name);
    const int links = cursor_.group.follow_links ? 0 : O_NOFOLLOW;
    // O_NONBLOCK: a FIFO that took the file's place must not hang the scan.
    UniqueFd fd(::openat(folder().fd.get(), name.name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | links));
    if (!fd) return cannot_open(name, errno);
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) return unreadable(name.name, {}, errno);
    if (!S_ISREG(status.st_mode)) return not_regular(name);
    return opened(name.name, std::move(fd), identity_of(status));
  }

  Step opened(const std::string &name, UniqueFd fd, const FileStamp &stamp) {
    // One byte more than the file has: a short read then proves its end without another call.
    if (stamp.size < builder_.free_space().size()) return read_whole(name, std::move(fd), stamp);
    if (!builder_.unused()) return Step::batch_is_full;
    return read_head(name, std::move(fd), stamp);
  }

  Step read_whole(const std::string &name, UniqueFd fd, const FileStamp &stamp) {
    std::span<std::uint8_t> space = builder_.free_space();
    Source::Read read = read_fully(fd.get(), 0, space.first(stamp.size + 1));
    if (read.error != 0) return unreadable(name, stamp, read.error);
    const bool changed = read.count != stamp.size || has_changed(fd.get(), stamp);
    Bytes bytes = space.first(std::min<std::uint64_t>(read.count, stamp.size));
    Recognition known = recognise(options_.formats, bytes, stamp.size, name);
    if (!wanted(known)) return other(name);
    builder_.add_file(path_of(name), folder().root, stamp);
    if (changed) {
      builder_.add_judged(known.format, stamp.size, any::changed, changed_words);
      return file_done();
    }
    if (known.format == nullptr) return judged_by_content(known, stamp.size);
    if (known.format->layout == Layout::records && known.wrapping == Wrapping::none)
      return split_whole(known, bytes);
    if (known.format->layout != Layout::whole) return start_large(name, std::move(fd), stamp, known);
    builder_.add_sample(known.format, stamp.size, std::move(known.evidence)).begin = used_before(bytes);
    builder_.use(bytes.size());
    return file_done();
  }

  Step split_whole(Recognition &known, Bytes bytes) {
    SplitState state;
    const std::size_t begin = used_before(bytes);
    if (known.evidence) builder_.add_sample(known.format, 0, std::move(known.evidence)).judged = true;
    builder_.frame_for(*known.format, begin, bytes.data());
    const std::size_t before = builder_.batch().samples.size();
    known.format->split(bytes, true, options_.check, state, builder_);
    // A shard without records: its format's check of no bytes says what that means.
    if (builder_.batch().samples.size() == before) builder_.add_sample(known.format, 0);
    builder_.use(bytes.size());
    return file_done();
  }

  /// A file that does not fit in the buffer.
  Step read_head(const std::string &name, UniqueFd fd, const FileStamp &stamp) {
    std::span<std::uint8_t> space = builder_.free_space();
    Source::Read read = read_fully(fd.get(), 0, space.first(std::min(space.size(), head_bytes)));
    if (read.error != 0) return unreadable(name, stamp, read.error);
    Recognition known = recognise(options_.formats, space.first(read.count), stamp.size, name);
    if (!wanted(known)) return other(name);
    if (known.format == nullptr || known.format->layout != Layout::whole) {
      builder_.add_file(path_of(name), folder().root, stamp);
      return known.format == nullptr ? judged_by_content(known, stamp.size)
                                     : start_large(name, std::move(fd), stamp, known);
    }
    if (stamp.size > options_.check.limits.sample_bytes) {
      builder_.add_file(path_of(name), folder().root, stamp);
      builder_.add_judged(known.format, stamp.size, any::too_large,
                          fmt::format("{} bytes stored, the limit is {}", stamp.size, options_.check.limits.sample_bytes));
      return file_done();
    }
    if (!may_grow_(stamp.size)) {
      parked_ = true;
      return Step::batch_is_full;
    }
    if (!builder_.buffer().grow(stamp.size + 1, 0)) return unreadable(name, stamp, ENOMEM);
    return read_whole(name, std::move(fd), stamp);
  }

  Step start_large(const std::string &name, UniqueFd fd, const FileStamp &stamp, Recognition &known) {
    auto file = std::make_shared<const File>(std::move(fd), stamp);
    if (known.format->layout == Layout::random_access) {
      builder_.batch().files.back().open = file;
      builder_.add_sample(known.format, stamp.size, std::move(known.evidence));
      file_done();
      return Step::batch_is_full; // each such batch holds one open file: buffers bound them
    }
    auto shard = std::make_unique<OpenShard>();
    shard->id = next_shard_id.fetch_add(1, std::memory_order_relaxed);
    shard->path = path_of(name);
    shard->file = file;
    shard->format = known.format;
    shard->wrapping = known.wrapping;
    shard->stream = open_stream(file, known.wrapping, *known.format);
    BatchFile &in_batch = builder_.batch().files.back();
    in_batch.shard = shard->id;
    in_batch.wrapping = shown(known.wrapping);
    if (known.evidence) builder_.add_sample(known.format, 0, std::move(known.evidence)).judged = true;
    cursor_.shard = std::move(shard);
    return window_into_batch();
  }

  /// A length that the file cannot hold must not cost its memory.
  std::uint64_t wanted_window() const {
    const OpenShard &shard = *cursor_.shard;
    std::uint64_t needed = shard.window;
    if (shard.wrapping == Wrapping::none) needed = std::min(needed, shard.file->size() - std::min(shard.file->size(), shard.state.offset));
    return std::max<std::uint64_t>(needed, options_.shard_window);
  }

  Step next_window() {
    OpenShard &shard = *cursor_.shard;
    const std::uint64_t wanted = wanted_window();
    if (wanted > builder_.free_space().size()) {
      if (!builder_.unused()) return Step::batch_is_full;
      if (!may_grow_(wanted)) {
        parked_ = true;
        return Step::batch_is_full;
      }
    }
    BatchFile &file = builder_.add_file(shard.path, folder().root, shard.file->stamp());
    file.shard = shard.id;
    file.wrapping = shown(shard.wrapping);
    if (!builder_.buffer().grow(wanted, 0)) {
      builder_.add_judged(shard.format, wanted, any::unreadable, fmt::format("no memory for {} bytes", wanted));
      ++shard.batches;
      return shard_done();
    }
    return window_into_batch();
  }

  /// The file in the batch is that of the shard; its next window goes into the buffer.
  Step window_into_batch() {
    OpenShard &shard = *cursor_.shard;
    const std::uint64_t wanted = wanted_window();
    std::span<std::uint8_t> space = builder_.free_space();
    space = space.first(std::min<std::uint64_t>(space.size(), wanted));
    ShardStream::Window window = shard.stream->next(space);
    if (window.last && shard.file->changed()) {
      // Whatever the end looks like, it is not the shard's own.
      window.broke_off = true;
      window.trouble = Finding{&any::changed, shard.state.offset, 0, changed_words};
    }
    Bytes bytes = space.first(window.count);
    builder_.frame_for(*shard.format, used_before(bytes), bytes.data());
    // A stream that broke off says so itself: the record that it cut is not torn by the shard's writer.
    const bool complete = window.last && !window.broke_off;
    SplitStep step = shard.format->split(bytes, complete, options_.check, shard.state, builder_);
    builder_.use(bytes.size());
    shard.window = step.needed;
    ++shard.batches;
    Bytes unframed = bytes.subspan(step.consumed);
    if (window.last || shard.state.ended) return end_of_stream(window, unframed.size());
    shard.stream->keep(unframed);
    return Step::batch_is_full;
  }

  Step end_of_stream(const ShardStream::Window &window, std::uint64_t unframed) {
    OpenShard &shard = *cursor_.shard;
    if (window.trouble && window.broke_off) {
      // The record that was cut, or the one that would have come next.
      const std::uint64_t start = shard.state.offset;
      builder_.broken({shard.state.ordinal++, start, unframed, {}}, *window.trouble);
    } else if (window.trouble) {
      Evidence evidence;
      evidence.findings.add(*window.trouble);
      builder_.add_sample(shard.format, 0, std::move(evidence)).judged = true;
    }
    if (shard.state.ordinal == 0 && builder_.batch().samples.empty()) builder_.add_sample(shard.format, 0);
    return shard_done();
  }

  Step shard_done() {
    builder_.batch().files.back().shard_batches = std::max<std::uint64_t>(cursor_.shard->batches, 1);
    cursor_.shard.reset();
    file_done();
    return Step::batch_is_full;
  }

  bool wanted(const Recognition &known) const {
    if (!known.is_sample) return false;
    return is_asked_for(known.format != nullptr ? known.format : format_of_name(options_.formats, cursor_.group.names[cursor_.next].name));
  }

  bool is_asked_for(const Format *format) const {
    return options_.only.empty() || std::find(options_.only.begin(), options_.only.end(), format) != options_.only.end();
  }

  Step judged_by_content(Recognition &known, std::uint64_t size) {
    builder_.add_sample(nullptr, size, std::move(known.evidence)).judged = true;
    return file_done();
  }

  Step cannot_open(const FileName &name, int error) {
    // Listed as a file, and gone or replaced by a link since. Who named it himself wants to know.
    if ((error == ENOENT || error == ENOTDIR || error == ELOOP) && !name.asked_for) {
      ++builder_.batch().vanished;
      return file_done();
    }
    return unreadable(name.name, {}, error);
  }

  Step unreadable(const std::string &name, const FileStamp &stamp, int error) {
    const Format *meant = format_of_name(options_.formats, name);
    if (!is_asked_for(meant)) return other(name);
    builder_.add_file(path_of(name), folder().root, stamp);
    builder_.add_judged(meant, stamp.size, any::unreadable, std::strerror(error));
    return file_done();
  }

  Step not_regular(const FileName &name) {
    const Format *meant = format_of_name(options_.formats, name.name);
    if ((meant == nullptr && !name.asked_for) || !is_asked_for(meant)) return other(name.name);
    builder_.add_file(path_of(name.name), folder().root, {});
    builder_.add_judged(meant, 0, any::not_regular, "a FIFO, socket, device or folder");
    return file_done();
  }

  Step other(const std::string &name) {
    builder_.batch().others.push_back({path_of(name), folder().root});
    return file_done();
  }

  Step file_done() {
    ++cursor_.next;
    return Step::goes_on;
  }

  const Folder &folder() const { return *cursor_.group.folder; }
  std::string path_of(const std::string &name) const { return folder().path + name; }
  std::size_t used_before(Bytes bytes) { return static_cast<std::size_t>(bytes.data() - builder_.buffer().bytes().data()); }

  const FillOptions &options_;
  FileCursor &cursor_;
  const MayGrow &may_grow_;
  BatchBuilder builder_;
  bool parked_ = false;
};

} // namespace

Filled fill(const FillOptions &options, FileCursor &cursor, BufferPtr buffer, const MayGrow &may_grow) {
  return Filling(options, cursor, std::move(buffer), may_grow).run();
}

} // namespace datavet
