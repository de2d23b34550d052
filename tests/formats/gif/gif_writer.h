/// Writes good GIFs, still and animated, for tests to damage. Sections are those of GIF89a.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/damage.h"

namespace datavet::test {

struct LzwStyle {
  bool clear_first = true;
  bool end_code = true;
  bool deferred_clear = false; ///< keep a full table instead of beginning a new one
};

/// Appendix F: "Variable-Length-Code LZW Compression".
class LzwEncoder {
public:
  LzwEncoder(unsigned code_size, LzwStyle style) : code_size_(code_size), style_(style) { begin_table(); }

  Blob encode(const std::vector<unsigned> &pixels) {
    if (style_.clear_first) put(clear());
    std::optional<unsigned> string;
    for (unsigned pixel : pixels) {
      if (!string) {
        string = pixel;
        continue;
      }
      const auto known = table_.find({*string, pixel});
      if (known != table_.end()) {
        string = known->second;
        continue;
      }
      put(*string);
      define(*string, pixel);
      string = pixel;
    }
    if (string) {
      put(*string);
      count_up(); // the decoder defines a code here too, so the end code may be a bit wider
    }
    if (style_.end_code) put(clear() + 1);
    if (bits_ > 0) data_.push_back(static_cast<std::uint8_t>(word_));
    return data_;
  }

private:
  unsigned clear() const { return 1u << code_size_; }

  void begin_table() {
    table_.clear();
    next_ = clear() + 2;
    width_ = code_size_ + 1;
  }

  void define(unsigned string, unsigned pixel) {
    if (next_ < 4096) {
      table_[{string, pixel}] = next_;
      count_up();
    } else if (!style_.deferred_clear) {
      put(clear());
      begin_table();
    }
  }

  void count_up() {
    ++next_;
    if (next_ > 1u << width_ && width_ < 12) ++width_;
  }

  void put(unsigned code) {
    word_ |= code << bits_;
    for (bits_ += width_; bits_ >= 8; bits_ -= 8, word_ >>= 8)
      data_.push_back(static_cast<std::uint8_t>(word_));
  }

  const unsigned code_size_;
  const LzwStyle style_;
  std::map<std::pair<unsigned, unsigned>, unsigned> table_;
  unsigned next_ = 0, width_ = 0;
  std::uint32_t word_ = 0;
  unsigned bits_ = 0;
  Blob data_;
};

/// 15, 16: size, data, size, data, terminator.
inline Blob sub_blocks(const Blob &data, std::size_t largest = 255) {
  Blob chain;
  for (std::size_t at = 0; at < data.size(); at += largest) {
    const std::size_t size = std::min(largest, data.size() - at);
    chain.push_back(static_cast<std::uint8_t>(size));
    chain.insert(chain.end(), data.begin() + static_cast<std::ptrdiff_t>(at),
                 data.begin() + static_cast<std::ptrdiff_t>(at + size));
  }
  chain.push_back(0);
  return chain;
}

struct GifFrame {
  unsigned left = 0, top = 0, width = 12, height = 10;
  bool interlaced = false;
  unsigned local_colours = 0; ///< a power of two, 2 to 256; 0 = the global table
  unsigned code_size = 3;
  std::optional<std::vector<unsigned>> pixels = {}; ///< as stored; none = a pattern of colours below 2^code_size
  LzwStyle style = {};
  std::size_t largest_sub_block = 255;
  std::optional<Blob> data = {}; ///< in place of encoded pixels, without sizes

  std::vector<unsigned> stored_pixels() const {
    if (pixels) return *pixels;
    std::vector<unsigned> pattern;
    for (unsigned i = 0; i < width * height; ++i)
      pattern.push_back((i * i / 7 + i / 5) % (1u << std::min(code_size, 8u)));
    return pattern;
  }
  Blob compressed() const { return data ? *data : LzwEncoder(code_size, style).encode(stored_pixels()); }
};

class GifWriter {
public:
  explicit GifWriter(unsigned width = 12, unsigned height = 10, unsigned colours = 8,
                     std::string_view version = "GIF89a", unsigned background = 0) {
    blob_.assign(version.begin(), version.end());
    put16(width);
    put16(height);
    put(0x70 | table_flags(colours));
    put(background);
    put(0);
    table(colours);
  }

  /// Where the next block will begin.
  std::size_t size() const { return blob_.size(); }
  /// Where the image data of the last frame begins: its minimum code size.
  std::size_t data_at() const { return data_at_; }

  GifWriter &frame(const GifFrame &frame = {}) {
    put(0x2c);
    for (unsigned value : {frame.left, frame.top, frame.width, frame.height}) put16(value);
    put((frame.interlaced ? 0x40u : 0u) | table_flags(frame.local_colours));
    table(frame.local_colours);
    data_at_ = size();
    put(frame.code_size);
    return raw(sub_blocks(frame.compressed(), frame.largest_sub_block));
  }
  GifWriter &control(unsigned disposal = 0, std::optional<unsigned> transparent = {}, unsigned delay = 5) {
    return extension(0xf9, {static_cast<std::uint8_t>(disposal << 2 | (transparent ? 1 : 0)),
                            static_cast<std::uint8_t>(delay), static_cast<std::uint8_t>(delay >> 8),
                            static_cast<std::uint8_t>(transparent.value_or(0))});
  }
  GifWriter &comment(std::string_view text) { return extension(0xfe, Blob(text.begin(), text.end())); }
  GifWriter &application(std::string_view name, const Blob &data) {
    put(0x21);
    put(0xff);
    put(static_cast<unsigned>(name.size()));
    raw(Blob(name.begin(), name.end()));
    return raw(sub_blocks(data));
  }
  GifWriter &loop(unsigned times = 0) {
    return application("NETSCAPE2.0",
                       {1, static_cast<std::uint8_t>(times), static_cast<std::uint8_t>(times >> 8)});
  }
  GifWriter &extension(unsigned label, const Blob &data) {
    put(0x21);
    put(label);
    return raw(sub_blocks(data));
  }
  GifWriter &raw(const Blob &bytes) {
    blob_ = append(std::move(blob_), bytes);
    return *this;
  }

  Blob unfinished() const { return blob_; }
  Blob finish() const { return append(blob_, {0x3b}); }

private:
  void put(unsigned value) { blob_.push_back(static_cast<std::uint8_t>(value)); }
  void put16(unsigned value) {
    put(value & 0xff);
    put(value >> 8);
  }
  static unsigned table_flags(unsigned colours) {
    unsigned size = 0;
    while (colours > 2u << size) ++size;
    return colours == 0 ? 0 : 0x80 | size;
  }
  void table(unsigned colours) {
    for (unsigned i = 0; i < colours; ++i)
      for (unsigned channel = 1; channel <= 3; ++channel) put(i * 31 * channel + 5);
  }

  Blob blob_;
  std::size_t data_at_ = 0;
};

/// Of 256 shades: a colour table that Pillow drops.
inline Blob grey_ramp(unsigned colours) {
  Blob table;
  for (unsigned i = 0; i < colours; ++i) table.insert(table.end(), 3, static_cast<std::uint8_t>(i));
  return table;
}

} // namespace datavet::test
