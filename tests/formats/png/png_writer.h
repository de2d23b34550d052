/// Writes PNG and APNG files of every legal kind, and, chunk by chunk, illegal ones.
///
///   Blob file = make_png({.width = 64, .height = 48, .colour = 2, .depth = 8}).bytes();
///
/// A Png is a list of chunks: change it (insert, erase, edit data) and bytes() gives lengths and CRCs
/// that are right again. Damage that shall not be repaired is done to the bytes (tests/support/damage.h).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <zlib.h>

namespace datavet::test {

using PngBytes = std::vector<std::uint8_t>;

inline void append_be32(PngBytes &into, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) into.push_back(static_cast<std::uint8_t>(number >> shift));
}
inline void append_be16(PngBytes &into, unsigned number) {
  into.push_back(static_cast<std::uint8_t>(number >> 8));
  into.push_back(static_cast<std::uint8_t>(number));
}
inline PngBytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

/// What a picture is: IHDR, and the samples.
struct PngSpec {
  std::uint32_t width = 8, height = 8;
  std::uint8_t colour = 2; ///< 0 grey, 2 rgb, 3 palette, 4 grey + alpha, 6 rgb + alpha
  std::uint8_t depth = 8;
  bool interlaced = false;
  unsigned palette_entries = 0; ///< of a palette image; 0 = as many as the depth can name
  unsigned idat_chunks = 1;
  int zlib_level = 6;
  int filter = -1; ///< of every row; -1 = all five in turn
  /// The sample of a channel at (x, y); its low `depth` bits count. Default: a smooth pattern.
  std::function<unsigned(std::uint32_t x, std::uint32_t y, unsigned channel)> sample = {};

  unsigned channels() const { return colour == 2 ? 3 : colour == 4 ? 2 : colour == 6 ? 4 : 1; }
  unsigned bits_per_pixel() const { return channels() * depth; }
  unsigned entries() const { return palette_entries != 0 ? palette_entries : 1u << depth; }
};

struct PngChunk {
  std::string type;
  PngBytes data;

  PngBytes bytes() const {
    PngBytes out;
    append_be32(out, static_cast<std::uint32_t>(data.size()));
    out.insert(out.end(), type.begin(), type.end());
    out.insert(out.end(), data.begin(), data.end());
    append_be32(out,
                static_cast<std::uint32_t>(::crc32(0, out.data() + 4, static_cast<uInt>(out.size() - 4))));
    return out;
  }
};

/// A file as a list of chunks.
struct Png {
  std::vector<PngChunk> chunks;

  PngBytes bytes() const {
    PngBytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    for (const PngChunk &chunk : chunks) {
      const PngBytes next = chunk.bytes();
      out.insert(out.end(), next.begin(), next.end());
    }
    return out;
  }

  /// Number of the n-th chunk of a type. Throws when there is none.
  std::size_t index_of(std::string_view type, std::size_t n = 0) const {
    for (std::size_t i = 0; i < chunks.size(); ++i)
      if (chunks[i].type == type && n-- == 0) return i;
    throw std::out_of_range("no chunk " + std::string(type));
  }
  PngChunk &at(std::string_view type, std::size_t n = 0) { return chunks[index_of(type, n)]; }
  /// Offset in bytes() of the chunk with this number.
  std::size_t offset_of(std::size_t index) const {
    std::size_t offset = 8;
    for (std::size_t i = 0; i < index; ++i) offset += chunks[i].data.size() + 12;
    return offset;
  }
  std::size_t offset_of(std::string_view type, std::size_t n = 0) const {
    return offset_of(index_of(type, n));
  }

  Png &insert_before(std::string_view type, PngChunk chunk) {
    chunks.insert(chunks.begin() + static_cast<std::ptrdiff_t>(index_of(type)), std::move(chunk));
    return *this;
  }
  Png &insert_after(std::string_view type, PngChunk chunk) {
    chunks.insert(chunks.begin() + static_cast<std::ptrdiff_t>(index_of(type)) + 1, std::move(chunk));
    return *this;
  }
  Png &erase(std::string_view type, std::size_t n = 0) {
    chunks.erase(chunks.begin() + static_cast<std::ptrdiff_t>(index_of(type, n)));
    return *this;
  }
};

/// A zlib stream; `window_bits` 9 to 15 goes into its header.
inline PngBytes zlib_stream(const PngBytes &raw, int level = 6, int window_bits = 15) {
  z_stream stream = {};
  if (deflateInit2(&stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2");
  // deflateBound() of zlib 1.2.13 is too small for stored blocks in a small window.
  PngBytes out(deflateBound(&stream, static_cast<uLong>(raw.size())) + raw.size() / 16 + 64);
  stream.next_in = const_cast<Bytef *>(raw.data());
  stream.avail_in = static_cast<uInt>(raw.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

namespace png_writer {

/// A pattern that every filter and depth shows: gradients and a diagonal.
inline unsigned smooth_sample(std::uint32_t x, std::uint32_t y, unsigned channel) {
  return 7 * x + 3 * y * (channel + 1) + (x == y ? 40 : 0) + (x * y) % 5;
}

/// The packed bytes of a row: samples at x0, x0 + step, ...
inline PngBytes packed_row(const PngSpec &spec, std::uint32_t x0, std::uint32_t step, std::uint32_t y) {
  PngBytes row;
  unsigned pending = 0, pending_bits = 0;
  for (std::uint32_t x = x0; x < spec.width; x += step)
    for (unsigned channel = 0; channel < spec.channels(); ++channel) {
      unsigned sample = spec.sample ? spec.sample(x, y, channel) : smooth_sample(x, y, channel);
      if (spec.colour == 3 && !spec.sample) sample %= spec.entries();
      if (spec.depth == 16) {
        append_be16(row, sample);
        continue;
      }
      pending = pending << spec.depth | (sample & ((1u << spec.depth) - 1));
      pending_bits += spec.depth;
      if (pending_bits == 8) {
        row.push_back(static_cast<std::uint8_t>(pending));
        pending = pending_bits = 0;
      }
    }
  if (pending_bits > 0) row.push_back(static_cast<std::uint8_t>(pending << (8 - pending_bits)));
  return row;
}

inline std::uint8_t paeth(int a, int b, int c) {
  const int p = a + b - c, pa = std::abs(p - a), pb = std::abs(p - b), pc = std::abs(p - c);
  return static_cast<std::uint8_t>(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/// PNG 3rd ed. 9.2.
inline void append_filtered(PngBytes &into, const PngBytes &row, const PngBytes &above, unsigned filter,
                            std::size_t pixel_bytes) {
  into.push_back(static_cast<std::uint8_t>(filter));
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int left = i >= pixel_bytes ? row[i - pixel_bytes] : 0;
    const int up = above.empty() ? 0 : above[i];
    const int corner = i >= pixel_bytes && !above.empty() ? above[i - pixel_bytes] : 0;
    const std::array<int, 5> predictions = {0, left, up, (left + up) / 2, paeth(left, up, corner)};
    into.push_back(static_cast<std::uint8_t>(row[i] - predictions[filter]));
  }
}

} // namespace png_writer

/// The filtered rows of a picture, all passes, as they go into the zlib stream.
inline PngBytes filtered_rows(const PngSpec &spec) {
  struct Pass {
    std::uint32_t x0, y0, dx, dy;
  };
  static constexpr std::array<Pass, 7> adam7 = {
      {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}};
  static constexpr std::array<Pass, 1> whole = {{{0, 0, 1, 1}}};
  const std::size_t pixel_bytes = std::max(1u, spec.bits_per_pixel() / 8);
  PngBytes raw;
  unsigned rows = 0;
  auto write = [&](const Pass &pass) {
    PngBytes above;
    for (std::uint32_t y = pass.y0; y < spec.height && pass.x0 < spec.width; y += pass.dy) {
      PngBytes row = png_writer::packed_row(spec, pass.x0, pass.dx, y);
      const unsigned filter = spec.filter >= 0 ? static_cast<unsigned>(spec.filter) : rows % 5;
      png_writer::append_filtered(raw, row, above, filter, pixel_bytes);
      above = std::move(row);
      ++rows;
    }
  };
  if (spec.interlaced)
    std::for_each(adam7.begin(), adam7.end(), write);
  else
    std::for_each(whole.begin(), whole.end(), write);
  return raw;
}

inline PngChunk ihdr_chunk(const PngSpec &spec) {
  PngChunk chunk{"IHDR", {}};
  append_be32(chunk.data, spec.width);
  append_be32(chunk.data, spec.height);
  for (unsigned field : {unsigned{spec.depth}, unsigned{spec.colour}, 0u, 0u, spec.interlaced ? 1u : 0u})
    chunk.data.push_back(static_cast<std::uint8_t>(field));
  return chunk;
}

inline PngChunk plte_chunk(unsigned entries) {
  PngChunk chunk{"PLTE", {}};
  for (unsigned i = 0; i < entries; ++i)
    for (unsigned factor : {1u, 3u, 7u}) chunk.data.push_back(static_cast<std::uint8_t>(factor * i));
  return chunk;
}

/// A stream in `count` chunks, the last ones shorter or empty.
inline std::vector<PngChunk> data_chunks(const std::string &type, const PngBytes &stream, unsigned count) {
  std::vector<PngChunk> chunks;
  const std::size_t step = (stream.size() + count - 1) / count;
  for (unsigned i = 0; i < count; ++i) {
    const auto first = stream.begin() + static_cast<std::ptrdiff_t>(std::min(stream.size(), i * step));
    const auto last = stream.begin() + static_cast<std::ptrdiff_t>(std::min(stream.size(), (i + 1) * step));
    chunks.push_back({type, PngBytes(first, last)});
  }
  return chunks;
}

/// A picture around a zlib stream that is given.
inline Png make_png_around(const PngSpec &spec, const PngBytes &stream) {
  Png png;
  png.chunks.push_back(ihdr_chunk(spec));
  if (spec.colour == 3) png.chunks.push_back(plte_chunk(spec.entries()));
  for (PngChunk &chunk : data_chunks("IDAT", stream, spec.idat_chunks))
    png.chunks.push_back(std::move(chunk));
  png.chunks.push_back({"IEND", {}});
  return png;
}

inline Png make_png(const PngSpec &spec) {
  return make_png_around(spec, zlib_stream(filtered_rows(spec), spec.zlib_level));
}

struct ApngFrame {
  std::uint32_t width, height, x, y;
};

inline PngChunk fctl_chunk(std::uint32_t sequence, const ApngFrame &frame) {
  PngChunk chunk{"fcTL", {}};
  for (std::uint32_t field : {sequence, frame.width, frame.height, frame.x, frame.y})
    append_be32(chunk.data, field);
  append_be16(chunk.data, 1);
  append_be16(chunk.data, 10);
  chunk.data.insert(chunk.data.end(), {0, 0});
  return chunk;
}

/// An animation: the picture of `spec` is its first frame, `more` are the others, each in `fdats` chunks.
inline Png make_apng(const PngSpec &spec, const std::vector<ApngFrame> &more, unsigned fdats = 1) {
  Png png = make_png(spec);
  PngChunk actl{"acTL", {}};
  append_be32(actl.data, static_cast<std::uint32_t>(more.size() + 1));
  append_be32(actl.data, 0);
  std::uint32_t sequence = 0;
  png.insert_before("IDAT", std::move(actl));
  png.insert_before("IDAT", fctl_chunk(sequence++, {spec.width, spec.height, 0, 0}));
  for (const ApngFrame &frame : more) {
    png.insert_before("IEND", fctl_chunk(sequence++, frame));
    PngSpec part = spec;
    part.width = frame.width;
    part.height = frame.height;
    for (PngChunk &chunk : data_chunks("fdAT", zlib_stream(filtered_rows(part), spec.zlib_level), fdats)) {
      PngBytes numbered;
      append_be32(numbered, sequence++);
      numbered.insert(numbered.end(), chunk.data.begin(), chunk.data.end());
      png.insert_before("IEND", {"fdAT", std::move(numbered)});
    }
  }
  return png;
}

/// Every pair of colour type and bit depth that PNG 3rd ed. 11.2.1 table 12 allows.
inline constexpr std::array<std::pair<std::uint8_t, std::uint8_t>, 15> legal_kinds = {{
    {0, 1},
    {0, 2},
    {0, 4},
    {0, 8},
    {0, 16},
    {2, 8},
    {2, 16},
    {3, 1},
    {3, 2},
    {3, 4},
    {3, 8},
    {4, 8},
    {4, 16},
    {6, 8},
    {6, 16},
}};

} // namespace datavet::test
