/// Seeded mutants of PNG and APNG files: of the chunks, with CRCs that are right again, of the compressed
/// stream, of the bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <random>
#include <utility>

#include "tests/formats/png/png_writer.h"
#include "tests/support/damage.h"

namespace datavet::test {

using Random = std::mt19937;

inline std::uint32_t below(Random &random, std::size_t bound) {
  return static_cast<std::uint32_t>(random() % bound);
}

inline PngSpec random_spec(Random &random) {
  const auto [colour, depth] = legal_kinds[below(random, legal_kinds.size())];
  return {.width = 1 + below(random, 30),
          .height = 1 + below(random, 12),
          .colour = colour,
          .depth = depth,
          .interlaced = below(random, 2) == 0,
          .palette_entries = colour == 3 ? 1 + below(random, 1u << depth) : 0,
          .idat_chunks = 1 + below(random, 3),
          .zlib_level = static_cast<int>(below(random, 10))};
}

inline PngBytes random_bytes(Random &random, std::size_t size) {
  PngBytes bytes(size);
  for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

inline PngChunk random_ancillary(Random &random) {
  static constexpr const char *types[] = {
      "gAMA", "cHRM", "sRGB", "sBIT", "bKGD", "hIST", "tRNS", "pHYs", "tIME", "tEXt", "zTXt", "iTXt", "iCCP",
      "sPLT", "eXIf", "oFFs", "pCAL", "sCAL", "acTL", "fcTL", "fdAT", "cICP", "prVt", "vpAg", "tesT"};
  static constexpr std::size_t lengths[] = {0, 1, 2, 3, 4, 6, 7, 8, 9, 13, 26, 32, 768};
  PngChunk chunk{types[below(random, std::size(types))],
                 random_bytes(random, lengths[below(random, std::size(lengths))])};
  if (below(random, 2) == 0)
    for (std::uint8_t &byte : chunk.data) byte &= 3; // small numbers, many NULs
  return chunk;
}

inline PngBytes idat_stream(const Png &png) {
  PngBytes stream;
  for (const PngChunk &chunk : png.chunks)
    if (chunk.type == "IDAT") stream.insert(stream.end(), chunk.data.begin(), chunk.data.end());
  return stream;
}

/// One change that keeps the CRCs right, so that what lies beneath them is reached.
inline void mutate_chunks(Png &png, const PngSpec &spec, Random &random) {
  const std::size_t at = below(random, png.chunks.size());
  const auto where = png.chunks.begin() + static_cast<std::ptrdiff_t>(at);
  switch (below(random, 9)) {
  case 0: png.chunks.insert(where, random_ancillary(random)); break;
  case 1: png.chunks.erase(where); break;
  case 2: png.chunks.insert(where, png.chunks[below(random, png.chunks.size())]); break;
  case 3: std::swap(png.chunks[at], png.chunks[below(random, png.chunks.size())]); break;
  case 4:
    if (!where->data.empty())
      where->data[below(random, where->data.size())] ^= static_cast<std::uint8_t>(1u << below(random, 8));
    break;
  case 5: where->data.resize(below(random, where->data.size() + 20)); break;
  case 6: where->type[below(random, 4)] ^= static_cast<char>(1u << below(random, 7)); break;
  case 7:
    png.chunks[0].data[below(random, png.chunks[0].data.size())] =
        static_cast<std::uint8_t>(below(random, 20));
    break;
  default: { // rows that are wrong, in a stream that is right
    PngBytes rows = filtered_rows(spec);
    if (below(random, 2) == 0)
      rows.resize(below(random, 2 * rows.size() + 1));
    else
      rows[below(random, rows.size())] = static_cast<std::uint8_t>(random());
    const PngBytes stream = zlib_stream(rows, spec.zlib_level, 9 + static_cast<int>(below(random, 7)));
    bool first = true;
    for (PngChunk &chunk : png.chunks)
      if (chunk.type == "IDAT") chunk.data = std::exchange(first, false) ? stream : PngBytes{};
  }
  }
  if (png.chunks.empty() || png.chunks[0].data.empty())
    png.chunks.insert(png.chunks.begin(), ihdr_chunk(spec));
}

/// One change to the bytes themselves.
inline void mutate_bytes(Blob &blob, Random &random) {
  if (blob.empty()) return;
  const std::size_t at = below(random, blob.size());
  switch (below(random, 5)) {
  case 0: blob[at] ^= static_cast<std::uint8_t>(1u << below(random, 8)); break;
  case 1: blob[at] = static_cast<std::uint8_t>(random()); break;
  case 2: blob.resize(at); break;
  case 3: blob = erase(blob, at, std::min<std::size_t>(1 + below(random, 8), blob.size() - at)); break;
  default: blob = insert(blob, at, random_bytes(random, 1 + below(random, 8)));
  }
}

/// A picture or an animation, changed in none, one or several of these ways.
inline Blob random_mutant(Random &random) {
  const PngSpec spec = random_spec(random);
  Png png = below(random, 4) == 0
                ? make_apng(spec, {{1 + below(random, spec.width), 1 + below(random, spec.height), 0, 0}})
                : make_png(spec);
  for (unsigned i = below(random, 3); i > 0; --i)
    png.chunks.insert(png.chunks.begin() + 1 + below(random, png.chunks.size() - 1),
                      random_ancillary(random));
  for (unsigned i = below(random, 3); i > 0; --i) mutate_chunks(png, spec, random);
  if (below(random, 6) == 0) { // a compressed stream that is wrong, in chunks that are right
    PngBytes stream = idat_stream(png);
    for (unsigned i = below(random, 3); !stream.empty() && i > 0; --i) mutate_bytes(stream, random);
    bool first = true;
    for (PngChunk &chunk : png.chunks)
      if (chunk.type == "IDAT") chunk.data = std::exchange(first, false) ? stream : PngBytes{};
  }
  Blob blob = png.bytes();
  if (below(random, 3) == 0) mutate_bytes(blob, random);
  return blob;
}

} // namespace datavet::test
