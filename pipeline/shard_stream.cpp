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

class PlainStream final : public ShardStream {
public:
  explicit PlainStream(std::shared_ptr<const File> file) : file_(std::move(file)) {}

private:
  void read_on(std::span<std::uint8_t> space, Window &window) override {
    Source::Read read = file_->read(position_, space);
    position_ += read.count;
    window.count += read.count;
    window.last = read.count < space.size() || position_ >= file_->size();
    window.broke_off = read.error != 0;
    if (read.error != 0) window.trouble = unreadable(position_, read.error);
  }

  std::shared_ptr<const File> file_;
  std::uint64_t position_ = 0;
};

class InflatedStream final : public ShardStream {
public:
  InflatedStream(std::shared_ptr<const File> file, Wrapping wrapping, const StreamRules &rules)
      : file_(std::move(file)), inflate_(wrapping), rules_(rules), compressed_(compressed_bytes) {}

private:
  void read_on(std::span<std::uint8_t> space, Window &window) override {
    while (!space.empty() && !window.last) {
      if (int error = refill(); error != 0) {
        window.trouble = unreadable(inflate_.plain_offset(), error);
        window.last = window.broke_off = true;
        return;
      }
      const More more = file_ended_ ? More::nothing_follows : More::may_follow;
      InflateStream::Step step = inflate_.feed(Bytes(compressed_).subspan(begin_, end_ - begin_), more, space);
      begin_ += step.consumed;
      window.count += step.produced;
      space = space.subspan(step.produced);
      if (step.outcome != InflateStream::Outcome::running) end(window);
    }
  }

  static constexpr std::size_t compressed_bytes = 128 << 10;

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
      window.trouble = Finding{inflate_.wrapping() == Wrapping::gzip ? rules_.trailing_gzip : rules_.trailing_zlib, at, 0, fmt::format("{} bytes follow the end of the {}", file_->size() - inflate_.compressed_offset(), where)};
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
};

} // namespace

ShardStream::Window ShardStream::next(std::span<std::uint8_t> into) {
  Window window;
  window.count = std::min(kept_.size(), into.size());
  std::copy_n(kept_.begin(), window.count, into.begin());
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(window.count));
  read_on(into.subspan(window.count), window);
  return window;
}

std::unique_ptr<ShardStream> open_stream(std::shared_ptr<const File> file, Wrapping wrapping, const Format &format) {
  if (wrapping == Wrapping::none) return std::make_unique<PlainStream>(std::move(file));
  return std::make_unique<InflatedStream>(std::move(file), wrapping, format.stream_rules);
}

} // namespace datavet
