#include "pipeline/clean/shard_walk.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/any/rules.h"
#include "pipeline/io/buffer.h"
#include "pipeline/shard_stream.h"

namespace datavet {

namespace {

constexpr std::uint64_t usual_window = std::uint64_t{1} << 20;

class Walk {
public:
  Walk(std::shared_ptr<const File> file, Wrapping wrapping, const Format &format, RecordVisitor &visitor)
      : file_(std::move(file)), wrapping_(wrapping), format_(format), visitor_(visitor),
        stream_(open_stream(file_, wrapping, format)), buffer_(usual_window) {
    options_.depth = Depth::structure; // where records lie; what they hold was judged by the scan
    if (wrapping == Wrapping::none) state_.end = file_->size();
  }

  StepResult run(WalkEnd &end) {
    while (!done_ && visitor_.problem.is_done())
      if (StepResult went = one_window(); !went.is_done()) return went;
    end.stream_size = begin_;
    end.trouble = std::move(trouble_);
    return visitor_.problem;
  }

private:
  /// A length that the file cannot hold must not cost its memory.
  std::uint64_t wanted_window() const {
    std::uint64_t wanted = needed_;
    if (wrapping_ == Wrapping::none)
      wanted = std::min(wanted, file_->size() - std::min(file_->size(), begin_));
    return std::max(wanted, usual_window);
  }

  StepResult one_window() {
    const std::uint64_t wanted = wanted_window();
    if (!buffer_.grow(wanted, 0))
      return {Step::failed, fmt::format("no memory for a record of {} bytes", wanted)};
    const std::span<std::uint8_t> space = buffer_.bytes().first(wanted);
    ShardStream::Window window = stream_->next(space);
    if (window.trouble && window.trouble->rule == &any::unreadable)
      return {Step::failed, "cannot be read: " + window.trouble->detail};
    if (window.last && file_->changed()) return {Step::changed, "the shard changed while it was read"};
    done_ = window.last;
    return state_.ended ? pass_over(window) : frame(space.first(window.count), window);
  }

  /// Nothing behind the broken record can be framed; only where the stream ends is still to be known.
  StepResult pass_over(ShardStream::Window &window) {
    begin_ += window.count;
    if (window.last) trouble_ = std::move(window.trouble);
    return {};
  }

  StepResult frame(Bytes bytes, ShardStream::Window &window) {
    const bool complete = window.last && !window.broke_off;
    state_.broke_off = window.broke_off;
    const SplitStep step = format_.split(bytes, complete, options_, state_, visitor_);
    const bool stuck = step.consumed == 0 && step.needed <= bytes.size();
    if (!window.last && !state_.ended && stuck) return {Step::failed, "its records cannot be told apart"};
    needed_ = step.needed;
    const Bytes unframed = bytes.subspan(step.consumed);
    if (window.last && window.broke_off && !state_.ended)
      visitor_.broken({state_.ordinal++, state_.offset, unframed.size(), {}}, *window.trouble);
    if (window.last || state_.ended) {
      begin_ += bytes.size();
      if (window.last) trouble_ = std::move(window.trouble);
      return {};
    }
    begin_ += step.consumed;
    stream_->keep(unframed);
    return {};
  }

  const std::shared_ptr<const File> file_;
  const Wrapping wrapping_;
  const Format &format_;
  RecordVisitor &visitor_;
  std::unique_ptr<ShardStream> stream_;
  Buffer buffer_;
  CheckOptions options_;
  SplitState state_;
  std::uint64_t begin_ = 0;  ///< of the next window, in the stream
  std::uint64_t needed_ = 0; ///< the window that would allow split() to go on
  std::optional<Finding> trouble_;
  bool done_ = false;
};

} // namespace

StepResult walk_shard(std::shared_ptr<const File> file, Wrapping wrapping, const Format &format,
                      RecordVisitor &visitor, WalkEnd &end) {
  return Walk(std::move(file), wrapping, format, visitor).run(end);
}

} // namespace datavet
