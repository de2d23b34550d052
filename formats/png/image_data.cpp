#include "formats/png/image_data.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <libdeflate.h>
#include <zlib.h>

#include "formats/png/rules.h"
#include "formats/png/workspace.h"

namespace datavet::png {
namespace {

constexpr std::size_t window_of_32k = std::size_t{1} << 15;
/// libpng inflates so many bytes more than the rows need, and drops them. It refuses a stream that is cut
/// among them, and does not care for other faults there.
constexpr std::uint64_t surplus_followed = 0xffffffff;

/// RFC 1950 2.2.
struct ZlibHeader {
  std::uint8_t cmf = 0, flg = 0;
  unsigned method() const { return cmf & 15u; }
  unsigned window_bits() const { return (cmf >> 4) + 8u; }
  bool has_dictionary() const { return (flg & 32u) != 0; }
  bool check_bits_agree() const { return (cmf * 256u + flg) % 31 == 0; }

  /// What is wrong with it, or nothing.
  std::string_view fault() const {
    if (!check_bits_agree()) return "its check bits do not agree";
    if (method() != 8) return "its compression method is not 8 (deflate)";
    if (window_bits() > 15) return "its window is larger than 32 KiB";
    if (has_dictionary()) return "it asks for a preset dictionary";
    return {};
  }
};

/// One judgement of one stream.
class Inspector {
public:
  Inspector(const DataRun &run, const Geometry &geometry, unsigned palette_entries)
      : run_(run), geometry_(geometry), palette_entries_(palette_entries), raw_bytes_(geometry.raw_bytes()) {}

  ImageReport inspect(std::uint64_t whole) {
    if (!header_is_sound()) return std::move(report_);
    const bool small = run_.bytes <= whole && raw_bytes_ <= whole;
    if (!small || !is_sound_by_libdeflate()) inspect_by_zlib();
    if (report_.rule == nullptr) check_window();
    return std::move(report_);
  }

private:
  bool header_is_sound();
  bool is_sound_by_libdeflate();
  void inspect_by_zlib();
  void check_window();
  Bytes contiguous();
  void explain(int result, const z_stream &stream, const RowScanner &rows);
  void end_of_input(const RowScanner &rows);
  void end_of_stream(std::uint64_t consumed, const RowScanner &rows);
  void fail(const Rule &rule, std::uint64_t offset, std::uint64_t length, std::string detail,
            const RowScanner &rows);
  void fail_image(const Rule &rule, std::string detail, const RowScanner &rows) {
    fail(rule, first_byte_, run_.bytes, std::move(detail), rows);
  }
  void note_overrun(const RowScanner &rows);

  const DataRun &run_;
  const Geometry &geometry_;
  unsigned palette_entries_;
  std::uint64_t raw_bytes_;
  std::uint64_t first_byte_ = 0; ///< of the stream, in the sample
  ZlibHeader header_;
  ImageReport report_;
};

void Inspector::fail(const Rule &rule, std::uint64_t offset, std::uint64_t length, std::string detail,
                     const RowScanner &rows) {
  report_.rule = &rule;
  report_.offset = offset;
  report_.length = length;
  report_.lost = rows.lost();
  report_.detail = std::move(detail);
  if (!report_.lost.empty()) report_.detail += "; " + report_.lost;
}

bool Inspector::header_is_sound() {
  first_byte_ = offset_in_sample(run_, 0);
  std::array<std::uint8_t, 2> bytes = {};
  if (!copy_out(run_, 0, bytes)) {
    end_of_input(RowScanner(geometry_, 0, workspace().rows));
    return false;
  }
  header_ = {bytes[0], bytes[1]};
  const std::string_view fault = header_.fault();
  if (fault.empty()) return true;
  fail(zlib_header, first_byte_, 2,
       fmt::format("the zlib header is {:02x}{:02x}: {}", bytes[0], bytes[1], fault),
       RowScanner(geometry_, 0, workspace().rows));
  return false;
}

/// The stream in one piece: where it lies when it is in one chunk, else a copy.
Bytes Inspector::contiguous() {
  DataPieces pieces(run_);
  if (run_.chunks == 1) return pieces.next()->bytes;
  std::span<std::uint8_t> copy = workspace().compressed.room(run_.bytes);
  std::size_t filled = 0;
  while (std::optional<DataPieces::Piece> piece = pieces.next()) {
    std::copy(piece->bytes.begin(), piece->bytes.end(), copy.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += piece->bytes.size();
  }
  return copy;
}

/// libdeflate tells sound streams from others, at twice the speed of zlib; it cannot tell what is wrong.
/// So every fault is put into words by inspect_by_zlib(), and both paths report the same.
bool Inspector::is_sound_by_libdeflate() {
  const Bytes stream = contiguous();
  const std::span<std::uint8_t> raw = workspace().raw.room(raw_bytes_);
  std::size_t consumed = 0, produced = 0;
  const libdeflate_result result = libdeflate_zlib_decompress_ex(
      workspace().deflate(), stream.data(), stream.size(), raw.data(), raw.size(), &consumed, &produced);
  if (result != LIBDEFLATE_SUCCESS || produced != raw_bytes_) return false;
  RowScanner rows(geometry_, palette_entries_, workspace().rows);
  if (!rows.feed(raw)) return false;
  end_of_stream(consumed, rows);
  return true;
}

/// Bounded memory whatever the size. Stops at the first fault.
void Inspector::inspect_by_zlib() {
  z_stream &stream = workspace().inflater(15);
  RowScanner rows(geometry_, palette_entries_, workspace().rows);
  std::span<std::uint8_t> window = workspace().window;
  std::uint64_t consumed = 0, produced = 0;
  DataPieces pieces(run_);
  while (std::optional<DataPieces::Piece> piece = pieces.next()) {
    Bytes input = piece->bytes;
    do { // once for an empty piece too: it changes nothing
      const Bytes part =
          input.first(std::min<std::size_t>(input.size(), std::size_t{1} << 30)); // avail_in has 32 bits
      input = input.subspan(part.size());
      stream.next_in = const_cast<Bytef *>(part.data()); // zlib's type without z_const; it does not write
      stream.avail_in = static_cast<uInt>(part.size());
      do {
        stream.next_out = window.data();
        stream.avail_out = static_cast<uInt>(window.size());
        const uInt before = stream.avail_in;
        const int result = inflate(&stream, Z_NO_FLUSH);
        consumed += before - stream.avail_in;
        const Bytes inflated = window.first(window.size() - stream.avail_out);
        produced += inflated.size();
        if (!rows.feed(inflated))
          return fail_image(row_filter, fmt::format("{} has filter type {}", rows.place(), rows.filter()),
                            rows);
        const bool faulty = result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END;
        if (produced > raw_bytes_ &&
            (result == Z_STREAM_END || faulty || produced - raw_bytes_ > surplus_followed))
          return fail_image(image_long,
                            fmt::format("{} x {} pixels need {} bytes, and more follow", geometry_.width,
                                        geometry_.height, raw_bytes_),
                            rows);
        if (result == Z_STREAM_END) return end_of_stream(consumed, rows);
        if (faulty) return explain(result, stream, rows);
      } while (stream.avail_out == 0 || stream.avail_in > 0);
    } while (!input.empty());
  }
  end_of_input(rows);
}

void Inspector::explain(int result, const z_stream &stream, const RowScanner &rows) {
  const std::uint64_t position = stream.total_in;
  const std::string_view message = stream.msg != nullptr ? stream.msg : zError(result);
  if (message == "incorrect data check" && position >= 4) {
    std::array<std::uint8_t, 4> stored = {};
    copy_out(run_, position - 4, stored);
    const be32 stored_sum = {stored};
    fail(zlib_adler, offset_in_sample(run_, position - 4), 4,
         fmt::format("stored {:08x}, computed {:08x}", stored_sum.value(),
                     static_cast<std::uint32_t>(stream.adler)),
         rows);
    return;
  }
  fail(zlib_block, offset_in_sample(run_, position), 0,
       fmt::format("{} after {} of {} compressed bytes", message, position, run_.bytes), rows);
}

void Inspector::end_of_input(const RowScanner &rows) {
  fail(zlib_end, run_.end, 0,
       fmt::format("the {} bytes of compressed data end inside their zlib stream", run_.bytes), rows);
}

void Inspector::end_of_stream(std::uint64_t consumed, const RowScanner &rows) {
  note_overrun(rows);
  if (!rows.complete())
    return fail_image(image_short, "the zlib stream ends in good order before the last row", rows);
  report_.surplus = run_.bytes - consumed;
  if (report_.surplus > 0) report_.surplus_offset = offset_in_sample(run_, consumed);
}

void Inspector::note_overrun(const RowScanner &rows) {
  if (const std::optional<PaletteOverrun> &overrun = rows.overrun())
    report_.overrun = fmt::format("index {} in {}, PLTE has {} entries", overrun->index,
                                  rows.name_of_row(overrun->row, overrun->pass), palette_entries_);
}

/// A writer may declare a window smaller than 32 KiB only when no match reaches back further. libdeflate,
/// and zlib when asked for 32 KiB, do not care; libpng allots what was declared. Inflating once more in
/// libpng's steps (a row, 8 KiB of input at most) gives libpng's answer. Rare: writers that shrink
/// the window do so because the whole picture fits into it.
void Inspector::check_window() {
  const std::uint64_t window = std::uint64_t{1} << header_.window_bits();
  if (window >= window_of_32k || window >= raw_bytes_) return;
  if (geometry_.width > widest_for_libpng) return; // libpng never comes as far as the rows
  z_stream &stream = workspace().inflater(0);      // 0 = as the header says
  const std::span<std::uint8_t> output = workspace().raw.room(1 + geometry_.row_bytes(geometry_.width));
  RowScanner rows(geometry_, 0, workspace().rows);
  std::uint64_t consumed = 0;
  DataPieces pieces(run_);
  while (std::optional<DataPieces::Piece> piece = pieces.next()) {
    Bytes input = piece->bytes;
    while (!input.empty()) {
      const Bytes part = input.first(std::min<std::size_t>(input.size(), 8192));
      stream.next_in = const_cast<Bytef *>(part.data());
      stream.avail_in = static_cast<uInt>(part.size());
      stream.next_out = output.data();
      stream.avail_out = static_cast<uInt>(rows.left_in_row());
      const int result = inflate(&stream, Z_NO_FLUSH);
      const std::size_t used = part.size() - stream.avail_in;
      input = input.subspan(used);
      consumed += used;
      rows.feed(output.first(rows.left_in_row() - stream.avail_out));
      if (result == Z_STREAM_END || rows.complete()) return;
      if (result == Z_OK || result == Z_BUF_ERROR) continue;
      fail(zlib_window, offset_in_sample(run_, consumed), 0,
           fmt::format("the zlib header declares a window of {} bytes, and a match reaches back further",
                       window),
           rows);
      return;
    }
  }
}

} // namespace

ImageReport inspect_image_data(const DataRun &run, const Geometry &geometry, unsigned palette_entries,
                               std::uint64_t whole) {
  return Inspector(run, geometry, palette_entries).inspect(whole);
}

} // namespace datavet::png
