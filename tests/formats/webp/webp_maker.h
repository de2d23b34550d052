/// Makes WebP files: pictures by libwebp's encoder, containers by hand, so that a test can break any part of
/// them.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <webp/encode.h>

#include "tests/support/damage.h"

namespace datavet::test {

enum class WebpKind { lossy, lossy_alpha, lossless, lossless_alpha };

/// A colour gradient with a little texture, so that it neither compresses to nothing nor looks like noise.
inline Blob gradient_rgba(int width, int height, bool alpha, unsigned seed = 0) {
  Blob pixels;
  pixels.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const unsigned texture = static_cast<unsigned>(x * 7 + y * 13) * 2654435761u >> 28;
      pixels.push_back(static_cast<std::uint8_t>(x * 255 / width));
      pixels.push_back(static_cast<std::uint8_t>(y * 255 / height));
      pixels.push_back(static_cast<std::uint8_t>(seed * 40 + texture * 4));
      pixels.push_back(static_cast<std::uint8_t>(alpha ? (x + y) * 255 / (width + height) : 255));
    }
  return pixels;
}

/// A complete file as libwebp's encoder writes it.
inline Blob encode_webp(WebpKind kind, int width, int height, unsigned seed = 0) {
  const bool alpha = kind == WebpKind::lossy_alpha || kind == WebpKind::lossless_alpha;
  const Blob pixels = gradient_rgba(width, height, alpha, seed);
  const bool lossless = kind == WebpKind::lossless || kind == WebpKind::lossless_alpha;
  std::uint8_t *output = nullptr;
  const std::size_t size = lossless ? WebPEncodeLosslessRGBA(pixels.data(), width, height, 4 * width, &output)
                                    : WebPEncodeRGBA(pixels.data(), width, height, 4 * width, 80, &output);
  if (size == 0) throw std::runtime_error("libwebp did not encode");
  Blob file(output, output + size);
  WebPFree(output);
  return file;
}

inline void put_le(Blob &blob, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) blob.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// One RIFF chunk: name, size, payload, padding.
inline Blob chunk(std::string_view name, const Blob &payload) {
  Blob blob(name.begin(), name.end());
  put_le(blob, payload.size(), 4);
  blob.insert(blob.end(), payload.begin(), payload.end());
  if (payload.size() % 2 != 0) blob.push_back(0);
  return blob;
}

/// The file around its chunks.
inline Blob riff(const std::vector<Blob> &chunks) {
  Blob body{'W', 'E', 'B', 'P'};
  for (const Blob &part : chunks) body.insert(body.end(), part.begin(), part.end());
  Blob blob{'R', 'I', 'F', 'F'};
  put_le(blob, body.size(), 4);
  blob.insert(blob.end(), body.begin(), body.end());
  return blob;
}

enum WebpFlag : unsigned {
  has_animation = 0x02,
  has_xmp = 0x04,
  has_exif = 0x08,
  has_alpha = 0x10,
  has_icc = 0x20
};

inline Blob vp8x(unsigned flags, int width, int height) {
  Blob payload;
  put_le(payload, flags, 4);
  put_le(payload, static_cast<std::uint64_t>(width - 1), 3);
  put_le(payload, static_cast<std::uint64_t>(height - 1), 3);
  return chunk("VP8X", payload);
}

inline Blob anim(std::uint32_t background = 0, std::uint16_t loops = 0) {
  Blob payload;
  put_le(payload, background, 4);
  put_le(payload, loops, 2);
  return chunk("ANIM", payload);
}

/// The chunks ALPH, "VP8 " and VP8L of a file, as a frame holds them.
inline Blob image_chunks(const Blob &file) {
  Blob images;
  for (std::size_t at = 12; at + 8 <= file.size();) {
    const std::size_t size = file[at + 4] | file[at + 5] << 8 | file[at + 6] << 16;
    const std::size_t whole = 8 + size + size % 2;
    const std::string_view name(reinterpret_cast<const char *>(&file[at]), 4);
    if (name == "ALPH" || name == "VP8 " || name == "VP8L")
      images.insert(images.end(), file.begin() + static_cast<std::ptrdiff_t>(at),
                    file.begin() + static_cast<std::ptrdiff_t>(at + whole));
    at += whole;
  }
  return images;
}

/// A frame at x, y (even numbers) of an animation.
inline Blob anmf(int x, int y, int width, int height, int milliseconds, const Blob &images) {
  Blob payload;
  for (int field : {x / 2, y / 2, width - 1, height - 1, milliseconds})
    put_le(payload, static_cast<std::uint64_t>(field), 3);
  payload.push_back(0); // blend, do not dispose
  payload.insert(payload.end(), images.begin(), images.end());
  return chunk("ANMF", payload);
}

/// A still file with a VP8X chunk.
inline Blob extended_webp(WebpKind kind, int width, int height, unsigned flags,
                          const std::vector<Blob> &before = {}, const std::vector<Blob> &after = {}) {
  std::vector<Blob> chunks{vp8x(flags, width, height)};
  chunks.insert(chunks.end(), before.begin(), before.end());
  chunks.push_back(image_chunks(encode_webp(kind, width, height)));
  chunks.insert(chunks.end(), after.begin(), after.end());
  return riff(chunks);
}

/// An animation whose frames fill the canvas, but for the last, which lies in its lower right quarter.
inline Blob animated_webp(int width, int height, int frames) {
  std::vector<Blob> chunks{vp8x(has_animation, width, height), anim()};
  for (int i = 0; i < frames; ++i) {
    const bool quarter = i > 0 && i + 1 == frames;
    const int x = quarter ? width / 4 * 2 : 0, y = quarter ? height / 4 * 2 : 0;
    const Blob images =
        image_chunks(encode_webp(WebpKind::lossy, width - x, height - y, static_cast<unsigned>(i)));
    chunks.push_back(anmf(x, y, width - x, height - y, 100, images));
  }
  return riff(chunks);
}

} // namespace datavet::test
