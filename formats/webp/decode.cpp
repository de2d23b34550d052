#include "formats/webp/decode.h"

#include <memory>
#include <vector>

#include <fmt/format.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include "formats/webp/rules.h"

namespace datavet {

namespace {

using Demuxer = std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)>;
using AnimDecoder = std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)>;

std::string_view name_of(VP8StatusCode status) {
  switch (status) {
  case VP8_STATUS_OK: return "ok";
  case VP8_STATUS_OUT_OF_MEMORY: return "out of memory";
  case VP8_STATUS_INVALID_PARAM: return "invalid parameter";
  case VP8_STATUS_BITSTREAM_ERROR: return "bitstream error";
  case VP8_STATUS_UNSUPPORTED_FEATURE: return "unsupported feature";
  case VP8_STATUS_SUSPENDED: return "suspended";
  case VP8_STATUS_USER_ABORT: return "aborted";
  case VP8_STATUS_NOT_ENOUGH_DATA: return "not enough data";
  }
  return "unknown status";
}

/// Decodes a still image to RGBA: its chunks alone, as Pillow does. Given the whole file, libwebp reads on
/// into the chunks that follow, and does not see that the image data ended early.
void decode_still(Bytes bytes, WebPDemuxer *demuxer, Evidence &evidence) {
  WebPIterator frame;
  if (WebPDemuxGetFrame(demuxer, 1, &frame) == 0) {
    evidence.findings.add(webp::decode_container, 0, 0, "libwebp: the file has no image");
    return;
  }
  const std::size_t stride = std::size_t{4} * static_cast<std::size_t>(frame.width);
  std::vector<std::uint8_t> pixels(stride * static_cast<std::size_t>(frame.height));
  WebPDecoderConfig config;
  VP8StatusCode status = VP8_STATUS_INVALID_PARAM;
  if (WebPInitDecoderConfig(&config) != 0) {
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA = {pixels.data(), static_cast<int>(stride), pixels.size()};
    status = WebPDecode(frame.fragment.bytes, frame.fragment.size, &config);
    WebPFreeDecBuffer(&config.output);
  }
  if (status != VP8_STATUS_OK)
    evidence.findings.add(webp::decode_image, static_cast<std::uint64_t>(frame.fragment.bytes - bytes.data()),
                          frame.fragment.size, fmt::format("libwebp: {}", name_of(status)));
  WebPDemuxReleaseIterator(&frame);
}

/// The place of a frame's image data in the file.
std::uint64_t offset_of_frame(WebPDemuxer *demuxer, int number, Bytes bytes) {
  WebPIterator frame;
  if (WebPDemuxGetFrame(demuxer, number, &frame) == 0) return 0;
  const std::uint64_t offset = static_cast<std::uint64_t>(frame.fragment.bytes - bytes.data());
  WebPDemuxReleaseIterator(&frame);
  return offset;
}

/// Renders every frame of an animation, as Pillow does.
void decode_animation(Bytes bytes, WebPDemuxer *demuxer, Evidence &evidence) {
  WebPAnimDecoderOptions options;
  if (WebPAnimDecoderOptionsInit(&options) == 0) return;
  options.color_mode = MODE_RGBA;
  options.use_threads = 0;
  const WebPData data{bytes.data(), bytes.size()};
  AnimDecoder decoder(WebPAnimDecoderNew(&data, &options), WebPAnimDecoderDelete);
  if (!decoder) {
    evidence.findings.add(webp::decode_container, 0, 0, "libwebp: no decoder for the animation");
    return;
  }
  for (int number = 1; WebPAnimDecoderHasMoreFrames(decoder.get()) != 0; ++number) {
    std::uint8_t *canvas = nullptr;
    int timestamp = 0;
    if (WebPAnimDecoderGetNext(decoder.get(), &canvas, &timestamp) != 0) continue;
    evidence.findings.add(webp::decode_image, offset_of_frame(demuxer, number, bytes), 0,
                          fmt::format("libwebp: frame {} cannot be decoded", number));
    return;
  }
}

} // namespace

void webp_decode(const DecodeInput &input, const Limits &limits, Evidence &evidence) {
  const WebPData data{input.bytes.data(), input.bytes.size()};
  Demuxer demuxer(WebPDemux(&data), WebPDemuxDelete);
  if (!demuxer) {
    evidence.findings.add(webp::decode_container, 0, 0, "libwebp: WebPDemux() refuses the file");
    return;
  }
  Facts &facts = evidence.facts;
  const std::uint32_t flags = WebPDemuxGetI(demuxer.get(), WEBP_FF_FORMAT_FLAGS);
  facts.width = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH);
  facts.height = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
  facts.frames = WebPDemuxGetI(demuxer.get(), WEBP_FF_FRAME_COUNT);
  facts.bits = 8;
  facts.channels = (flags & ALPHA_FLAG) != 0 ? 4 : 3;
  facts.colour = facts.channels == 4 ? Colour::rgba : Colour::rgb;
  const std::uint64_t pixels = std::uint64_t{facts.width} * facts.height;
  facts.decoded_bytes = pixels * facts.channels;
  if (pixels > limits.pixels || pixels > limits.decoded_bytes / 4) {
    evidence.findings.add(webp::image_limit, 0, 0, fmt::format("{} x {} pixels", facts.width, facts.height));
    return;
  }
  if ((flags & ANIMATION_FLAG) != 0)
    decode_animation(input.bytes, demuxer.get(), evidence);
  else
    decode_still(input.bytes, demuxer.get(), evidence);
}

void webp_warm_up() {
  // libwebp picks its kernels for this processor on first use: let it, with a 1 x 1 lossless image.
  static constexpr std::uint8_t one_pixel[] = {'R',  'I', 'F', 'F', 20,  0,    0,    0, 'W', 'E',
                                               'B',  'P', 'V', 'P', '8', 'L',  8,    0, 0,   0,
                                               0x2f, 0,   0,   0,   0,   0x88, 0x88, 8};
  Evidence ignored;
  webp_decode({Bytes(one_pixel), nullptr}, Limits{}, ignored);
}

std::string webp_version() {
  const int version = WebPGetDecoderVersion();
  return fmt::format("{}.{}.{}", version >> 16, version >> 8 & 0xff, version & 0xff);
}

} // namespace datavet
