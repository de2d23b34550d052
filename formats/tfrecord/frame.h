/// The frame around one record: what lies at a place of a shard, and what is wrong with it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include <datavet/finding.h>
#include <datavet/options.h>

#include "formats/bytes/bytes.h"
#include "formats/bytes/endian.h"
#include "formats/tfrecord/length_crc.h"

namespace datavet::tfrecord {

// TensorFlow, core/lib/io/record_writer.h:
//   Format of a single record:
//     uint64    length
//     uint32    masked crc of length
//     byte      data[length]
//     uint32    masked crc of data
// All integers are little-endian.
inline constexpr std::uint64_t length_size = 8;
inline constexpr std::uint64_t header_size = length_size + 4;
inline constexpr std::uint64_t footer_size = 4;
inline constexpr std::uint64_t framing_size = header_size + footer_size;

/// The little-endian number at `offset`, which the caller has seen to lie inside. A single load: reading the
/// header as a struct, through an optional, took longer than the CRC of a record of 300 bytes.
template <class Unsigned> Unsigned stored_at(Bytes bytes, std::uint64_t offset) {
  using Stored = std::conditional_t<std::endian::native == std::endian::little, Unsigned,
                                    DiskInteger<Unsigned, ByteOrder::little>>;
  Stored number;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

/// CRC-32C as it is stored. TensorFlow, core/lib/hash/crc32c.h: "it is problematic to compute the CRC of a
/// string that contains embedded CRCs. Therefore we recommend that CRCs stored somewhere (e.g., in files)
/// should be masked before being stored."
constexpr std::uint32_t masked(std::uint32_t crc) { return std::rotr(crc, 15) + 0xa282ead8; } // "Rotate right by 15 bits and add a constant."
std::uint32_t masked_crc32c(Bytes bytes);

/// What the first bytes of `rest` say of the record that begins there.
struct Frame {
  enum class State : std::uint8_t {
    complete,     ///< the record lies in `rest` as a whole
    header_cut,   ///< too few bytes for a header
    length_wrong, ///< the length's CRC does not match: no length is known
    over_limit,   ///< larger than a sample may be; perhaps cut too
    cut,          ///< `rest` ends before the record does
  };
  State state;
  std::uint64_t length = 0; ///< of the data
  std::uint64_t size = 0;   ///< of the record, framing included; the least possible when no length is known
  std::uint32_t stored = 0; ///< CRC of the length
  std::uint32_t computed = 0;
};

// Inline: for a record of 300 bytes the call and what it returns through memory cost as much as the CRC.
inline Frame frame_at(Bytes rest, const Limits &limits) {
  if (rest.size() < header_size) return {.state = Frame::State::header_cut, .size = header_size};
  const auto length = stored_at<std::uint64_t>(rest, 0);
  Frame frame{.state = Frame::State::complete,
              .length = length,
              .size = header_size,
              .stored = stored_at<std::uint32_t>(rest, length_size),
              .computed = masked(crc32c_of_length(length))};
  if (frame.stored != frame.computed) {
    frame.state = Frame::State::length_wrong;
    return frame;
  }
  // A length may be anything once its CRC matches; a size that does not fit in 64 bits ends at the largest.
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  frame.size = length > largest - framing_size ? largest : length + framing_size;
  if (frame.size > limits.sample_bytes)
    frame.state = Frame::State::over_limit;
  else if (frame.size > rest.size())
    frame.state = Frame::State::cut;
  return frame;
}

/// Both CRCs of the data of a complete record.
struct DataCrc {
  std::uint32_t stored;
  std::uint32_t computed;
};
DataCrc data_crc_of(Bytes record);

/// The stream ends `left` bytes behind the start of a record's header.
Finding finding_of_cut_header(std::uint64_t left, bool all_zero, std::uint64_t offset);
/// The record is larger than a sample may be.
Finding finding_of_limit(const Frame &frame, std::uint64_t offset);
/// The stream ends `missing` bytes before a record over the limit does.
Finding finding_of_passed_over(std::uint64_t missing, std::uint64_t end_of_stream);

} // namespace datavet::tfrecord
