#include "formats/tfrecord/frame.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "formats/checksum/crc32c.h"
#include "formats/tfrecord/rules.h"

namespace datavet::tfrecord {

namespace {

// TensorFlow, core/lib/hash/crc32c.h: "Rotate right by 15 bits and add a constant."
constexpr std::uint32_t mask_delta = 0xa282ead8;

/// A length may be anything once its CRC matches; a size that does not fit in 64 bits ends at the largest.
constexpr std::uint64_t framed_size(std::uint64_t length) {
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  return length > largest - framing_size ? largest : length + framing_size;
}

bool all_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string detail_of_wrong_length(const Frame &frame, Bytes rest) {
  const std::string crcs = fmt::format("stored {:08x}, computed {:08x}", frame.stored, frame.computed);
  const Bytes looked_at = rest.first(std::min<std::uint64_t>(rest.size(), tail_looked_at));
  if (!all_zero(looked_at))
    return fmt::format("{}: the length {} is not to be believed, and what follows cannot be framed", crcs,
                       frame.length);
  return fmt::format(
      "{}: {}{} bytes from here on are all zero, as in a file that was allocated but not written to "
      "its end; what follows cannot be framed",
      crcs, looked_at.size() == tail_looked_at ? "at least " : "", looked_at.size());
}

} // namespace

std::uint32_t masked(std::uint32_t crc) { return std::rotr(crc, 15) + mask_delta; }
std::uint32_t masked_crc32c(Bytes bytes) { return masked(crc32c(bytes)); }

Frame frame_at(Bytes rest, const Limits &limits) {
  if (rest.size() < header_size) return {.state = Frame::State::header_cut, .size = header_size};
  Frame frame{.state = Frame::State::complete,
              .length = stored_at<std::uint64_t>(rest, 0),
              .size = header_size,
              .stored = stored_at<std::uint32_t>(rest, length_size),
              .computed = masked_crc32c(rest.first(length_size))};
  if (frame.stored != frame.computed) {
    frame.state = Frame::State::length_wrong;
    return frame;
  }
  frame.size = framed_size(frame.length);
  if (frame.size > limits.sample_bytes)
    frame.state = Frame::State::over_limit;
  else if (frame.size > rest.size())
    frame.state = Frame::State::cut;
  return frame;
}

Finding finding_of(const Frame &frame, Bytes rest, std::uint64_t offset) {
  switch (frame.state) {
  case Frame::State::complete: break;
  case Frame::State::header_cut:
    return {&tail_torn, offset, rest.size(),
            fmt::format("a record's header needs {} bytes, {} are left{}", header_size, rest.size(),
                        all_zero(rest) ? ", all of them zero" : "")};
  case Frame::State::length_wrong:
    return {&length_crc, offset, rest.size(), detail_of_wrong_length(frame, rest)};
  case Frame::State::over_limit:
    return {&record_limit, offset, frame.size, fmt::format("the record's data are {} bytes", frame.length)};
  case Frame::State::cut:
    return {&tail_torn, offset, rest.size(),
            fmt::format("the record needs {} bytes, {} are left", frame.size, rest.size())};
  }
  return {&tail_torn, offset, 0, {}}; // not reached: a complete frame has no finding
}

Finding finding_of_passed_over(std::uint64_t missing, std::uint64_t end_of_stream) {
  return {&tail_torn, end_of_stream, 0,
          fmt::format("the record over the limit goes on for {} bytes behind the end", missing)};
}

} // namespace datavet::tfrecord
