#include "formats/gif/lzw.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "formats/bytes/endian.h"

namespace datavet::gif {

namespace {

constexpr unsigned table_size = 4096; // "the maximum code size is 12 bits"
constexpr unsigned widest = 12;

/// The data without the size bytes between, a piece at a time, so that a code is one load and a shift.
class CodeWindow {
public:
  CodeWindow(Bytes sample, const SubBlocks &data) : sample_(sample), at_(data.offset) {}

  std::uint64_t bits() const { return 8 * filled_ - bit_; }
  /// Number of the data byte that holds this bit of the window.
  std::uint64_t byte_of(std::uint64_t bit) const { return first_ + bit / 8; }

  /// The bits from `bit` on, at least `loaded` of them; those past the data mean nothing.
  std::uint64_t load(std::uint64_t bit) const {
    le64 word;
    std::memcpy(&word, bytes_.data() + bit / 8, sizeof word);
    return word.value() >> (bit % 8);
  }
  static constexpr unsigned loaded = 64 - 7;

  std::uint64_t bit() const { return bit_; }
  void seek(std::uint64_t bit) { bit_ = bit; }

  /// Keeps what is not read yet and adds sub-blocks. False when there are none left.
  bool refill() {
    const std::uint64_t read = bit_ / 8, left = filled_ - read;
    std::memmove(bytes_.data(), bytes_.data() + read, left);
    first_ += read;
    bit_ %= 8;
    filled_ = left;
    while (filled_ + 255 <= capacity && at_ < sample_.size() && sample_[at_] != 0) add_sub_block();
    return filled_ > left;
  }

private:
  void add_sub_block() {
    const std::uint64_t size = sample_[at_++], rest = sample_.size() - at_;
    // A copy of constant length is a few moves; what is too much, the next one overwrites.
    if (rest >= 255)
      std::memcpy(bytes_.data() + filled_, sample_.data() + at_, 255);
    else
      std::memcpy(bytes_.data() + filled_, sample_.data() + at_, std::min(size, rest));
    filled_ += std::min(size, rest);
    at_ += std::min(size, rest);
  }

  static constexpr std::uint64_t capacity = 8192;
  Bytes sample_;
  std::uint64_t at_;                             ///< the next size byte
  std::uint64_t first_ = 0;                      ///< number of the data byte at the window's start
  std::uint64_t filled_ = 0;                     ///< bytes in the window
  std::uint64_t bit_ = 0;                        ///< the next bit to be read, in the window
  std::array<std::uint8_t, capacity + 8> bytes_; // not initialised: there may be many small frames
};

/// Of each code the table need only know how many pixels it stands for: the number of pixels so far,
/// and with it the place of any damage, follows. Which pixels they are is asked of literal codes only,
/// as every other code repeats pixels that literal codes gave before.
class LzwWalker {
public:
  LzwWalker(Bytes sample, const SubBlocks &data, const LzwParameters &parameters)
      : window_(sample, data), data_(data), parameters_(parameters), clear_(1u << parameters.code_size),
        end_(clear_ + 1) {
    std::fill_n(length_.begin(), clear_, std::uint16_t{1});
    length_[clear_] = length_[end_] = 0;
    clear_table();
  }

  LzwWalk walk() {
    walk_.clear_first = has_code() && peek() == clear_;
    while (!done_) {
      if (!has_code())
        finish(LzwEnd::no_data, 0);
      else if (after_clear_)
        first_code();
      else if (next_ < table_size)
        codes_of_one_width<false>();
      else
        codes_of_one_width<true>();
    }
    return walk_;
  }

private:
  bool has_code() {
    while (window_.bits() < width_)
      if (!window_.refill()) return false;
    return true;
  }

  std::uint32_t peek() const {
    return static_cast<std::uint32_t>(window_.load(window_.bit())) & ((1u << width_) - 1);
  }

  /// `code_bits` = width of the code that ended the walk.
  void finish(LzwEnd end, unsigned code_bits) {
    walk_.end = end;
    walk_.byte = window_.byte_of(window_.bit() - code_bits);
    if (end == LzwEnd::end_code) walk_.unused = data_.data - window_.byte_of(window_.bit() + 7);
    done_ = true;
  }

  void undefined(unsigned code) {
    walk_.code = code;
    walk_.next = next_;
    finish(LzwEnd::undefined, width_);
  }

  void clear_table() {
    width_ = parameters_.code_size + 1;
    next_ = end_ + 1;
    after_clear_ = true;
  }

  /// "the first code after a clear code" stands for itself and defines nothing.
  void first_code() {
    const std::uint32_t code = peek();
    window_.seek(window_.bit() + width_);
    if (code == clear_) return;
    if (code == end_) return finish(LzwEnd::end_code, width_);
    if (code > end_) return undefined(code);
    if (code >= parameters_.colours) stray_index(code, walk_.pixels, window_.bit() - width_);
    ++walk_.pixels;
    previous_ = 1;
    after_clear_ = false;
    grow();
  }

  void grow() {
    // Once, but for minimum code sizes 0 and 1, whose first free code is wider than they are.
    while (next_ >= 1u << width_ && width_ < widest) ++width_;
  }

  /// Follows codes until their width changes, the window ends or a code is special. A full table
  /// stays as it is until a clear code: "deferred clear code".
  template <bool full> void codes_of_one_width() {
    const unsigned width = width_;
    const std::uint64_t readable = window_.bits() / width, free = (1u << width) - next_;
    const std::uint64_t count = full ? readable : std::min(readable, free);
    const std::uint32_t mask = (1u << width) - 1, colours = parameters_.colours;
    const std::uint32_t strays = clear_ > colours ? clear_ - colours : 0;
    std::uint64_t bit = window_.bit(), pixels = walk_.pixels;
    const std::uint64_t stop = bit + count * width;
    unsigned next = next_, previous = previous_;
    std::uint32_t code = 0, length = 1;
    std::uint64_t word = 0;
    unsigned in_word = 0;
    while (bit != stop) {
      if (in_word < width) {
        word = window_.load(bit);
        in_word = CodeWindow::loaded;
      }
      code = static_cast<std::uint32_t>(word) & mask;
      word >>= width;
      in_word -= width;
      bit += width;
      // The string before and one pixel more: whose that pixel is does not matter for the length, so
      // the entry can be used by the very code that completes it.
      if (!full) length_[next] = static_cast<std::uint16_t>(previous + 1);
      if (!full && code > next) break;
      length = length_[code];
      if (length == 0) break;
      if (code - colours < strays) [[unlikely]]
        stray_index(code, pixels, bit - width);
      pixels += length;
      previous = length;
      if (!full) ++next;
    }
    window_.seek(bit);
    walk_.pixels = pixels;
    previous_ = previous;
    next_ = next;
    if (!full && code > next)
      undefined(code);
    else if (length == 0 && code == clear_)
      clear_table();
    else if (length == 0)
      finish(LzwEnd::end_code, width_);
    else if (!full)
      grow();
  }

  void stray_index(unsigned index, std::uint64_t pixel, std::uint64_t bit) {
    std::optional<StrayIndex> &first =
        parameters_.transparent == index ? walk_.stray_transparent : walk_.stray;
    if (!first) first = StrayIndex{index, pixel, window_.byte_of(bit)};
  }

  CodeWindow window_;
  const SubBlocks &data_;
  const LzwParameters parameters_;
  const unsigned clear_, end_;
  LzwWalk walk_;
  unsigned width_ = 0, next_ = 0, previous_ = 0;
  bool after_clear_ = true, done_ = false;
  std::array<std::uint16_t, table_size> length_; ///< pixels of each code, 0 = clear and end code
};

} // namespace

LzwWalk walk_lzw(Bytes sample, const SubBlocks &data, const LzwParameters &parameters) {
  return LzwWalker(sample, data, parameters).walk();
}

} // namespace datavet::gif
