// The two relatives of LZ77 that no Debian library decodes without reading outside its input: LZF and
// BloscLZ. Both are runs of literals, and copies of what was written before.
#include <cstring>

#include "formats/bytes/byte_reader.h"
#include "formats/hdf5/filters/codecs.h"

namespace datavet::hdf5 {

namespace {

using End = Decoded::End;

class Output {
public:
  explicit Output(std::span<std::uint8_t> room) : room_(room) {}

  std::uint64_t written() const { return written_; }
  bool has_room(std::uint64_t count) const { return count <= room_.size() - written_; }
  /// has_room(bytes.size())
  void literals(Bytes bytes) {
    std::memcpy(room_.data() + written_, bytes.data(), bytes.size());
    written_ += bytes.size();
  }
  /// has_room(length), 0 < distance <= written(). What is copied may itself be copied: byte by byte then.
  void copy(std::uint64_t distance, std::uint64_t length) {
    std::uint8_t *to = room_.data() + written_;
    const std::uint8_t *from = to - distance;
    if (distance >= length)
      std::memcpy(to, from, length);
    else if (distance == 1)
      std::memset(to, *from, length);
    else
      for (std::uint64_t i = 0; i < length; ++i) to[i] = from[i];
    written_ += length;
  }
  Decoded ended() const { return {written_ == room_.size() ? End::whole : End::shorter, written_}; }

private:
  std::span<std::uint8_t> room_;
  std::uint64_t written_ = 0;
};

} // namespace

// LibLZF's format: a control byte below 32 starts a run of literals; any other a copy, its length in the
// upper three bits (7: more in the next byte), its distance in 13 bits.
Decoded Codecs::lzf(Bytes in, std::span<std::uint8_t> room) {
  ByteReader reader(in);
  Output out(room);
  while (!reader.at_end()) {
    const Decoded damaged{End::damaged, reader.offset()};
    const unsigned control = *reader.u8();
    if (control < 32) {
      const std::optional<Bytes> literals = reader.take(control + 1);
      if (!literals) return damaged;
      if (!out.has_room(literals->size())) return {End::longer};
      out.literals(*literals);
      continue;
    }
    std::uint64_t length = control >> 5;
    if (length == 7) {
      const std::optional<std::uint8_t> more = reader.u8();
      if (!more) return damaged;
      length += *more;
    }
    length += 2;
    const std::optional<std::uint8_t> low = reader.u8();
    if (!low) return damaged;
    const std::uint64_t distance = (std::uint64_t{control & 0x1f} << 8) + *low + 1;
    if (distance > out.written()) return damaged;
    if (!out.has_room(length)) return {End::longer};
    out.copy(distance, length);
  }
  return out.ended();
}

// blosclz.c, blosclz_decompress: as LZF, but the first control byte is always one of literals, long lengths
// go on in as many bytes of 255 as it takes, and a distance of all ones is followed by one of 16 bits. The
// decoder wants a byte behind the one that it reads, except behind the last copy's distance: where it
// refuses, so do we.
Decoded Codecs::blosclz(Bytes in, std::span<std::uint8_t> room) {
  constexpr std::uint64_t largest_near_distance = 8191;
  ByteReader reader(in);
  Output out(room);
  if (in.empty()) return {End::damaged};
  unsigned control = *reader.u8() & 31;
  while (true) {
    const Decoded damaged{End::damaged, reader.offset()};
    if (control < 32) {
      const std::optional<Bytes> literals = reader.take(control + 1);
      if (!literals) return damaged;
      if (!out.has_room(literals->size())) return {End::longer};
      out.literals(*literals);
    } else {
      std::uint64_t length = (control >> 5) - 1, distance = std::uint64_t{control & 31} << 8;
      if (length == 6) {
        unsigned more = 255;
        while (more == 255) {
          if (reader.remaining() < 2) return damaged;
          more = *reader.u8();
          length += more;
        }
      } else if (reader.remaining() < 2) {
        return damaged;
      }
      length += 3;
      if (reader.at_end()) return damaged;
      const unsigned low = *reader.u8();
      if (low == 255 && distance == 31u << 8) {
        if (reader.remaining() < 2) return damaged;
        distance = (std::uint64_t{*reader.u8()} << 8);
        distance += *reader.u8();
        distance += largest_near_distance;
      } else {
        distance += low;
      }
      if (!out.has_room(length)) return {End::longer};
      if (distance + 1 > out.written()) return damaged;
      // A copy that ends the stream is passed over, as in the decoder.
      if (reader.at_end()) break;
      out.copy(distance + 1, length);
    }
    if (reader.at_end()) break;
    control = *reader.u8();
  }
  return out.ended();
}

} // namespace datavet::hdf5
