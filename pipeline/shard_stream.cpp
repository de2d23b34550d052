#include "pipeline/shard_stream.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "formats/any/rules.h"
#include "formats/deflate/inflate_stream.h"

namespace datavet {

namespace {

Finding unreadable(std::uint64_t offset, int error) { return {&any::unreadable, offset, 0, std::strerror(error)}; }

/// An incomplete record at the end of a window is simply read again: the file itself keeps it.
class PlainStream final : public ShardStream {
public:
  explicit PlainStream(std::shared_ptr<const File> file) : file_(std::move(file)) {}

  Window fill(std::uint64_t offset, std::span<std::uint8_t> into) override {
    Source::Read read = file_->read(offset, into);
    Window window;
    window.count = read.count;
    window.last = read.count < into.size() || offset + read.count >= file_->size();
    window.broke_off = read.error != 0;
    if (read.error != 0) window.trouble = unreadable(offset + read.count, read.error);
    return window;
  }
  void keep(Bytes) override {}

private:
  std::shared_ptr<const File> file_;
};

class InflatedStream final : public ShardStream {
public:
  InflatedStream(std::shared_ptr<const File> file, Wrapping wrapping, const StreamRules &rules)
      : file_(std::move(file)), inflate_(wrapping), rules_(rules), compressed_(compressed_bytes) {}

  Window fill(std::uint64_t offset, std::span<std::uint8_t> into) override {
    Window window;
    window.count = take_kept(offset, into);
    while (window.count < into.size() && !window.last) {
      if (int error = refill(); error != 0) {
        window.trouble = unreadable(inflate_.plain_offset(), error);
        window.last = window.broke_off = true;
        break;
      }
      const More more = file_ended_ ? More::nothing_follows : More::may_follow;
      InflateStream::Step step = inflate_.feed(Bytes(compressed_).subspan(begin_, end_ - begin_), more, into.subspan(window.count));
      begin_ += step.consumed;
      const std::uint64_t skipped = drop_before(offset, into.subspan(window.count), step.produced);
      window.count += step.produced - skipped;
      if (step.outcome != InflateStream::Outcome::running) end(window);
    }
    return window;
  }

  void keep(Bytes tail) override {
    kept_.assign(tail.begin(), tail.end());
    kept_offset_ = inflate_.plain_offset() - tail.size();
  }

private:
  static constexpr std::size_t compressed_bytes = 128 << 10;

  std::uint64_t take_kept(std::uint64_t offset, std::span<std::uint8_t> into) {
    const std::uint64_t behind = offset - std::min(offset, kept_offset_);
    const std::uint64_t count = std::min<std::uint64_t>(kept_.size() - std::min<std::uint64_t>(behind, kept_.size()), into.size());
    if (count > 0) std::memcpy(into.data(), kept_.data() + behind, count);
    kept_.clear();
    return count;
  }

  /// split() passed over a record: its bytes are inflated, and gone.
  std::uint64_t drop_before(std::uint64_t offset, std::span<std::uint8_t> fresh, std::uint64_t produced) const {
    const std::uint64_t start = inflate_.plain_offset() - produced;
    const std::uint64_t drop = std::min(offset - std::min(offset, start), produced);
    if (drop > 0) std::memmove(fresh.data(), fresh.data() + drop, produced - drop);
    return drop;
  }

  int refill() {
    if (end_ > begin_ || file_ended_) return 0;
    Source::Read read = file_->read(file_offset_, compressed_);
    begin_ = 0;
    end_ = read.count;
    file_offset_ += read.count;
    file_ended_ = read.count < compressed_.size();
    return read.error;
  }

  void end(Window &window) const {
    window.last = true;
    window.broke_off = inflate_.outcome() == InflateStream::Outcome::truncated || inflate_.outcome() == InflateStream::Outcome::damaged;
    const std::string where = fmt::format("{} stream, compressed offset {}", name_of(inflate_.wrapping()), inflate_.compressed_offset());
    const std::uint64_t at = inflate_.plain_offset();
    switch (inflate_.outcome()) {
    case InflateStream::Outcome::running:
    case InflateStream::Outcome::ended: break;
    case InflateStream::Outcome::trailing:
      window.trouble = Finding{rules_.trailing, at, 0, fmt::format("{} bytes follow the end of the {}", file_->size() - inflate_.compressed_offset(), where)};
      break;
    case InflateStream::Outcome::truncated: window.trouble = Finding{rules_.truncated, at, 0, where + ": it ends in the middle"}; break;
    case InflateStream::Outcome::damaged:
      window.trouble = Finding{rules_.damaged, at, 0, fmt::format("{}: {}", where, inflate_.message())};
      break;
    }
  }

  std::shared_ptr<const File> file_;
  InflateStream inflate_;
  StreamRules rules_;
  std::vector<std::uint8_t> compressed_;
  std::size_t begin_ = 0, end_ = 0; ///< what of compressed_ is not inflated yet
  std::uint64_t file_offset_ = 0;
  bool file_ended_ = false;
  std::vector<std::uint8_t> kept_;
  std::uint64_t kept_offset_ = 0;
};

} // namespace

std::unique_ptr<ShardStream> open_stream(std::shared_ptr<const File> file, Wrapping wrapping, const Format &format) {
  if (wrapping == Wrapping::none) return std::make_unique<PlainStream>(std::move(file));
  return std::make_unique<InflatedStream>(std::move(file), wrapping, format.stream_rules);
}

} // namespace datavet
