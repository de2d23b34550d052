/// Writes TIFF files for tests: every tag, table and strip where the test wants it, so that it can break any
/// of them. Both byte orders, classic and BigTIFF, strips and tiles, uncompressed, PackBits, LZW and deflate.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <zlib.h>

#include "formats/bytes/endian.h"
#include "tests/support/damage.h"

namespace datavet::test {

enum class Flavour { classic, big };

enum TiffType : std::uint16_t {
  byte_type = 1,
  ascii_type = 2,
  short_type = 3,
  long_type = 4,
  rational_type = 5,
  undefined_type = 7,
  ifd_type = 13,
  long8_type = 16
};

/// An entry of a directory. A RATIONAL is one 64-bit number: numerator low, denominator high.
struct TiffEntry {
  std::uint16_t tag;
  std::uint16_t type;
  std::vector<std::uint64_t> values;
};

inline TiffEntry ascii_entry(std::uint16_t tag, std::string_view text) {
  TiffEntry entry{tag, ascii_type, {}};
  for (char letter : text) entry.values.push_back(static_cast<unsigned char>(letter));
  entry.values.push_back(0);
  return entry;
}

/// A page: its entries without those that say where the strips or tiles lie, and the strips or tiles as
/// stored.
struct TiffPage {
  std::vector<TiffEntry> entries;
  std::vector<Blob> pieces;
  bool tiled = false;
  std::vector<TiffPage> children; ///< SubIFDs

  TiffEntry &entry(std::uint16_t tag) {
    for (TiffEntry &known : entries)
      if (known.tag == tag) return known;
    throw std::out_of_range("no such tag");
  }
  TiffPage &set(TiffEntry wanted) {
    remove(wanted.tag);
    entries.push_back(std::move(wanted));
    return *this;
  }
  TiffPage &remove(std::uint16_t tag) {
    std::erase_if(entries, [&](const TiffEntry &known) { return known.tag == tag; });
    return *this;
  }
};

/// A written file, and where its parts lie.
struct TiffFile {
  struct Place {
    std::uint64_t directory = 0;
    std::uint64_t next = 0;                         ///< the offset of the next directory lies here
    std::map<std::uint16_t, std::uint64_t> entries; ///< tag to the place of its entry
    std::map<std::uint16_t, std::uint64_t> values;  ///< tag to the place of its first value
    std::vector<std::uint64_t> pieces;
  };
  Blob bytes;
  std::vector<Place> pages;
  std::vector<Place> children;
};

class TiffWriter {
public:
  TiffWriter(ByteOrder order, Flavour flavour)
      : little_(order == ByteOrder::little), big_(flavour == Flavour::big) {}

  TiffFile write(const std::vector<TiffPage> &pages) {
    file_ = {};
    const char letter = little_ ? 'I' : 'M';
    put(static_cast<unsigned char>(letter), 1);
    put(static_cast<unsigned char>(letter), 1);
    put(big_ ? 43 : 42, 2);
    if (big_) put(8, 2), put(0, 2);
    std::uint64_t link = file_.bytes.size(); // where the offset of the next directory goes
    put(0, offset_size());
    for (const TiffPage &page : pages) {
      file_.pages.push_back(write_page(page));
      patch(link, file_.pages.back().directory, offset_size());
      link = file_.pages.back().next;
    }
    return std::move(file_);
  }

private:
  TiffFile::Place write_page(const TiffPage &page) {
    TiffFile::Place place;
    TiffPage whole = page;
    TiffEntry offsets{static_cast<std::uint16_t>(page.tiled ? 324 : 273), long_type, {}};
    TiffEntry sizes{static_cast<std::uint16_t>(page.tiled ? 325 : 279), long_type, {}};
    for (const Blob &piece : page.pieces) {
      align();
      place.pieces.push_back(file_.bytes.size());
      offsets.values.push_back(file_.bytes.size());
      sizes.values.push_back(piece.size());
      file_.bytes.insert(file_.bytes.end(), piece.begin(), piece.end());
    }
    if (!page.pieces.empty()) whole.set(offsets).set(sizes);
    if (!page.children.empty()) whole.set(write_children(page));
    std::sort(whole.entries.begin(), whole.entries.end(),
              [](const TiffEntry &a, const TiffEntry &b) { return a.tag < b.tag; });
    write_directory(whole, place);
    return place;
  }

  TiffEntry write_children(const TiffPage &page) {
    TiffEntry offsets{330, ifd_type, {}};
    for (const TiffPage &child : page.children) {
      TiffFile::Place place = write_page(child);
      offsets.values.push_back(place.directory);
      file_.children.push_back(std::move(place));
    }
    return offsets;
  }

  void write_directory(const TiffPage &page, TiffFile::Place &place) {
    for (const TiffEntry &entry : page.entries)
      if (entry.values.size() * size_of(entry.type) > offset_size()) {
        align();
        place.values[entry.tag] = file_.bytes.size();
        for (std::uint64_t value : entry.values) put_value(entry.type, value);
      }
    align();
    place.directory = file_.bytes.size();
    put(page.entries.size(), big_ ? 8 : 2);
    for (const TiffEntry &entry : page.entries) {
      place.entries[entry.tag] = file_.bytes.size();
      put(entry.tag, 2);
      put(entry.type, 2);
      put(entry.values.size(), offset_size());
      if (place.values.contains(entry.tag)) {
        put(place.values[entry.tag], offset_size());
        continue;
      }
      place.values[entry.tag] = file_.bytes.size();
      for (std::uint64_t value : entry.values) put_value(entry.type, value);
      put(0, offset_size() - entry.values.size() * size_of(entry.type));
    }
    place.next = file_.bytes.size();
    put(0, offset_size());
  }

  static std::size_t size_of(std::uint16_t type) {
    switch (type) {
    case short_type: return 2;
    case long_type:
    case ifd_type: return 4;
    case rational_type:
    case long8_type: return 8;
    default: return 1;
    }
  }
  void put_value(std::uint16_t type, std::uint64_t value) {
    if (type == rational_type)
      put(value & 0xffffffff, 4), put(value >> 32, 4);
    else
      put(value, size_of(type));
  }
  void put(std::uint64_t value, std::size_t size) {
    file_.bytes.resize(file_.bytes.size() + size);
    patch(file_.bytes.size() - size, value, size);
  }
  void patch(std::uint64_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      file_.bytes[at + i] =
          static_cast<std::uint8_t>(i < 8 ? value >> (8 * (little_ ? i : size - 1 - i)) : 0);
  }
  void align() {
    if (file_.bytes.size() % 2 != 0) file_.bytes.push_back(0);
  }
  std::size_t offset_size() const { return big_ ? 8 : 4; }

  bool little_;
  bool big_;
  TiffFile file_;
};

/// PackBits (TIFF 6.0 section 9): literal runs and repetitions, a row at a time.
inline Blob pack_bits(const Blob &raw, std::size_t row_bytes) {
  Blob packed;
  for (std::size_t row = 0; row < raw.size(); row += row_bytes)
    for (std::size_t at = row; at < std::min(row + row_bytes, raw.size());) {
      const std::size_t end = std::min({row + row_bytes, raw.size(), at + 128});
      std::size_t run = at + 1;
      while (run < end && raw[run] == raw[at]) ++run;
      if (run - at >= 3) {
        packed.push_back(static_cast<std::uint8_t>(257 - (run - at)));
        packed.push_back(raw[at]);
        at = run;
      } else {
        packed.push_back(static_cast<std::uint8_t>(end - at - 1));
        packed.insert(packed.end(), raw.begin() + static_cast<std::ptrdiff_t>(at),
                      raw.begin() + static_cast<std::ptrdiff_t>(end));
        at = end;
      }
    }
  return packed;
}

/// LZW (TIFF 6.0 section 13) at its plainest: literals of 9 bits, and a Clear before the table needs 10.
inline Blob lzw_encode(const Blob &raw) {
  Blob packed;
  std::uint32_t buffer = 0;
  unsigned held = 0;
  const auto code = [&](std::uint32_t value) {
    buffer = buffer << 9 | value;
    for (held += 9; held >= 8; held -= 8) packed.push_back(static_cast<std::uint8_t>(buffer >> (held - 8)));
  };
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i % 250 == 0) code(256); // Clear
    code(raw[i]);
  }
  code(257); // EndOfInformation
  if (held > 0) packed.push_back(static_cast<std::uint8_t>(buffer << (8 - held)));
  return packed;
}

inline Blob zlib_encode(const Blob &raw) {
  uLongf size = compressBound(static_cast<uLong>(raw.size()));
  Blob packed(size);
  if (compress2(packed.data(), &size, raw.data(), static_cast<uLong>(raw.size()), 6) != Z_OK)
    throw std::runtime_error("zlib did not compress");
  packed.resize(size);
  return packed;
}

/// What a test picture looks like.
struct TiffPicture {
  unsigned width = 24;
  unsigned height = 20;
  unsigned samples = 1; ///< 1 grey, 3 RGB, 4 RGB with alpha
  unsigned bits = 8;    ///< 8 or 16
  unsigned compression = 1;
  unsigned rows_per_strip = 8; ///< of strips
  unsigned tile = 0;           ///< width and length of tiles, a multiple of 16; 0 = strips
};

inline Blob compress_piece(const Blob &raw, unsigned compression, std::size_t row_bytes) {
  switch (compression) {
  case 1: return raw;
  case 5: return lzw_encode(raw);
  case 8:
  case 32946: return zlib_encode(raw);
  case 32773: return pack_bits(raw, row_bytes);
  default: throw std::invalid_argument("no encoder for this compression");
  }
}

/// A page with a gradient, stored in the byte order of the file it is for.
inline TiffPage picture_page(const TiffPicture &picture, ByteOrder order = ByteOrder::little) {
  TiffPage page;
  page.tiled = picture.tile > 0;
  const unsigned piece_width = page.tiled ? picture.tile : picture.width;
  const unsigned piece_height = page.tiled ? picture.tile : std::min(picture.rows_per_strip, picture.height);
  const std::size_t row_bytes = std::size_t{piece_width} * picture.samples * picture.bits / 8;
  for (unsigned top = 0; top < picture.height; top += piece_height)
    for (unsigned left = 0; left < picture.width; left += piece_width) {
      Blob raw;
      const unsigned bottom = page.tiled ? top + piece_height : std::min(top + piece_height, picture.height);
      for (unsigned y = top; y < bottom; ++y)
        for (unsigned x = left; x < left + piece_width; ++x)
          for (unsigned sample = 0; sample < picture.samples; ++sample) {
            const std::uint8_t high = static_cast<std::uint8_t>(x * 5 + y * 3 + sample * 60);
            const std::uint8_t low = static_cast<std::uint8_t>(x * y);
            if (picture.bits == 16 && order == ByteOrder::little) raw.push_back(low);
            raw.push_back(high);
            if (picture.bits == 16 && order == ByteOrder::big) raw.push_back(low);
          }
      page.pieces.push_back(compress_piece(raw, picture.compression, row_bytes));
    }
  page.set({256, short_type, {picture.width}})
      .set({257, short_type, {picture.height}})
      .set({258, short_type, std::vector<std::uint64_t>(picture.samples, picture.bits)})
      .set({259, short_type, {picture.compression}})
      .set({262, short_type, {picture.samples >= 3 ? 2u : 1u}})
      .set({277, short_type, {picture.samples}})
      .set({282, rational_type, {72 | std::uint64_t{1} << 32}})
      .set({283, rational_type, {72 | std::uint64_t{1} << 32}})
      .set({296, short_type, {2}})
      .set(ascii_entry(305, "datavet tests"));
  if (picture.samples == 4) page.set({338, short_type, {2}});
  if (page.tiled)
    page.set({322, short_type, {picture.tile}}).set({323, short_type, {picture.tile}});
  else
    page.set({278, short_type, {picture.rows_per_strip}});
  return page;
}

inline TiffFile write_tiff(const std::vector<TiffPage> &pages, ByteOrder order = ByteOrder::little,
                           Flavour flavour = Flavour::classic) {
  return TiffWriter(order, flavour).write(pages);
}

} // namespace datavet::test
