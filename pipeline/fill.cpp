#include "pipeline/fill.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "formats/any/rules.h"
#include "pipeline/batch_builder.h"
#include "pipeline/io/file_identity.h"
#include "pipeline/recognise.h"
#include "pipeline/shard_stream.h"

namespace datavet {

namespace {

std::atomic<std::uint64_t> next_shard_id{1};

/// As reports name it: nothing for a plain file.
std::string_view shown(Wrapping wrapping) { return wrapping == Wrapping::none ? std::string_view() : name_of(wrapping); }

/// Less is small. A look at a larger file costs little beside reading it, and tells how to go on.
constexpr std::size_t small_file_bytes = 256 << 10;

/// Small records are judged and counted together: as much as makes their number irrelevant, and as little as is
/// quickly judged again one by one where something is found.
constexpr std::uint64_t run_bytes = 64 << 10;

constexpr const char *changed_words = "size or time is not what it was when the scan opened it";

bool has_changed(int fd, const FileStamp &stamp) {
  struct stat now{};
  return ::fstat(fd, &now) != 0 || !(identity_of(now) == stamp);
}

/// Deals with the names of one cursor, one after the other, into one buffer.
class Filling {
public:
  Filling(const FillOptions &options, FileCursor &cursor, SampleBatch &batch, const MayGrow &may_grow)
      : options_(options), cursor_(cursor), names_(cursor.group.names()), may_grow_(may_grow), builder_(batch) {}

  CursorState run() {
    builder_.batch().group = cursor_.group;
    while (cursor_.next < names_.size() && step() == Step::goes_on) {}
    if (parked_) return CursorState::parked;
    return cursor_.next == names_.size() ? CursorState::done : CursorState::unfinished;
  }

private:
  enum class Step : unsigned char { goes_on, batch_is_full };

  Step step() {
    if (cursor_.shard != nullptr) return next_window();
    const FileName &file = names_[cursor_.next];
    meant_ = format_of_name(options_.formats, file.name);
    if (!file.regular) return not_regular(file);
    UniqueFd fd = open_to_read(folder().fd.get(), file.c_str(), cursor_.group.follow_links);
    if (!fd) return cannot_open(file, errno);
    return reads_at_once() ? read_at_once(file, std::move(fd)) : look(file, std::move(fd));
  }

  bool reads_at_once() const {
    const bool in_parts = meant_ != nullptr && meant_->layout != Layout::whole;
    return !options_.stamp_all && !cursor_.large && !in_parts;
  }

  /// Most files are small and healthy, and nobody needs to know more of them than their bytes: a look at each,
  /// before and after, would cost a third of what it costs to open, read and close it.
  Step read_at_once(const FileName &file, UniqueFd fd) {
    std::span<std::uint8_t> space = builder_.free_space();
    const ReadToEnd read = read_to_end(fd.get(), space.first(std::min(space.size(), small_file_bytes)));
    // Empty or not readable: perhaps no regular file. Not ended: large, or too large for what is left of the buffer.
    if (!read.ended || read.count == 0) return look(file, std::move(fd));
    const Bytes bytes = space.first(read.count);
    Recognition known = recognise(options_.formats, bytes, read.count, file.name, meant_);
    if (!wanted(known)) return other(file);
    const bool plain = known.format != nullptr && known.format->layout == Layout::whole && !known.evidence;
    if (!plain) return look(file, std::move(fd));
    builder_.add_file(file.name, std::nullopt);
    builder_.add_read(known.format, bytes);
    return file_done();
  }

  Step look(const FileName &file, UniqueFd fd) {
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) return unreadable(file, {}, errno);
    if (!S_ISREG(status.st_mode)) return not_regular(file);
    const FileStamp stamp = identity_of(status);
    cursor_.large = stamp.size >= small_file_bytes;
    // One byte more than the file has: a short read then proves its end without another call.
    if (stamp.size < builder_.free_space().size()) return read_whole(file, std::move(fd), stamp);
    if (!builder_.unused()) return Step::batch_is_full;
    return read_head(file, std::move(fd), stamp);
  }

  Step read_whole(const FileName &file, UniqueFd fd, const FileStamp &stamp) {
    const ReadToEnd read = read_to_end(fd.get(), builder_.free_space().first(stamp.size + 1));
    if (read.error != 0) return unreadable(file, stamp, read.error);
    const bool changed = read.count != stamp.size || has_changed(fd.get(), stamp);
    const Bytes bytes = builder_.free_space().first(std::min<std::uint64_t>(read.count, stamp.size));
    Recognition known = recognise(options_.formats, bytes, stamp.size, file.name, meant_);
    if (!wanted(known)) return other(file);
    builder_.add_file(file.name, stamp);
    if (changed) {
      builder_.add_judged(known.format, stamp.size, any::changed, changed_words);
      return file_done();
    }
    if (known.format == nullptr) return judged_by_content(known, stamp.size);
    if (known.format->layout == Layout::records && known.wrapping == Wrapping::none) return split_whole(known, bytes);
    if (known.format->layout != Layout::whole) return start_large(std::move(fd), stamp, known);
    builder_.add_read(known.format, bytes, std::move(known.evidence));
    return file_done();
  }

  Step split_whole(Recognition &known, Bytes bytes) {
    SplitState state;
    state.end = bytes.size();
    state.run_bytes = run_bytes;
    if (known.evidence) builder_.add_sample(known.format, 0, std::move(known.evidence)).judged = true;
    builder_.frame_for(*known.format);
    const std::size_t before = builder_.batch().samples.size();
    known.format->split(bytes, true, options_.check, state, builder_);
    // A shard without records: its format's check of no bytes says what that means.
    if (builder_.batch().samples.size() == before) builder_.add_sample(known.format, 0);
    builder_.use(bytes.size());
    return file_done();
  }

  /// A file that does not fit in the buffer.
  Step read_head(const FileName &file, UniqueFd fd, const FileStamp &stamp) {
    std::span<std::uint8_t> space = builder_.free_space();
    Source::Read read = read_fully(fd.get(), 0, space.first(std::min(space.size(), head_bytes)));
    if (read.error != 0) return unreadable(file, stamp, read.error);
    Recognition known = recognise(options_.formats, space.first(read.count), stamp.size, file.name, meant_);
    if (!wanted(known)) return other(file);
    if (known.format == nullptr || known.format->layout != Layout::whole) {
      builder_.add_file(file.name, stamp);
      return known.format == nullptr ? judged_by_content(known, stamp.size) : start_large(std::move(fd), stamp, known);
    }
    if (stamp.size > options_.check.limits.sample_bytes) {
      builder_.add_file(file.name, stamp);
      builder_.add_judged(known.format, stamp.size, any::too_large,
                          fmt::format("{} bytes stored, the limit is {}", stamp.size, options_.check.limits.sample_bytes));
      return file_done();
    }
    // Two that are judged side by side take little longer than one: room for another of like size, if it may be.
    const std::uint64_t room_for_two = stamp.size + stamp.size / 2 + stamp.size;
    const bool with_room = known.format->check_many != nullptr && room_for_two <= options_.pair_bytes && may_grow_(room_for_two);
    if (!with_room && !may_grow_(stamp.size)) {
      parked_ = true;
      return Step::batch_is_full;
    }
    if (!builder_.batch().buffer.grow(with_room ? room_for_two : stamp.size + 1, 0)) return unreadable(file, stamp, ENOMEM);
    return read_whole(file, std::move(fd), stamp);
  }

  /// The file was added to the batch.
  Step start_large(UniqueFd fd, const FileStamp &stamp, Recognition &known) {
    auto file = std::make_shared<const File>(std::move(fd), stamp);
    if (known.format->layout == Layout::random_access) {
      builder_.batch().files.back().open = file;
      builder_.add_sample(known.format, stamp.size, std::move(known.evidence));
      file_done();
      return Step::batch_is_full; // each such batch holds one open file: buffers bound them
    }
    auto shard = std::make_unique<OpenShard>();
    shard->id = next_shard_id.fetch_add(1, std::memory_order_relaxed);
    shard->file = file;
    shard->format = known.format;
    shard->wrapping = known.wrapping;
    shard->stream = open_stream(file, known.wrapping, *known.format);
    shard->state.run_bytes = run_bytes;
    if (known.wrapping == Wrapping::none) shard->state.end = stamp.size;
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
    BatchFile &file = builder_.add_file(names_[cursor_.next].name, shard.file->stamp());
    file.shard = shard.id;
    file.wrapping = shown(shard.wrapping);
    if (!builder_.batch().buffer.grow(wanted, 0)) {
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
    builder_.frame_for(*shard.format);
    // A stream that broke off says so itself: the record that it cut is not torn by the shard's writer.
    const bool complete = window.last && !window.broke_off;
    shard.state.broke_off = window.broke_off;
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
    return is_asked_for(known.format != nullptr ? known.format : meant_);
  }

  bool is_asked_for(const Format *format) const {
    return options_.only.empty() || std::find(options_.only.begin(), options_.only.end(), format) != options_.only.end();
  }

  Step judged_by_content(Recognition &known, std::uint64_t size) {
    builder_.add_sample(nullptr, size, std::move(known.evidence)).judged = true;
    return file_done();
  }

  Step cannot_open(const FileName &file, int error) {
    // Listed as a file, and gone or replaced by a link since. Who named it himself wants to know.
    if ((error == ENOENT || error == ENOTDIR || error == ELOOP) && !file.asked_for) {
      ++builder_.batch().vanished;
      return file_done();
    }
    return unreadable(file, {}, error);
  }

  Step unreadable(const FileName &file, const FileStamp &stamp, int error) {
    if (!is_asked_for(meant_)) return other(file);
    builder_.add_file(file.name, stamp);
    builder_.add_judged(meant_, stamp.size, any::unreadable, std::strerror(error));
    return file_done();
  }

  Step not_regular(const FileName &file) {
    if ((meant_ == nullptr && !file.asked_for) || !is_asked_for(meant_)) return other(file);
    builder_.add_file(file.name, FileStamp{});
    builder_.add_judged(meant_, 0, any::not_regular, "a FIFO, socket, device or folder");
    return file_done();
  }

  Step other(const FileName &file) {
    builder_.batch().others.push_back(file.name);
    return file_done();
  }

  Step file_done() {
    ++cursor_.next;
    return Step::goes_on;
  }

  const Folder &folder() const { return *cursor_.group.folder; }

  const FillOptions &options_;
  FileCursor &cursor_;
  std::span<const FileName> names_;
  const Format *meant_ = nullptr; ///< by the name of the file at hand
  const MayGrow &may_grow_;
  BatchBuilder builder_;
  bool parked_ = false;
};

} // namespace

CursorState fill(const FillOptions &options, FileCursor &cursor, SampleBatch &batch, const MayGrow &may_grow) {
  return Filling(options, cursor, batch, may_grow).run();
}

} // namespace datavet
