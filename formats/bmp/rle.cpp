#include "formats/bmp/rle.h"

#include <fmt/format.h>

#include "formats/bmp/rules.h"
#include "formats/bytes/byte_reader.h"

namespace datavet::bmp {

namespace {

/// The pen of the stream: where the next pixel goes. Rows count as they are stored.
class Walker {
public:
  Walker(Bytes stream, std::uint64_t width, std::uint64_t height, unsigned bits, std::uint64_t colours)
      : reader_(stream), width_(width), height_(height), bits_(bits), colours_(colours) {}

  RleWalk walk() {
    while (!done_) step();
    walk_.end = reader_.offset();
    return std::move(walk_);
  }

private:
  bool complete() const { return y_ >= height_ || (y_ + 1 == height_ && x_ == width_); }

  void stop(const Rule &rule, std::uint64_t at, std::string detail) {
    walk_.broken = &rule;
    walk_.broken_at = at;
    walk_.detail = std::move(detail);
    done_ = true;
  }

  void run_out() {
    if (complete())
      stop(rle_end, reader_.offset(), "the stream ends after the last row without an end-of-bitmap code");
    else
      stop(rle_truncated, reader_.offset(), fmt::format("the file ends in row {} of {}", y_ + 1, height_));
  }

  // Microsoft, Bitmap Compression: a pair is a run (count, colour) or, after a zero, an escape.
  void step() {
    const std::uint64_t at = reader_.offset();
    std::optional<Bytes> pair = reader_.take(2);
    if (!pair) return run_out();
    const std::uint8_t count = (*pair)[0], value = (*pair)[1];
    if (count == 0 && value == 1) return end_of_bitmap(at);
    if (y_ >= height_) {
      if (count == 0 && value == 0) return; // one more end of line: harmless
      reader_.seek(at);
      return stop(rle_end, at, "codes go on after the last row");
    }
    if (count > 0) return run(at, count, value);
    if (value == 0) return end_of_line();
    if (value == 2) return jump(at);
    absolute(at, value);
  }

  bool fits(std::uint64_t at, std::uint64_t pixels) {
    if (pixels <= width_ - x_) return true;
    stop(rle_overrun, at,
         fmt::format("{} pixels from column {} of row {}, which has {}", pixels, x_, y_ + 1, width_));
    return false;
  }

  void index(std::uint64_t at, unsigned colour) {
    if (colour < colours_ || walk_.bad_index) return;
    walk_.bad_index = true;
    walk_.bad_index_at = at;
  }

  void indices(std::uint64_t at, std::uint8_t value, bool both) {
    if (bits_ == 8) return index(at, value);
    index(at, value >> 4);
    if (both) index(at, value & 15u);
  }

  void run(std::uint64_t at, std::uint8_t count, std::uint8_t value) {
    if (!fits(at, count)) return;
    indices(at + 1, value, count > 1);
    x_ += count;
  }

  void end_of_line() {
    walk_.unset += width_ - x_;
    x_ = 0;
    ++y_;
  }

  void end_of_bitmap(std::uint64_t at) {
    done_ = true;
    if (!complete())
      stop(rle_short, at, fmt::format("the end-of-bitmap code stands in row {} of {}", y_ + 1, height_));
  }

  void jump(std::uint64_t at) {
    std::optional<Bytes> by = reader_.take(2);
    if (!by) return run_out();
    const std::uint64_t right = (*by)[0], rows = (*by)[1];
    if (!fits(at, right)) return;
    if (rows > height_ - y_)
      return stop(rle_overrun, at, fmt::format("a jump of {} rows from row {} of {}", rows, y_ + 1, height_));
    walk_.unset += rows * width_ + right;
    x_ += right;
    y_ += rows;
  }

  void absolute(std::uint64_t at, std::uint8_t count) {
    if (!fits(at, count)) return;
    const std::uint64_t used = bits_ == 8 ? count : (count + 1u) / 2;
    std::optional<Bytes> pixels = reader_.take(used + used % 2); // "must be aligned on a word boundary"
    if (!pixels) return run_out();
    for (std::uint64_t i = 0; i < used && !walk_.bad_index; ++i)
      indices(at + 2 + i, (*pixels)[i], 2 * i + 1 < count);
    x_ += count;
  }

  ByteReader reader_;
  std::uint64_t width_, height_;
  unsigned bits_;
  std::uint64_t colours_;
  std::uint64_t x_ = 0, y_ = 0;
  bool done_ = false;
  RleWalk walk_;
};

} // namespace

RleWalk walk_rle(Bytes stream, std::uint64_t width, std::uint64_t height, unsigned bits,
                 std::uint64_t colours) {
  return Walker(stream, width, height, bits, colours).walk();
}

} // namespace datavet::bmp
